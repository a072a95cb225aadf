"""BenchPump: a simulated pump with the words of a bench test. Owns no rule of dosing: all is asked of the firmware."""

import json
import re
import tempfile
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from pump.appointments import instant_of
from pump.zone import Zone
from pumpfiles import checks
from pumpfiles.program_file import load_program
from pumpfiles.rig_file import load_rig
from pumpsim import faults
from pumpsim.device import SimPump
from pumpsim.plant import Plant
from pumpsim.testing.archive import Archive
from pumpsim.testing.bench_host import BenchHost, silence
from pumpsim.testing.events import Journal
from pumpsim.testing.quantity import Rate, Volume, duration_ms, duration_s

DEFAULT_RIG = Path(__file__).with_name("bench.toml")
START = "2026-01-05T00:00"                     # local; a Monday, months from any change of daylight saving
EPOCH = datetime(1970, 1, 1)
DAY_MS = 86_400_000
MINUTE_MS = 60_000
KEEP_EVERY_MS = DAY_MS       # the busiest program writes some 5000 records in it, the pump holds 10,000
PRESS_S = 0.2
PERCENT = re.compile(r"([0-9]+) ?%")
SETTLED_MS = 1000             # after power-up: by then the button has been seen released


class BenchPump:
    """Volumes and rates are `Volume` and `Rate` or texts with units; durations texts such as "10 min".

    Requests that the pump refuses raise pumpsim.host.RefusedError with the pump's `code` and words. `sim` is the
    SimPump below, for all that has no word here.
    """

    def __init__(self, rig=DEFAULT_RIG, plant=None, battery_clock=False):
        """`rig`: path of a rig file. `plant`: parameters of a pumpsim.Plant by name, {} for one without effects, None
        for none. `battery_clock`: a DS3231 is fitted. HostError, with line and column, for a wrong rig file."""
        self.rig = load_rig(rig)
        self.plant = None if plant is None else Plant.of_rig(json.loads(self.rig.body), **plant)
        self.sim = SimPump(plant=self.plant)
        if battery_clock:
            self.sim.rtc.fit()
        self.sim.run_for(SETTLED_MS)
        self._host = BenchHost(self.sim)
        self._zone = Zone(0, [])
        self._archive = Archive(self.sim)
        self._host.commit("rig", self.rig.body)

    # programming

    def program(self, program, start=START, run=True):
        """Pushes a program: a path, or the text of a TOML file. With the first one the clock is set to `start`, a local
        time in the program's zone, and the schedule begins, unless `run` is False. HostError, with line and column,
        where it is wrong or beyond the rig's limits."""
        moment = datetime.fromisoformat(start)
        with tempfile.TemporaryDirectory() as folder:
            path = program
            if isinstance(program, str) and "\n" in program:
                path = Path(folder) / "program.toml"
                path.write_text(program, encoding="utf-8")
            read = load_program(path, moment.replace(tzinfo=UTC))
        checks.check(read, self.rig.rig)
        zone = json.loads(read.body)["zone"]
        self._zone = Zone(zone["first_offset_min"], zone["changes"])
        self._host.commit("program", read.body)
        if self._shown["utc_ms"] is None:
            self.set_clock(start)
            self._host.do("ack")
        if run and self.state == "stopped":
            self.start()

    def set_clock(self, local):
        """Sets the pump's clock to a local time such as "2026-03-29T01:30"."""
        self._host.do("clock", utc_ms=self._utc_ms(datetime.fromisoformat(local)))

    def _utc_ms(self, local):
        minutes, seconds = divmod((local - EPOCH) // timedelta(seconds=1), 60)
        return instant_of(self._zone, minutes)[0] * MINUTE_MS + seconds * 1000

    # time

    def advance(self, days=0, hours=0, minutes=0, seconds=0):
        """Lets pump time pass, exactly to the ms. ValueError for less than none."""
        ms = round(1000 * (seconds + 60 * (minutes + 60 * (hours + 24 * days))))
        if ms < 0:
            raise ValueError(f"time goes forward only, not by {ms / 1000:g} s; try the fault clock_jump")
        while ms > 0:
            self.sim.run_for(min(ms, KEEP_EVERY_MS))
            ms -= KEEP_EVERY_MS
            self._archive.keep()

    def at(self, local):
        """Lets time pass until the pump's clock next shows "08:00", or "2026-03-29T08:00". ValueError for the past."""
        now_ms = self._shown["utc_ms"]
        if now_ms is None:
            raise ValueError(f"the pump's clock is not set, so it never shows {local}; push a program first")
        try:
            wanted = datetime.fromisoformat(local) if "T" in local else datetime.strptime(local, "%H:%M").time()
        except ValueError:
            raise ValueError(f"{local!r} is no time of day; give one as \"08:00\" or \"2026-03-29T08:00\"") from None
        if "T" in local:
            target_ms = self._utc_ms(wanted)
        else:
            day = self._local(now_ms).date()
            target_ms = self._utc_ms(datetime.combine(day, wanted))
            if target_ms <= now_ms:
                target_ms = self._utc_ms(datetime.combine(day + timedelta(days=1), wanted))
        if target_ms < now_ms:
            raise ValueError(f"{local} has been; the pump's clock shows {self.now}")
        self.advance(seconds=(target_ms - now_ms) / 1000)

    def _local(self, utc_ms):
        return EPOCH + timedelta(milliseconds=utc_ms, minutes=self._zone.lookup(utc_ms // MINUTE_MS)[0])

    @property
    def now(self):
        """The pump's local time, "2026-01-05 08:00:00"; None while its clock is not set, or without power."""
        status = self.status
        return None if not status or status["utc_ms"] is None else str(self._local(status["utc_ms"]))[:19]

    # operating

    def start(self):
        self._host.do("start")

    def stop(self):
        self._host.do("stop")

    def suspend(self):
        self._host.do("suspend")

    def resume(self):
        self._host.do("resume")

    def acknowledge(self):
        self._host.do("ack")

    def bolus(self, volume=None, over="1 min"):
        """A bolus by the host; without a volume the program's on-demand bolus."""
        if volume is None:
            self._host.do("bolus", volume_nl=0, over_s=0, confirm=0)
        else:
            self._host.do("bolus", volume_nl=Volume.of(volume).whole_nl, over_s=duration_s(over), confirm=1)

    def cancel(self):
        self._host.do("cancel")

    def temporary(self, rate, for_):
        """Another rate for a time: "150%" of the schedule's, or a rate."""
        percent = PERCENT.fullmatch(rate) if isinstance(rate, str) else None
        self._host.do("temp", percent=int(percent[1]) if percent else -1,
                      rate_nl_per_h=0 if percent else Rate.of(rate).whole_nl, for_s=duration_s(for_))

    def prime(self, volume):
        self._host.do("prime", volume_nl=Volume.of(volume).whole_nl)

    def withdraw(self, volume):
        self._host.do("withdraw", volume_nl=Volume.of(volume).whole_nl)

    def refill(self, added, withdrawn=None):
        self._host.do("refill", added_nl=Volume.of(added).whole_nl,
                      withdrawn_nl=-1 if withdrawn is None else Volume.of(withdrawn).whole_nl)

    def press_button(self, seconds=PRESS_S):
        """Presses the button for so long and lets that time pass; some 3 s are a hold."""
        self.sim.press(round(seconds * 1000))
        self.advance(seconds=seconds + 0.1)    # and it has bounced

    # what goes wrong

    def inject(self, fault, for_=None, when=None):
        """A fault of pumpsim.faults, now, or when a pumpsim.faults.condition holds; `for_`: a duration after which it
        ends, to the ms. ValueError where it cannot be; where it waits for its condition, out of `advance`."""
        if not isinstance(fault, faults.Fault):
            raise TypeError(f"{fault!r} is no fault; write one with its parameters, such as inject(occlusion())")
        for_ms = None if for_ is None else duration_ms(for_)
        if when is None:
            self._apply(fault, for_ms)
        else:
            self.sim.when(when, lambda: self._apply(fault, for_ms))

    def _apply(self, fault, for_ms):
        self._archive.keep()                   # a pump without power would have no journal to show
        self.sim.faults.apply(fault, for_ms)

    def clear(self, name=None):
        """Ends a fault by its name, or all."""
        if name is None:
            self.sim.faults.clear_all()
        else:
            self.sim.clear(name)

    def power_cut(self, for_="10 s"):
        """The power goes and comes back."""
        self.inject(faults.make("power_cut"), for_)
        self.advance(seconds=duration_ms(for_) / 1000 + 0.001)

    # what it shows

    @property
    def status(self):
        """The pump's status by the names of PROTOCOL.md, also while its link is cut; None without power."""
        if not self.sim.is_on or self.sim.is_starved:
            return None
        return dict(self.sim.app.service.status(self.sim.app.clock.mono_ms, 0))

    @property
    def _shown(self):
        status = self.status
        if status is None:
            raise ValueError(f"the pump shows nothing: {silence(self.sim)}")
        return status

    @property
    def state(self):
        """stopped, running, suspended, priming, withdrawing, fault, or off."""
        return self.sim.state

    @property
    def reason(self):
        return self._shown["reason"]

    @property
    def alarms(self):
        """Names of the alarms shown, the highest priority first."""
        return self._shown["alarms"]

    @property
    def rate(self):
        return Rate(self._shown["rate_nl_per_h"])

    @property
    def delivered(self):
        """Doses counted on the step pin, basal and boluses, rounded down to nL."""
        return Volume(self._shown["delivered_nl"])

    @property
    def programmed(self):
        """What schedule and boluses asked for, rounded down to nL."""
        return Volume(self._shown["programmed_nl"])

    @property
    def bolused(self):
        """Of `delivered` the boluses' part."""
        return Volume(self._shown["bolus_nl"])

    @property
    def primed(self):
        return Volume(self._shown["prime_nl"])

    @property
    def uncertain(self):
        """Authorised before power cuts and never confirmed, rounded up to nL."""
        return Volume(self._shown["uncertain_nl"])

    @property
    def reservoir(self):
        """What is left at least."""
        return Volume(self._shown["reservoir_nl"])

    @property
    def step(self):
        """The volume of one step; no volume is delivered in smaller pieces."""
        return Volume(Fraction(self.rig.rig.pl_per_rev, self.rig.rig.steps_per_rev * 1000))

    @property
    def journal(self):
        """All records so far as events, those included that the pump has dropped since."""
        return self._archive.journal()

    def describe(self, last=12):
        """Where it stands, and the last events: what a failed test shows."""
        status = self.status
        why = f" ({status['reason']})" if status and status["reason"] else ""
        when = self.now or ("clock not set" if status else f"{self.sim.now_ms / 1000:g} s after it was switched on")
        lines = [f"{when}, {self.state}{why}"]
        if status:
            lines += [f"delivered {self.delivered}, programmed {self.programmed}, uncertain {self.uncertain}, "
                      f"a step is {self.step}", f"rate {self.rate}, reservoir {self.reservoir}",
                      f"alarms: {', '.join(self.alarms) or 'none'}"]
        lines.append(f"faults: {', '.join(self.sim.faults.active()) or 'none'}")
        told = [event for event in self.journal if event.name != "checkpoint"]
        return "\n".join([*lines, "last events, without checkpoints:", repr(Journal(told[-last:]))])
