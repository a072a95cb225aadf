"""The tests that marks find in a flow: stretches of one rate, boluses, occlusions; and why one is left out. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flowtest.doses import Dose, Occlusion, dose_of
from flowtest.flow import SAMPLE_S, Flow
from flowtest.marks import Mark

SAME_S = 0.001                # what is written as one instant in two files may differ by as much
DISTURBING = ("start", "stop", "bolus", "occluded", "alarm", "released", "other")


class LeftOutError(ValueError):
    """A test that the readings do not allow; the message says why."""


@dataclass(frozen=True)
class Stretch:
    """From a start to whatever came next, in s of the flow."""

    begin_s: float
    end_s: float
    rate_ul_per_h: float


@dataclass
class Found:
    """notes: what was left out, and why."""

    stretches: list[Stretch] = field(default_factory=list)
    doses: list[Dose] = field(default_factory=list)
    occlusions: list[Occlusion] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def found_by(flow: Flow, marks: Sequence[Mark], settle_s: float, when: Callable[[float], str]) -> Found:
    """All that the readings hold.

    A bolus is weighed from the last reading before it to the last one until `settle_s` after its end, or until whatever
    came sooner; what the line gives back after an occlusion likewise, from the release on. What the rate gave in that
    time is taken off. when: an instant of the flow in words, for the notes.
    """
    return _Marked(flow, marks, settle_s, when).tests()


class _Marked:
    def __init__(self, flow: Flow, marks: Sequence[Mark], settle_s: float, when: Callable[[float], str]):
        self._flow = flow
        self._marks = sorted(marks, key=lambda mark: mark.time_s)         # of one instant they keep their order
        self._settle_s = settle_s
        self._when = when
        self._rates = _rates(self._marks)
        self._found = Found()
        self._told: set[int] = set()                                      # alarms and releases that an occlusion has

    def tests(self) -> Found:
        ways = {"start": self._stretch, "bolus": self._dose, "occluded": self._occlusion}
        for at, mark in enumerate(self._marks):
            if mark.kind in ways and mark.time_s <= self._flow.length_s:
                try:
                    ways[mark.kind](at)
                except LeftOutError as error:
                    self._note(at, f"left out: {error}")
        for at, mark in enumerate(self._marks):
            if mark.kind in ("alarm", "released") and at not in self._told and 0 <= mark.time_s <= self._flow.length_s:
                self._note(at, "no mark says when the line was occluded")
        return self._found

    def _note(self, at: int, text: str) -> None:
        mark = self._marks[at]
        name = f"{mark.kind} of {mark.requested_ul:g} uL" if mark.kind == "bolus" else mark.kind
        name += f" ({mark.text})" if mark.text else ""
        self._found.notes.append(f"{name} at {self._when(mark.time_s)}: {text}")

    def _stretch(self, at: int) -> None:
        mark, end_s = self._marks[at], min(self._disturbed_s(at), self._flow.length_s)
        if not mark.rate_ul_per_h > 0 or end_s <= 0:                      # of rate 0, in a ramp, before all readings
            return
        if mark.time_s < -SAMPLE_S:
            raise LeftOutError("it was before the first reading")
        if end_s - max(0.0, mark.time_s) < SAMPLE_S:
            raise LeftOutError(f"less than {SAMPLE_S} s until the rate changed or the readings ended")
        self._found.stretches.append(Stretch(max(0.0, mark.time_s), end_s, mark.rate_ul_per_h))

    def _dose(self, at: int) -> None:
        mark, done = self._marks[at], self._next(at, ("done",), ("bolus",))
        end_s = self._marks[done].time_s if done else mark.time_s
        if end_s < 0:
            return
        if done and self._marks[done].text:
            raise LeftOutError(f"it was {self._marks[done].text}")
        if done and self._disturbed_s(at) < end_s - SAME_S:
            raise LeftOutError("the rate changed before its end")
        most_s = self._disturbed_s(done or at)
        if done:
            most_s = min(most_s, end_s + self._settle_s)
        least_s = max((self._marks[one].time_s for one in range(at) if self._disturbs(one, or_ends=True)),
                      default=-math.inf)
        weighed = self._weighed(mark.time_s, least_s, end_s, most_s)
        self._found.doses.append(dose_of(self._flow, mark.requested_ul, *weighed, self._rate_before(at)))

    def _occlusion(self, at: int) -> None:
        mark, released = self._marks[at], self._next(at, ("released",), ("occluded",))
        alarm = self._next(at, ("alarm",), ("released", "occluded", "stop", "start"))
        ends = [one for one in (released, alarm) if one]
        self._told.update(ends)
        if mark.time_s < 0:
            return
        if not ends:
            raise LeftOutError("neither an alarm nor a release follows")
        rate = self._rate_before(at)
        if not rate:
            raise LeftOutError("nothing was running")
        kpas = [self._marks[one].kpa for one in ends if not math.isnan(self._marks[one].kpa)]
        alarm_after_s = self._marks[alarm].time_s - mark.time_s if alarm else None
        self._found.occlusions.append(Occlusion(rate, alarm_after_s, self._given_back_ul(at, released), *kpas[:1]))

    def _given_back_ul(self, at: int, released: int | None) -> float:
        """NaN, and a note, where it was not weighed."""
        if released is None:
            self._note(at, "no mark says when the line was released")
            return math.nan
        time_s = self._marks[released].time_s
        most_s = min(self._disturbed_s(released), time_s + self._settle_s)
        try:
            weighed = self._weighed(time_s, self._marks[at].time_s, time_s, most_s)
            return dose_of(self._flow, 1, *weighed, self._rate_before(released)).delivered_ul
        except LeftOutError as error:
            self._note(released, f"left out: {error}")
            return math.nan

    def _weighed(self, begin_s: float, least_s: float, end_s: float, most_s: float) -> tuple[float, float]:
        """Instants of the last reading before begin_s, not before least_s, and of the last one from end_s to most_s."""
        times = self._flow.time_s
        first, last = (times[times <= most + SAME_S] for most in (begin_s, most_s))
        if not len(first) or first[-1] < least_s - SAME_S:
            raise LeftOutError("no reading between it and what was before")
        if last[-1] < end_s - SAME_S or last[-1] <= first[-1]:
            raise LeftOutError("no reading between its end and what came next")
        return float(first[-1]), float(last[-1])

    def _next(self, at: int, kinds: tuple[str, ...], before: tuple[str, ...]) -> int | None:
        """The next mark of `kinds`, if none of `before` comes first."""
        for one in range(at + 1, len(self._marks)):
            if self._marks[one].kind in kinds:
                return one
            if self._marks[one].kind in before:
                return None
        return None

    def _disturbs(self, at: int, or_ends: bool = False) -> bool:
        kind = self._marks[at].kind
        changes = kind == "rate" and self._rates[at] != self._rates[at + 1]
        return kind in DISTURBING or changes or (or_ends and kind == "done")

    def _disturbed_s(self, at: int) -> float:
        """When the next mark changes the flow."""
        later = range(at + 1, len(self._marks))
        return next((self._marks[one].time_s for one in later if self._disturbs(one)), math.inf)

    def _rate_before(self, at: int) -> float:
        rate = self._rates[at]
        if math.isnan(rate):
            raise LeftOutError("the rate of that time is not known, or a ramp")
        return rate


def _rates(marks: Sequence[Mark]) -> list[float]:
    """Rates in uL/h: before the first mark, and after each."""
    rates = [0.0]
    for mark in marks:
        running = {"start": mark.rate_ul_per_h, "rate": mark.rate_ul_per_h, "stop": 0.0, "alarm": 0.0}
        rates.append(running.get(mark.kind, rates[-1]))
    return rates


