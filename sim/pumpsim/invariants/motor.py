"""The edges on the step pin, as they pass: how fast, how many in a rolling window, how many of a full reservoir.

Judged by what was stepped, never by what the pump counted (L-01, A-04).
"""

from bisect import bisect_right

from pump import record
from pump.ledger import DOSE, PRIME
from pump.limits import HOUR_MS
from pump.run import CHECKED_SLACK_STEPS, SETTLE_MS
from pumpsim.stepper import TICKS_PER_MS

AHEAD_MOST = 3                # steps that the motor may be ahead of the highest rate: rounding of steps and commands
WINDOW_SLACK = 1              # steps: one may stand on either end of a window
EMPTY_SLACK = 2


class Motor:
    """`on_edges` is the stepper's; what it found is told by the next `found`."""

    def __init__(self, pump):
        self._pump = pump
        self.made = 0                 # edges in all
        self.slack_steps = 0          # that the pump's counter may be wrong by
        self.is_misled = False        # by the battery's clock: a boot takes what was before it for older than it is
        self.has_history = True       # a pump whose journal is not what it wrote knows no window and no level
        self._starts, self._runs, self._sums = [], [], [0]              # doses since the limits changed
        self._ahead, self._ahead_tick = 0.0, 0
        self._left = None             # steps in the reservoir at least; None: unknown
        self._found = []

    def on_edges(self, first_tick, interval, count):
        self.made += count
        app = self._pump.app
        rig, account = app.rig.document, app.parts.delivery.ledger.account
        if rig is None:
            return
        self._look_at_rate(first_tick, interval, count, account, rig)
        if not self.has_history:
            return
        if account == DOSE:
            self._starts.append(first_tick)
            self._runs.append((first_tick, interval, count))
            self._sums.append(self._sums[-1] + count)
            self._look_at_windows(first_tick + (count - 1) * interval, rig)
        self._look_at_reservoir(count, account)

    def found(self):
        found, self._found = self._found, []
        return found

    def take(self, event):
        """What changes the limits or the level."""
        if event.number in (record.EVENT_PROGRAM, record.EVENT_RIG) or (
                event.number == record.EVENT_BOOT and self.is_misled):
            self._starts, self._runs, self._sums = [], [], [0]
        if event.number == record.EVENT_RIG and self._left is None:
            self._left = event.rig.ratio.steps_of_nl(event.rig.reservoir_nl)
        elif event.number == record.EVENT_REFILL:
            # Seen after a boot that could not read the rig any more: nobody knows what the level is in steps
            level_nl = event.data(record.REFILL)[2]
            self._left = event.rig.ratio.steps_of_nl(level_nl) if event.rig else None
        return ()

    def _limits(self, rig):
        program = self._pump.app.program.document
        return program.limits.tightest(rig.limits) if program else rig.limits

    def _look_at_rate(self, first, interval, count, account, rig):
        """A bucket that leaks at the highest rate: how far the motor was ahead of it."""
        most = self._limits(rig).max_rate_nl_per_h if account == DOSE else rig.prime_nl_per_h
        per_tick = 1000 * most * rig.steps_per_rev / rig.pl_per_rev / HOUR_MS / TICKS_PER_MS
        begun = max(0.0, self._ahead - per_tick * (first - self._ahead_tick)) + 1
        self._ahead = max(1.0, begun + (count - 1) * (1 - per_tick * interval))
        self._ahead_tick = first + (count - 1) * interval
        slack = self.slack_steps
        if slack:                       # a step that was not seen is waited for, then the motor catches up
            slack += per_tick * SETTLE_MS * TICKS_PER_MS
        if max(begun, self._ahead) > AHEAD_MOST + slack:
            self._found.append(("the motor is no faster than its limit",
                                f"{max(begun, self._ahead):.1f} steps ahead of {most} nL/h"))

    def _look_at_windows(self, end_tick, rig):
        for window_ms, limit_nl, name in self._limits(rig).windows():
            low = end_tick - window_ms * TICKS_PER_MS
            held = self._sums[-1] - self._until(low)
            most = rig.ratio.steps_of_nl(limit_nl) + WINDOW_SLACK + self._allowed_steps() + self.slack_steps
            if held > most:
                self._found.append((f"no rolling window above {name}", f"{held} steps in a window, at most {most}"))

    def _allowed_steps(self):
        """A program's own boluses have passed the static check; the pump allows them the rounding of what it counted,
        and cannot tell what else is in the window (firmware/DESIGN.md)."""
        program = self._pump.app.program.document
        return CHECKED_SLACK_STEPS if program and (program.boluses or program.periodic) else 0

    def _until(self, tick):
        """Dose steps at or before a tick."""
        at = bisect_right(self._starts, tick)
        if not at:
            return 0
        first, interval, count = self._runs[at - 1]
        return self._sums[at - 1] + min(count, (tick - first) // interval + 1)

    def _look_at_reservoir(self, count, account):
        if self._left is None:
            return
        self._left += -count if account in (DOSE, PRIME) else count
        if account != DOSE:
            self._left = max(0, self._left)             # a prime takes what is there: it held more than was told
        elif self._left < -EMPTY_SLACK - self.slack_steps:
            self._found.append(("no dose out of an empty reservoir", f"{-self._left} steps after the last"))
