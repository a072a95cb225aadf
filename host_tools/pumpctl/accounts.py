"""Every nanolitre of a journal, or of a part of it, by day and account. Pure functions; owns the sums and their checks.

Doses are basal and boluses; what was primed and withdrawn is no dose; what a power loss left uncertain was delivered at
most. All are counted in steps. Volumes are differences of cumulative volumes, rounded down (uncertain ones up), each
with the rig in force at the time, so that days and accounts add up exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from fractions import Fraction

from pump import record
from pump.volume import StepRatio
from pumpctl.doses import BOLUS_PERIOD, DAY_MS, Dose, doses_of
from pumpctl.events import PRIME
from pumpctl.localtime import MINUTE_MS

RatioOf = Callable[[str], StepRatio]      # the beginning of a rig's digest in hex to what a step of it moves


@dataclass
class Sums:
    """Nanolitres and steps of one day, or of all. `delivered` is basal and boluses; `uncertain` is beyond it, at most.

    due_steps: programmed less delivered, in steps, exactly.
    """

    programmed_nl: int = 0
    delivered_nl: int = 0
    bolus_nl: int = 0
    uncertain_nl: int = 0
    primed_nl: int = 0
    uncertain_prime_nl: int = 0
    withdrawn_nl: int = 0
    steps: int = 0
    bolus_steps: int = 0
    uncertain_steps: int = 0
    primed_steps: int = 0
    uncertain_prime_steps: int = 0
    withdrawn_steps: int = 0
    due_steps: Fraction = Fraction(0)

    @property
    def basal_nl(self) -> int:
        return self.delivered_nl - self.bolus_nl

    def plus(self, other: Sums) -> Sums:
        return Sums(**{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(Sums)})


@dataclass
class Accounts:
    """By local day since 1970-01-01, 0 for a time that was not known. ahead_steps: authorised at the end beyond what
    was confirmed. `knows_uncertain`: the records say how much was uncertain before them."""

    days: dict[int, Sums] = field(default_factory=dict)
    ahead_steps: int = 0
    ahead_nl: int = 0
    knows_uncertain: bool = True

    @property
    def total(self) -> Sums:
        found = Sums()
        for sums in self.days.values():
            found = found.plus(sums)
        return found


def accounts_of(raws: Iterable[bytes], rig: StepRatio, ratio_of: RatioOf | None = None,
                before: tuple[int, int] | None = None) -> Accounts:
    """The accounts of records in a row. `rig` is in force at the first; `ratio_of` finds those that follow.

    before: uncertain steps of doses and of primes before the first record, None where nobody knows.
    """
    walk = _Walk(rig, ratio_of or (lambda digest: rig), before)
    for raw in raws:
        walk.take(raw)
    return walk.finished()


class _Walk:
    def __init__(self, ratio: StepRatio, ratio_of: RatioOf, before: tuple[int, int] | None):
        self._ratio = ratio
        self._ratio_of = ratio_of
        self._found = Accounts(knows_uncertain=before is not None)
        self._dose: Dose | None = None
        self._day_then = 0            # of the newest record whose time was known: a power loss takes the clock with it
        self._uncertain: dict[str, int | None] = dict(zip(("uncertain", "uncertain_prime"), before or (None, None),
                                                          strict=True))
        self._sums = Sums()                           # cumulative steps of boluses, primes and the like
        self._takers = {record.EVENT_TRANSFER: self._transfer, record.EVENT_ACCOUNTS: self._accounts,
                        record.EVENT_LEVELS: self._levels, record.EVENT_RIG: self._rig}

    def take(self, raw: bytes) -> None:
        head = record.header(raw)
        event = head[7]
        if head[1]:
            self._day_then = (head[1] * 1000 + head[3] + head[5] * MINUTE_MS) // DAY_MS
        if event in record.DOSE_EVENTS:
            [dose] = doses_of([raw])
            if self._dose is not None:
                self._stretch(self._dose, dose)
            self._dose = dose
            self._found.ahead_steps = record.data_of(raw, record.DOSE)[2]
        elif event in self._takers:
            self._takers[event](raw, head[10], self._day_then)

    def finished(self) -> Accounts:
        self._found.ahead_nl = -self._ratio.nl_of_steps(-self._found.ahead_steps)
        return self._found

    def _day(self, day: int) -> Sums:
        return self._found.days.setdefault(day, Sums())

    def _stretch(self, before: Dose, after: Dose) -> None:
        """From one dose record to the next: as in doses.days."""
        steps = after.steps - before.steps
        runs = before.is_running and after.utc_ms > before.utc_ms
        programmed_pl = after.programmed_pl - before.programmed_pl
        if not runs and not steps and not programmed_pl:
            return
        day = self._day((before if before.is_running or not after.utc_ms else after).local_day)
        day.programmed_nl += after.programmed_pl // 1000 - before.programmed_pl // 1000
        day.steps += steps
        day.delivered_nl += self._ratio.nl_of_steps(after.steps) - self._ratio.nl_of_steps(before.steps)
        day.due_steps += Fraction(programmed_pl * self._ratio.steps_per_rev, self._ratio.pl_per_rev) - steps
        self._add(day, "bolus", (after.bolus_steps - before.bolus_steps) % BOLUS_PERIOD)

    def _add(self, day: Sums, account: str, steps: int, up: bool = False) -> None:
        """More steps of an account; its volume is the difference of what is cumulative, rounded down, or up."""
        sign = -1 if up else 1
        past = getattr(self._sums, f"{account}_steps")
        nl = sign * (self._ratio.nl_of_steps(sign * (past + steps)) - self._ratio.nl_of_steps(sign * past))
        setattr(self._sums, f"{account}_steps", past + steps)
        setattr(day, f"{account}_steps", getattr(day, f"{account}_steps") + steps)
        setattr(day, f"{account}_nl", getattr(day, f"{account}_nl") + nl)

    def _transfer(self, raw: bytes, code: int, day: int) -> None:
        moved = record.data_of(raw, record.TRANSFER)[2]
        if moved:
            self._add(self._day(day), "primed" if code >> 4 == PRIME else "withdrawn", moved)

    def _accounts(self, raw: bytes, code: int, day: int) -> None:
        self._settle("uncertain", record.data_of(raw, record.ACCOUNTS)[3], day)
        self._found.ahead_steps = 0 if self._dose is None or not self._dose.is_running else self._found.ahead_steps

    def _levels(self, raw: bytes, code: int, day: int) -> None:
        self._settle("uncertain_prime", record.data_of(raw, record.LEVELS)[5], day)

    def _settle(self, account: str, steps: int, day: int) -> None:
        """A sum over the journal's whole life has been written: what it is more than before came at this day."""
        past = self._uncertain[account]
        self._uncertain[account] = steps
        if past is not None and steps > past:
            self._add(self._day(day), account, steps - past, up=True)

    def _rig(self, raw: bytes, code: int, day: int) -> None:
        self._ratio = self._ratio_of(record.data_of(raw, record.IMAGE)[0].hex())


def uncertain_before(raw: bytes, first_seq: int) -> tuple[int, int] | None:
    """Uncertain steps of doses and primes by the last sums before record `first_seq` of a journal; (0, 0) at its
    beginning, None where the records do not reach back that far."""
    doses = primes = None
    for at in range(0, len(raw), record.SIZE):
        part = raw[at:at + record.SIZE]
        if record.seq_of(part) >= first_seq:
            break
        event = record.header(part)[7]
        if event == record.EVENT_ACCOUNTS:
            doses = record.data_of(part, record.ACCOUNTS)[3]
        elif event == record.EVENT_LEVELS:
            primes = record.data_of(part, record.LEVELS)[5]
    if doses is not None and primes is not None:
        return doses, primes
    starts = record.seq_of(raw) if raw else 0
    return (doses or 0, primes or 0) if starts == 0 else None
