"""Who may have a bolus when: lockout and count of the on-demand boluses (B-01, B-04). Owns their times on the
monotonic clock, so that no setting of the clock shortens a lockout (T-05); judges no volume.
"""

from pump.bolus import HOST, ON_DEMAND
from pump.limits import DAY_MS

# Why a bolus was denied: numbers stand in records and are never reused
BUSY = 1
LOCKOUT = 2
DAILY_MAX = 3
LIMIT = 4
ALARM = 5
NOT_CONFIGURED = 6
BAD_STATE = 7
BAD_VALUE = 8
MISSED = 9                    # of a scheduled bolus: its time passed while it could not begin
GAP = 10                      # its local minute never came
LONG_MISSED = 11              # of several at once, whose time passed long ago
DENIALS = ("", "busy", "lockout", "daily_max", "limit", "alarm", "not_configured", "bad_state", "bad_value", "missed",
           "gap", "long_missed")


class Boluses:
    def __init__(self):
        self._last_start_ms = None      # of an on-demand or host bolus
        self._on_demand_ms = []         # starts within the last 24 h

    def denial(self, kind, now_ms, program):
        """Why a bolus of this kind may not begin by its times, or 0."""
        if kind != ON_DEMAND:
            return 0
        if program.on_demand is None:
            return NOT_CONFIGURED
        if self.lockout_left_ms(now_ms, program):
            return LOCKOUT
        recent = [ms for ms in self._on_demand_ms if ms > now_ms - DAY_MS]
        if len(recent) >= program.on_demand[3]:
            return DAILY_MAX
        return 0

    def started(self, kind, now_ms):
        """A bolus began; on-demand and host boluses lock the button."""
        if kind in (HOST, ON_DEMAND):
            self._last_start_ms = now_ms
        if kind == ON_DEMAND:
            self._on_demand_ms = [ms for ms in self._on_demand_ms if ms > now_ms - DAY_MS] + [now_ms]

    def lockout_left_ms(self, now_ms, program):
        """Time until the next on-demand bolus may begin, as far as the lockout goes; 0 for now."""
        if self._last_start_ms is None or program is None or program.on_demand is None:
            return 0
        return max(0, self._last_start_ms + program.on_demand[2] * 1000 - now_ms)

    def left_today(self, now_ms, program):
        """On-demand boluses that the rolling 24 h still allow."""
        if program is None or program.on_demand is None:
            return 0
        return max(0, program.on_demand[3] - len([ms for ms in self._on_demand_ms if ms > now_ms - DAY_MS]))
