"""The plant: everything between the step pin and the balance, at the pump's instant. Never touches the pump's logic.

It sees the edges on the step pin with direction and enable, and gives back pin levels, pressure and supply.
"""

from pump.board import INPUT_LIMIT, INPUT_STALL
from pumpsim.plant.line import OPEN, SHUT
from pumpsim.plant.parameters import Layers, Parameters
from pumpsim.plant.true_clock import TrueClock
from pumpsim.plant.works import Works

LOOK_KPA = 0.5                # the pump is shown the pressure at least so often on its way
LOOK_LEAST_MS, LOOK_MOST_MS = 20, 60_000
TICKS_PER_MS = 125_000
NEVER_MS = 1 << 62


class Plant:
    """`Plant(compliance_ul_per_kpa=12, resistance_kpa_s_per_ul=0.1)`; parameters.py has all there is.

    Attach it by SimPump(plant=...). Volumes in uL, readable at any time; `set` changes parameters in the middle, `hold`
    does until `let_go`.
    """

    def __init__(self, fluid="fluid", **parameters):
        """A line full of `fluid`, at rest. ValueError, with what to do, for parameters that are none."""
        self._layers = Layers(Parameters().changed(**parameters))
        self._works = Works(self._layers.now, fluid)
        self._clock = TrueClock(self.crystal_ppm)
        self._stretches = []           # (until ms, steps, interval in ms, is_reverse), not yet followed
        self._world = self._stepper = None
        self._shown_ppm = 0.0
        self.is_watched = False        # somebody waits for a pressure

    @classmethod
    def of_rig(cls, rig, fluid="fluid", **parameters):
        """With the head of a rig document (its pl_per_rev and steps_per_rev)."""
        head = {"ul_per_rev": rig["pl_per_rev"] / 1e6, "steps_per_rev": rig["steps_per_rev"]}
        return cls(fluid, **(head | parameters))

    # what it did until now

    @property
    def works(self):
        """The parts, as of this instant."""
        self._advance()
        return self._works

    @property
    def parameters(self):
        return self._works.parameters

    @property
    def displaced_ul(self):
        """By the head, forward less backward."""
        return self.works.displaced_ul

    @property
    def delivered_ul(self):
        """Fluid that came out of the outlet, whether it has evaporated since or not; no air."""
        return self.works.delivered_ul

    @property
    def vessel(self):
        """The same by fluid, and the air: {name: uL}."""
        return dict(self.works.contents.vessel)

    @property
    def evaporated_ul(self):
        return self.works.vessel.evaporated_ul

    @property
    def leaked_ul(self):
        return self.works.leaked_ul

    @property
    def slipped_ul(self):
        """Back past the head into the reservoir; below 0: siphoned out of it."""
        return self.works.slipped_ul

    @property
    def stored_ul(self):
        """What syringe and line hold more than at the beginning, by being under pressure."""
        return self.works.line.stored_ul - self.works.first_stored_ul

    @property
    def pressure_kpa(self):
        return self.works.line.kpa

    @property
    def left_ul(self):
        """In the reservoir; infinite where it is endless."""
        return self.works.left_ul

    @property
    def missed_steps(self):
        """Edges that moved nothing: the motor stalled or could not follow."""
        return self.works.drive.missed_steps

    @property
    def is_stalled(self):
        """It does not follow its steps, and its driver has current."""
        return self.works.is_stalled

    def balance_mg(self):
        """What the balance reads now; each reading has its own noise."""
        works = self.works
        return works.vessel.reading_mg(works.parameters, works.delivered_ul)

    # what the bench does to it

    def set(self, **parameters):
        """Other parameters from this instant on; ValueError, with what to do, for those that are none, that only a
        beginning has, or that a fault holds."""
        self._layers.change(**parameters)
        self._follow()

    def hold(self, who, **parameters):
        """The same until `who` lets go; meanwhile they go before those of `set`, and of holders before."""
        self._layers.hold(who, **parameters)
        self._follow()

    def let_go(self, who):
        self._layers.let_go(who)
        self._follow()

    def _follow(self):
        """What is in force is so from this instant on, and not before."""
        self.works.use(self._layers.now)
        self._clock.use(self.crystal_ppm, self._world.now_ms if self._world else 0)

    def occlude(self, factor=SHUT):
        """The line's resistance is `factor` times what it was; without a number it is shut."""
        self.works.line.obstruction = factor

    def release(self):
        """The occlusion is gone, at once: what was stored comes out."""
        self.works.line.obstruction = OPEN

    def change_fluid(self, fluid):
        """The reservoir holds another fluid; it reaches the outlet behind the dead volume."""
        self.works.contents.feed = fluid

    def bubble(self, ul):
        """The next `ul` that go into the line are air."""
        self.works.contents.bubble(ul)

    def refill(self, ul):
        """So much more is in the reservoir."""
        self.works.added_ul += ul

    # what the simulator does with it

    def connect(self, world, stepper):
        """The stepper of a boot: its edges are the plant's. The plant's time begins with the first one."""
        if self._world is None:
            self._clock.begin(world.now_ms)
        self._world, self._stepper = world, stepper

    def on_edges(self, first_tick, interval, count):
        """See SimStepper."""
        last_ms = (first_tick + (count - 1) * interval) / TICKS_PER_MS
        self._stretches.append((last_ms, count, interval / TICKS_PER_MS, self._stepper.is_reverse))

    def show(self, bench):
        """Lets the pump's inputs, pressure, supply and battery-backed clock be as they are at this instant."""
        works, p = self.works, self.parameters
        works.is_stalled = works.is_stalled and self._stepper.is_enabled       # a driver without current forgets it
        ends = p.end_switch and not p.rollers and works.travel_ul <= works.drive.ul_per_step / 2
        bench.inputs.wire((INPUT_STALL if works.is_stalled and p.diag else 0) | (INPUT_LIMIT if ends else 0))
        bench.pressure.wired = None
        if p.counts_per_kpa:
            bench.pressure.wired = max(0, round(p.counts_at_zero + p.counts_per_kpa * works.line.kpa))
        bench.supply.sag_mv = round(p.sag_mv) if p.sag_mv and self._stepper.is_enabled else 0
        if self.crystal_ppm != self._shown_ppm:
            self._shown_ppm = self.crystal_ppm
            bench.rtc.use_crystal(self.crystal_ppm)

    def look_ms(self):
        """How soon the pump has to be shown that again, ms: the pressure moves by LOOK_KPA at most meanwhile."""
        works, p = self._works, self.parameters
        is_syringe = p.reservoir_ul and not p.rollers
        if not (p.counts_per_kpa or p.stall_kpa or is_syringe or self.is_watched):
            return NEVER_MS
        ul_per_s = self._stepper.steps_per_s() * works.drive.ul_per_step
        ms = 1000 * works.line.seconds_to_move(LOOK_KPA, ul_per_s)
        if ul_per_s and is_syringe and works.travel_ul > works.drive.ul_per_step:
            ms = min(ms, 1000 * works.travel_ul / ul_per_s)
        return int(min(LOOK_MOST_MS, max(LOOK_LEAST_MS, ms)))

    @property
    def crystal_ppm(self):
        """By which the pump's crystal is fast at this temperature."""
        p = self.parameters
        return p.crystal_ppm + p.crystal_ppm_per_k * (p.temperature_c - 25)

    @property
    def now_s(self):
        """Seconds since the plant was attached, by a perfect clock."""
        return self.works.now_s

    def _advance(self):
        if not self._world:
            return
        self._stepper.edges()
        stretches, self._stretches = self._stretches, []
        works, s_of = self._works, self._clock.s_of
        for last_ms, count, interval_ms, is_reverse in stretches:
            begin_s = max(works.now_s, s_of(last_ms - count * interval_ms))
            works.rest(begin_s)
            works.step(max(begin_s, s_of(last_ms)), count, 1000 / interval_ms, is_reverse)
        works.rest(s_of(self._world.now_ms))
