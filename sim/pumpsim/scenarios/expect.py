"""What a scenario expects, held against what happened. Owns the words of [[expect]]; changes nothing.

An expectation is looked at in an instant (at, after; the end where neither is given), or over a stretch of time that
begins there (within; to the end where it is left out).
"""

from dataclasses import dataclass

from pump import board, bolus, record
from pump.alarms import TABLE
from pump.boluses import DENIALS
from pump.reasons import NAMES as REASONS
from pumpsim.invariants.standing import lost_steps
from pumpsim.scenarios.player import status_of
from pumpsim.scenarios.words import (
    ScenarioError,
    duration_ms,
    number,
    of_kind,
    one_of,
    placed,
    rate_nl_per_h,
    volume_nl,
    whole,
)

NAMES = {name for name, *_ in TABLE if name}
STATES = ("stopped", "running", "suspended", "priming", "withdrawing", "fault", "off")
LAMPS = {"off": board.PATTERN_OFF, "stopped": board.PATTERN_STOPPED, "running": board.PATTERN_RUNNING,
         "suspended": board.PATTERN_SUSPENDED, "low": board.PATTERN_LOW, "medium": board.PATTERN_MEDIUM,
         "high": board.PATTERN_HIGH}
# Volumes: {word: what it is of (status, plant)}; each with a tolerance of 0 where none is given
VOLUMES = {
    "delivered": lambda status, plant: status["delivered_nl"],
    "bolused": lambda status, plant: status["bolus_nl"],
    "primed": lambda status, plant: status["prime_nl"],
    "withdrawn": lambda status, plant: status["withdrawn_nl"],
    "uncertain": lambda status, plant: status["uncertain_nl"],
    "reservoir": lambda status, plant: status["reservoir_nl"],
    "outlet": lambda status, plant: plant.delivered_ul * 1000,
    "leaked": lambda status, plant: plant.leaked_ul * 1000,
    "air": lambda status, plant: plant.vessel.get("air", 0.0) * 1000,
    "stored": lambda status, plant: plant.stored_ul * 1000,
    "displaced": lambda status, plant: plant.displaced_ul * 1000,
}
INSTANT = ("state", "alarms", "rate", "lamp", "reason", "pressure", "clock_error", *VOLUMES)
OVER_TIME = ("alarm", "no_alarm", "event", "reaches")
MORE = {"alarm": (), "no_alarm": (), "reaches": (), "event": ("count", "least", "outcome", "denial"),
        "pressure": ("tolerance_kpa",), "clock_error": ("tolerance",)}
READERS = {"count": whole, "least": whole, "tolerance_kpa": number,
           "outcome": lambda word: one_of(word, bolus.OUTCOME_NAMES), "denial": lambda word: one_of(word, DENIALS)}
OF_BOLUSES = ("outcome", "denial")


@dataclass
class Outcome:
    """One expectation and what came of it; `ms`: when, "" in happened where it is as expected."""

    text: str
    ms: int
    happened: str = ""


