"""The sums of a report, each held against another way to the same figure. Pure functions; owns their wording."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from pump import record
from pumpctl.events import PRIME, UNDER_WAY
from pumpctl.localtime import local_text
from pumpctl.reporting import Report
from pumpctl.tables import volume


class Check(NamedTuple):
    """Two ways to one figure. `agrees` None: nothing to compare, `found` says why."""

    what: str
    found: str
    expected: str
    agrees: bool | None


def checks_of(report: Report) -> list[Check]:
    return [_counted(report), _programmed(report), _boluses(report), *_accounts(report), *_reservoir(report)]


def _counted(report: Report) -> Check:
    """The days' steps against the pump's counter: first and last dose record."""
    days, counter = report.accounts.total.steps, report.results.steps
    return Check("steps delivered: all days, and the pump's counter", f"{days:,}", f"{counter:,}", days == counter)


def _programmed(report: Report) -> Check:
    """Rounded down, so between 0 and 1 step; but a reset or another rig forgets a part of a step, and the steps that a
    reset recovered had been programmed after the last record. A period may begin when a part of a step is due."""
    due = report.accounts.total.due_steps
    boots = [dose.event == record.EVENT_BOOT for dose in report.results.doses[1:]]
    recovered = sum(after.steps - before.steps for before, after in pairwise(report.results.doses)
                    if after.event == record.EVENT_BOOT)
    least, most = -1 - recovered, 1 + sum(boots) + len(report.results.rig_changes)
    return Check("steps programmed and not delivered", f"{float(due):.3f}",
                 f"more than {least}, less than {most}" + (", for resets" if any(boots) else ""), least < due < most)


def _boluses(report: Report) -> Check:
    """Each bolus's own record against the bolus share of the dose records."""
    name = "steps of boluses: each bolus, and the pump's account"
    rows = report.results.events.boluses
    given = [row for row in rows if row.outcome not in ("denied", "skipped")]
    if any(row.outcome == UNDER_WAY or row.start is None for row in given):
        return Check(name, "one began before the period, or goes on", "", None)
    found, account = sum(row.delivered_steps for row in given), report.accounts.total.bolus_steps
    return Check(name, f"{found:,}", f"{account:,}", found == account)


def _parts(raw: bytes) -> Iterator[bytes]:
    return (raw[at:at + record.SIZE] for at in range(0, len(raw), record.SIZE))


def _accounts(report: Report) -> Iterator[Check]:
    """Transfers between the first and the last sums that the pump wrote against the difference of those."""
    sums, moved, moved_then = [], [0, 0], (0, 0)
    for part in _parts(report.results.run.raw):
        head = record.header(part)
        if head[7] == record.EVENT_TRANSFER and sums:
            moved[0 if head[10] >> 4 == PRIME else 1] += record.data_of(part, record.TRANSFER)[2]
        elif head[7] == record.EVENT_ACCOUNTS:
            sums.append(record.data_of(part, record.ACCOUNTS))
            moved_then = (moved[0], moved[1])
    for at, name in enumerate(("primed", "withdrawn")):
        what = f"steps {name}: each transfer, and the pump's account"
        if len(sums) < 2:
            yield Check(what, "the pump wrote its sums less than twice in this period", "", None)
            continue
        account = sums[-1][at + 1] - sums[0][at + 1]
        yield Check(what, f"{moved_then[at]:,}", f"{account:,}", moved_then[at] == account)


def _reservoir(report: Report) -> Iterator[Check]:
    """What left the reservoir and came into it against the levels that the pump wrote, first to last."""
    stock = _Stock(report)
    for part in _parts(report.results.run.raw):
        stock.take(part)
    yield stock.check()


class _Stock:
    """Walks the records between the first and the last level that the last rig has.

    A level that is written in a run counts steps that no dose record has yet, and a boot counts those again as gone:
    the pump's level is what is there at least. `_ahead` is how many that may be.
    """

    def __init__(self, report: Report):
        self._ratio = report.results.ratio
        self._levels: list[tuple[int, str]] = []
        self._out_steps = self._first_out = self._last_out = 0
        self._dose = self._sums = None
        self._ahead = self._first_ahead = self._last_ahead = self._boot_ahead = 0
        self._filled_nl = self._filled_then = 0
        self._refills = 0
        self._measured = False

    def take(self, raw: bytes) -> None:
        head = record.header(raw)
        event = head[7]
        if event in record.DOSE_EVENTS:
            self._dose, _, self._ahead = record.data_of(raw, record.DOSE)[:3]
            if event == record.EVENT_BOOT:
                self._boot_ahead += self._last_ahead
                self._ahead = 0
        elif event == record.EVENT_ACCOUNTS:
            self._sums = record.data_of(raw, record.ACCOUNTS)
        elif event == record.EVENT_RIG:               # a new rig's reservoir is taken to be full
            self._levels, self._filled_nl, self._refills, self._measured = [], 0, 0, False
        elif event == record.EVENT_REFILL and self._levels:
            added, withdrawn, _ = record.data_of(raw, record.REFILL)
            self._measured |= withdrawn < 1 << 63
            self._filled_nl += added - (withdrawn if withdrawn < 1 << 63 else 0)
            self._refills += 1
        elif event == record.EVENT_LEVELS and self._dose is not None and self._sums is not None:
            level_nl, *_, uncertain_prime = record.data_of(raw, record.LEVELS)
            _, primed, withdrawn, uncertain = self._sums
            out = self._dose + uncertain + primed + uncertain_prime - withdrawn
            if not self._levels:
                self._first_out, self._first_ahead, self._boot_ahead = out, self._ahead, 0
            self._last_out, self._last_ahead, self._filled_then = out, self._ahead, self._filled_nl
            self._levels.append((level_nl, local_text(head[1] * 1000, head[5]) or "an unknown time"))

    def check(self) -> Check:
        name = "reservoir: level, refills and what went out, and the pump's level"
        if len(self._levels) < 2:
            return Check(name, "the pump wrote its level less than twice with this rig", "", None)
        (begin_nl, _), (end_nl, at) = self._levels[0], self._levels[-1]
        expected = begin_nl + self._filled_then - self._ratio.nl_of_steps(self._last_out - self._first_out)
        unseen = self._first_ahead + self._last_ahead + self._boot_ahead
        slack = 2 + 2 * self._refills - self._ratio.nl_of_steps(-unseen)      # each level is rounded down
        if self._measured or not end_nl:              # a measured refill corrects the level; an empty one stays at 0
            return Check(f"{name} ({at})", volume(expected), f"{volume(end_nl)}, measured or empty meanwhile", None)
        about = f", to within {volume(slack)}" if unseen else ""
        return Check(f"{name} ({at})", volume(expected), volume(end_nl) + about, abs(expected - end_nl) <= slack)
