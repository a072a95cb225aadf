"""The first-run checklist: its steps in their order, and what each sees for itself or asks. Knows no command.

Nothing moves without a yes, and whatever ends a motion early stops the pump.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from pump import board as contract
from pump.rig import Rig
from pumpctl.errors import HostError
from pumpctl.progress import progress
from pumpctl.pump import Pump
from pumpctl.transferring import transferred
from pumpctl.transport import NoConnectionError

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
SHOW_S = 10                   # the longest that a pump gives a pattern for
PRESS_S = 30.0                # how long somebody may take to reach the pump
LOOK_EACH_S = 0.05
PRESSED_COUNTS = 256          # 16 of the ADC's own counts: what noise alone does not do
LONGEST_S = 60                # a motion whose volume nobody gave
CLOCK_SLACK_S = 2             # the DS3231 counts whole seconds; pump.selftest allows as much

# Step: the parts, keys of pump.rig.PARTS, of which one has to be fitted
STEPS = {"pump": (), "clock": ("ds3231",), "lamp": (), "buzzer": ("buzzer",), "button": (), "stop": (),
         "limit": ("limit",), "pressure": ("adc", "hx711"), "forward": (), "backward": ()}
_COLOURS = ((contract.PATTERN_HIGH, "red, two blinks a second"), (contract.PATTERN_MEDIUM, "yellow, 1 s on, 1 s off"),
            (contract.PATTERN_LOW, "cyan, steady"))
_ONE_COLOUR = ((contract.PATTERN_HIGH, "two blinks a second"), (contract.PATTERN_LOW, "steady"))
_NOBODY = (None, "needs somebody at the pump: run it on a terminal")
Outcome = tuple[bool | None, str]


class Finding(NamedTuple):
    step: str
    result: str               # PASSED, FAILED or SKIPPED
    text: str


class Person(Protocol):
    """Somebody at the pump."""

    def agrees(self, question: str) -> bool:
        """Their yes or no."""
        ...

    def hears(self, text: str) -> None:
        """What they are to do."""
        ...


class Checklist:
    def __init__(self, pump: Pump, rig: Rig, person: Person | None, may_move: bool = False,
                 turn_nl: int | None = None, sleep: Callable[[float], None] = time.sleep):
        """rig: the pump's; person: None where nobody is there; may_move: the yes to both motions, which is asked for
        otherwise; turn_nl: of each motion; None: a revolution, or what part of it fits a minute."""
        self._pump = pump
        self._rig = rig
        self._person = person
        self._may_move = may_move
        self._turn_nl = turn_nl or revolution_nl(rig)
        self._sleep = sleep
        self._do = {"pump": self._stands, "clock": self._clock, "lamp": self._lamp, "buzzer": self._buzzer,
                    "button": lambda: self._switch("button", "press the button, and let it go"),
                    "stop": self._stop_switch,
                    "limit": lambda: self._switch("limit", "close the limit switch by hand, and open it"),
                    "pressure": self._pressure,
                    "forward": lambda: self._turn(False), "backward": lambda: self._turn(True)}

    def steps(self) -> list[str]:
        """Those that there is something for in this rig."""
        fitted = set(self._rig.parts)
        return [step for step, parts in STEPS.items() if not parts or fitted & set(parts)]

    def do(self, step: str) -> Finding:
        """One step. What the pump refuses, or what ends otherwise than it should, is a step that failed.

        NoConnectionError where the pump is gone: then its motor may be turning.
        """
        try:
            passed, text = self._do[step]()
        except NoConnectionError:
            raise
        except HostError as error:
            passed, text = False, f"{error.message}; {error.hint}" if error.hint else error.message
        return Finding(step, SKIPPED if passed is None else PASSED if passed else FAILED, text)

    def _stands(self) -> Outcome:
        """What the pump has found out by itself."""
        status, inputs = self._pump.status(), self._pump.inputs()
        if status.self_test:
            return False, f"its own self-test failed: {', '.join(status.self_test)}; see firmware/WIRING.md"
        if inputs.active:
            return False, f"active at rest: {', '.join(inputs.active)}; see the wires"
        if status.state == "fault":
            return False, f"alarms: {', '.join(status.alarms)}; pumpctl ack when the cause is gone"
        return True, f"its own self-test passed; supply {inputs.supply_mv / 1000:.2f} V, chip {inputs.chip_c} °C"

    def _lamp(self) -> Outcome:
        colours = {"rgb", "leds"} & set(self._rig.parts)
        return self._looks("the lamp", "light up", _COLOURS if colours else _ONE_COLOUR)

    def _buzzer(self) -> Outcome:
        return self._looks("the buzzer", "sound", ((contract.PATTERN_HIGH, "two beeps a second"),))

    def _looks(self, what: str, verb: str, patterns: tuple[tuple[int, str], ...]) -> Outcome:
        """Somebody looks; what was not seen is shown once more, since it is over after 10 s."""
        if self._person is None:
            return _NOBODY
        for pattern, how in patterns:
            for question in (f"does {what} {verb} now: {how}?", f"once more: does {what} {verb} now: {how}?"):
                self._pump.show(pattern, SHOW_S)
                if self._person.agrees(question):
                    break
            else:
                return False, f"not seen: {how}; see its wires, and [parts] and [pins] of the rig"
        return True, "; ".join(how for _, how in patterns)

    def _stop_switch(self) -> Outcome:
        """No rig says whether there is one, so that it is asked for."""
        if self._person is not None and not self._person.agrees("is a stop switch wired?"):
            return True, "none is wired: its pin reads as open"
        return self._switch("stop", "close the stop switch, and open it")

    def _switch(self, name: str, do: str) -> Outcome:
        """Sees an input change twice; acknowledges the fault that this may have been to the pump."""
        if self._person is None:
            return _NOBODY
        if name in self._pump.inputs().active:
            return False, "active before anybody touched it; see its wires"
        stood = self._pump.status().state == "stopped"
        self._person.hears(f"{do}; waiting {PRESS_S:.0f} s")
        for is_active, missing in ((True, "nothing came"), (False, "it stayed active")):
            if not self._comes(name, is_active):
                return False, f"{missing} within {PRESS_S:.0f} s; see its wires"
        if stood and self._pump.status().state == "fault":
            self._pump.ack()
        return True, "seen, closed and open"

    def _comes(self, name: str, is_active: bool) -> bool:
        for _ in range(round(PRESS_S / LOOK_EACH_S)):
            if (name in self._pump.inputs().active) == is_active:
                return True
            self._sleep(LOOK_EACH_S)
        return False

    def _turn(self, backwards: bool) -> Outcome:
        """A revolution by a yes, counted by the pump, seen by the person."""
        where = "backwards, which sucks" if backwards else "forwards, which pushes fluid out"
        planned = self._rig.ratio.steps_of_nl(self._turn_nl)
        revolutions = planned / self._rig.steps_per_rev
        asks = (f"the motor turns {where}: {revolutions:.3g} revolutions, {self._turn_nl / 1000:g} µL, in "
                f"{self._turn_nl * 3600 / self._rig.prime_nl_per_h:.0f} s; may it?")
        if not self._may_move:
            if self._person is None:
                return None, "the motor moves only by a yes: on a terminal, or with --yes"
            if not self._person.agrees(asks):
                return None, "the motor was not to move"
        counted = self._moved(backwards)
        text = f"{counted} of {planned} steps counted"
        if abs(counted - planned) > self._rig.tolerance_steps:
            return False, f"{text}; see the driver's wires"
        if self._person is None:
            return True, f"{text}; nobody saw the motor turn"
        if not self._person.agrees(f"did it turn {where}: {revolutions:.3g} revolutions?"):
            return False, f"{text}, but not seen; see the motor's coils, DIR, microsteps and current"
        return True, f"{text}, and seen"

    def _moved(self, backwards: bool) -> int:
        with progress("backward" if backwards else "forward", 1) as on_part:
            return transferred(self._pump, self._rig, self._turn_nl, on_part, backwards, self._sleep)

    def _pressure(self) -> Outcome:
        rest = self._pump.inputs().pressure
        low, high = self._rig.pressure_least, self._rig.pressure_limit
        if rest is None or rest < max(low, 0):
            return False, f"no sensible reading: {rest}; see its wires"
        if high and rest > high:
            return False, f"{rest} counts at rest, above pressure_limit {high}"
        if self._person is None:
            return None, f"{rest} counts at rest; nobody to press the sensor"
        if not self._person.agrees("press the sensor, or pinch the tube, and hold: is it pressed now?"):
            return None, f"{rest} counts at rest"
        pressed = self._pump.inputs().pressure
        text = f"{rest} counts at rest, {pressed} pressed"
        return (pressed or 0) - rest >= PRESSED_COUNTS, text

    def _clock(self) -> Outcome:
        kept_s, utc_ms = self._pump.inputs().rtc_utc_s, self._pump.status().utc_ms
        if kept_s is None:
            return False, "the DS3231 does not answer, or had stopped: see wires and battery, then pumpctl clock set"
        if utc_ms is None:
            return False, "not set: pumpctl clock set, and look again after a power-up"
        if abs(utc_ms // 1000 - kept_s) > CLOCK_SLACK_S:
            return False, f"the DS3231 is {kept_s - utc_ms // 1000:+d} s from the pump's clock: pumpctl clock set"
        return True, "set, and the DS3231 has the same time"


def revolution_nl(rig: Rig) -> int:
    """What a revolution of the motor moves, up to a whole nL; at most what the rig primes at once and in a minute, at
    least a step."""
    step_nl = -(-rig.pl_per_rev // (1000 * rig.steps_per_rev))
    in_time_nl = max(step_nl, rig.prime_nl_per_h * LONGEST_S // 3600)
    return min(-(-rig.pl_per_rev // 1000), rig.max_prime_nl, in_time_nl)