class Expectation:
    def __init__(self, table, scenario):
        of_kind(table, dict, "a table")
        kinds = [key for key in (*INSTANT, *OVER_TIME) if key in table]
        if len(kinds) != 1:
            known = ", ".join((*INSTANT, *OVER_TIME))
            raise ScenarioError(f"one of {known} is needed; found {', '.join(kinds) or 'none'}")
        self.kind, = kinds
        self._table = table
        self._scenario = scenario
        more = MORE.get(self.kind, ("tolerance",) if self.kind in VOLUMES else ())
        known = (self.kind, "at", "after", *more, *(("within",) if self.kind in OVER_TIME else ()))
        for key in table:
            if key not in known:
                raise ScenarioError(f"{self.kind} takes no {key!r}; it takes {', '.join(known[1:])}")
            if key in READERS:
                placed(key, READERS[key], table[key])
            if key in OF_BOLUSES and table["event"] != "bolus":
                raise ScenarioError(f"{key} is of the event bolus, not of {table['event']}")
        default_ms = 0 if self.kind in OVER_TIME else scenario.length_ms
        self.ms = default_ms
        if "at" in table and "after" in table:
            raise ScenarioError("at or after, not both")
        if "at" in table:
            self.ms = scenario.time.ms_of(table["at"])
        elif "after" in table:
            self.ms = duration_ms(table["after"])
        self.end_ms = self.ms + duration_ms(table["within"]) if "within" in table else scenario.length_ms
        if max(self.ms, self.end_ms) > scenario.length_ms:
            raise ScenarioError("it is looked at after the end; let the scenario last longer")
        self.wanted = self._read(table[self.kind])
        self.text = ", ".join(f"{key} {value}" for key, value in table.items())

    @property
    def is_of_an_instant(self):
        return self.kind in INSTANT

    def look(self, played):
        """The outcome at this instant."""
        return Outcome(self.text, self.ms, self._look(played))

    def look_back(self, played):
        """The outcome over the time from `ms` on."""
        return Outcome(self.text, self.ms, getattr(self, "_look_back_" + self.kind)(played))

    def _read(self, value):
        kind = self.kind
        if kind in VOLUMES:
            self._tolerance = volume_nl(self._table.get("tolerance", "0 nL"))
            return volume_nl(value)
        if kind == "rate":
            return rate_nl_per_h(value)
        if kind == "pressure":
            self._tolerance = self._table.get("tolerance_kpa", 0)
            return number(value)
        if kind == "clock_error":
            self._tolerance = duration_ms(self._table.get("tolerance", "1 s"))
            return duration_ms(value)
        if kind in ("state", "reaches"):
            return one_of(value, STATES)
        if kind == "lamp":
            return one_of(value, LAMPS)
        if kind in ("alarm", "no_alarm"):
            return one_of(value, sorted(NAMES))
        if kind == "alarms":
            return sorted(one_of(name, sorted(NAMES)) for name in of_kind(value, list, "a list of alarms"))
        if kind == "reason":
            return one_of(value, (*REASONS, *sorted(NAMES)))
        return one_of(value, record.EVENT_NAMES[1:])

    # at an instant: "" or what there was instead

    def _look(self, played):
        kind, pump = self.kind, played.pump
        pump.poll()                                     # the pump's own time is that of its last poll
        if kind == "state":
            return "" if pump.state == self.wanted else pump.state
        if kind == "pressure":
            found = played.plant.pressure_kpa
            return "" if abs(found - self.wanted) <= self._tolerance else f"{found:.2f} kPa"
        status = status_of(pump)
        if kind in ("outlet", "leaked", "air", "stored", "displaced") or (kind in VOLUMES and status):
            found = VOLUMES[kind](status, played.plant)
            return "" if abs(found - self.wanted) <= self._tolerance else f"{found / 1000:.3f} uL"
        if status is None:
            return "no answer: " + pump.state
        if kind == "clock_error":
            return self._look_at_clock(status, pump)
        if kind == "lamp":
            found = pump.board.indicator.pattern
            return "" if found == LAMPS[self.wanted] else next(name for name in LAMPS if LAMPS[name] == found)
        found = {"alarms": sorted(status["alarms"]), "rate": status["rate_nl_per_h"], "reason": status["reason"]}[kind]
        return "" if found == self.wanted else str(found) or "nothing"

    def _look_at_clock(self, status, pump):
        if status["utc_ms"] is None:
            return "no time"
        error_ms = abs(status["utc_ms"] - self._scenario.time.start_utc_ms - pump.now_ms)
        return "" if abs(error_ms - self.wanted) <= self._tolerance else f"{error_ms} ms"

    # over a stretch of time

    def _look_back_alarm(self, played):
        found = [ms for ms, name in played.watch.raised if name == self.wanted]
        if any(self.ms <= ms <= self.end_ms for ms in found):
            return ""
        return "raised at " + ", ".join(map(self._clock, found)) if found else "never raised"

    def _look_back_no_alarm(self, played):
        found = [ms for ms, name in played.watch.raised if name == self.wanted and self.ms <= ms <= self.end_ms]
        return "raised at " + ", ".join(map(self._clock, found)) if found else ""

    def _look_back_reaches(self, played):
        if any(state == self.wanted and self.ms <= ms <= self.end_ms for ms, state in played.watch.states):
            return ""
        return "states: " + ", ".join(f"{state} at {self._clock(ms)}" for ms, state in played.watch.states)

    def _look_back_event(self, played):
        found = [raw for raw in played.records.values() if self._is_wanted(raw)]
        count, least = self._table.get("count"), self._table.get("least", 1)
        if len(found) == count if count is not None else len(found) >= least:
            return ""
        return f"{len(found)} such events in the journal"

    def _is_wanted(self, raw):
        head = record.header(raw)
        if record.EVENT_NAMES[head[7]] != self.wanted:
            return False
        ms = head[1] * 1000 + head[3] - self._scenario.time.start_utc_ms
        if head[1] and not self.ms <= ms <= self.end_ms and ("within" in self._table or self.ms):
            return False
        if "outcome" in self._table and bolus.OUTCOME_NAMES[head[10] % 16] != self._table["outcome"]:
            return False
        if "denial" in self._table:
            return DENIALS[record.data_of(raw, record.BOLUS)[6]] == self._table["denial"]
        return True

    def _clock(self, ms):
        return self._scenario.time.clock(ms)


def read_expectations(scenario):
    """All of a scenario, checked; ScenarioError for the first that is wrong."""
    found = []
    for at, table in enumerate(scenario.expectations):
        found.append(placed(f"{scenario.path}: [[expect]] number {at + 1}", Expectation, table, scenario))
    return found


def ledger_outcome(played):
    """Always expected: the pump's accounts cover every edge on the step pin (J-02, D-03). "" or what is wrong."""
    status = status_of(played.pump)
    if status is None or played.slack_steps is None:
        return ""
    ledger = played.pump.app.parts.delivery.ledger
    least = ledger.counted_steps - played.slack_steps
    most = ledger.counted_steps + played.slack_steps + ledger.uncertain_steps + ledger.uncertain_prime_steps
    most += sum(lost_steps(raw) for raw in played.records.values())
    made = played.watch.edges()
    return "" if least <= made <= most else f"{made} edges on the step pin; the pump says {least} to {most}"
