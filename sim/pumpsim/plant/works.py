"""The works of the plant: what moves where in a stretch of time. Owns volumes and true time; knows no pump.

It advances by stretches of even steps, at most CHUNK_S at once, each in closed form: a day costs some thousand.
"""

import math

from pumpsim.plant.contents import AIR, Contents
from pumpsim.plant.drive import Drive
from pumpsim.plant.line import Line
from pumpsim.plant.vessel import Vessel

CHUNK_S = 60.0                # longest stretch at once: pressures of stall and leak are looked at between two
SHORT_S = 1e-6                # no stretch is shorter: what happens at once takes so long
PULSE_PARTS = 16              # stretches of one roller's turn


class Works:
    def __init__(self, parameters, fluid):
        self.parameters = parameters
        self.drive = Drive(parameters)
        self.line = Line(parameters)
        self.contents = Contents(parameters.dead_volume_ul, fluid)
        self.vessel = Vessel(parameters)
        self.displaced_ul = 0.0        # by the head, forward
        self.leaked_ul = 0.0
        self.slipped_ul = 0.0          # back past the head into the reservoir; below 0: siphoned out of it
        self.out_ul = 0.0              # out of the outlet, air included
        self.added_ul = 0.0            # by refills
        self.drawn_ul = 0.0            # air, by rollers from an empty reservoir
        self.is_stalled = False
        self.now_s = 0.0
        self.first_stored_ul = self.line.stored_ul

    @property
    def delivered_ul(self):
        return self.out_ul - self.contents.vessel.get(AIR, 0.0)

    @property
    def left_ul(self):
        """In the reservoir; infinite where it is endless."""
        if not self.parameters.reservoir_ul:
            return math.inf
        return self.parameters.reservoir_ul + self.added_ul + self.drawn_ul - self.displaced_ul + self.slipped_ul

    @property
    def travel_ul(self):
        """How far the drive can go until the plunger is at its end: a sticking one is behind it."""
        return self.left_ul - self.drive.wound_ul

    def use(self, parameters):
        if parameters.temperature_c != self.parameters.temperature_c:
            self.vessel.keep(self.parameters, self.delivered_ul)
        self.parameters = parameters
        self.drive.use(parameters)
        self.line.use(parameters)
        loose_ul = self.drive.loosen()
        if loose_ul:
            self._flow(loose_ul, SHORT_S)

    def rest(self, until_s):
        """Nothing steps until then."""
        while until_s - self.now_s > SHORT_S:
            self._flow(0.0, min(CHUNK_S, until_s - self.now_s))

    def step(self, until_s, count, steps_per_s, is_reverse):
        """`count` even steps until then; steps_per_s: the pulses' rate, which the motor has to follow."""
        seconds = until_s - self.now_s
        parts = max(1, math.ceil(seconds / CHUNK_S))
        p = self.parameters
        if p.rollers and p.pulsation_percent:
            parts = max(parts, math.ceil(count * p.rollers * PULSE_PARTS / p.steps_per_rev))
        parts = min(parts, count)
        done = 0
        for part in range(1, parts + 1):
            upto = count * part // parts
            self._turn(upto - done, steps_per_s, is_reverse, seconds * (upto - done) / count)
            done = upto

    def _turn(self, count, steps_per_s, is_reverse, seconds):
        """So many steps as the motor can make of `count`; the rest are missed."""
        seconds = max(seconds, SHORT_S)
        made = self._steps_that_follow(count, steps_per_s, is_reverse, seconds)
        ul = self.drive.move(made, is_reverse) if made else 0.0
        if made:
            self._flow(ul, seconds * made / count)
        if made < count:
            self.drive.miss(count - made)
            self._flow(0.0, seconds * (count - made) / count)
        self.is_stalled = made < count

    def _steps_that_follow(self, count, steps_per_s, is_reverse, seconds):
        ul = self.drive.ul_per_step
        ul_per_s = ul * count / seconds
        stall_kpa = self.drive.stall_kpa(steps_per_s)
        if stall_kpa == -math.inf or (not is_reverse and self.line.kpa >= stall_kpa):
            return 0
        made = count
        if not is_reverse and self.parameters.reservoir_ul and not self.parameters.rollers:
            made = min(made, max(0, int(self.travel_ul / ul + 1e-6)))        # the plunger is at its end then
        if stall_kpa == math.inf or is_reverse or self.line.kpa_after(ul_per_s, seconds * made / count) <= stall_kpa:
            return made
        least, most = 0, made                          # the pressure rises with every step
        while most - least > 1:
            middle = (least + most) // 2
            if self.line.kpa_after(ul_per_s, seconds * middle / count) <= stall_kpa:
                least = middle
            else:
                most = middle
        return least

    def _flow(self, ul, seconds):
        """`ul` from the head, evenly, in so much time."""
        contents, line = self.contents, self.line
        line.is_dry = self.left_ul <= 0 and not self.parameters.rollers
        flow = line.advance(ul / seconds, seconds)
        dry_ul = ul - flow.slipped - max(0.0, self.left_ul)
        if dry_ul > 0 and self.parameters.rollers:
            self.drawn_ul += dry_ul                            # a tube in an empty bottle draws air
            contents.bubble(dry_ul)
        contents.move(flow.out)
        self.displaced_ul += ul
        self.out_ul += flow.out
        self.leaked_ul += flow.leaked
        self.slipped_ul += flow.slipped
        if contents.has_air or line.has_air:
            line.let_air(contents.air_ul)
        self.vessel.advance(self.parameters, self.delivered_ul, seconds)
        self.now_s += seconds
