"""The scheduled boluses by their records: each once a local day, in its time, whatever is done to the clock and to the
power (B-02, T-03, T-05).
"""

from pump import record
from pump.bolus import DENIED, GRANTED, SCHEDULED, SKIPPED
from pump.boluses import GAP, LONG_MISSED
from pump.zone import MINUTES_PER_DAY, minute_of_week

MINUTE_MS = 60_000


class Appointments:
    def __init__(self):
        self._dealt_with = set()      # (entry, local day) under the program in force

    def take(self, event):
        if event.number == record.EVENT_PROGRAM:
            self._dealt_with = set()
        if event.number != record.EVENT_BOLUS or event.code >> 4 != SCHEDULED:
            return
        outcome = event.code & 15
        _, _, _, _, nominal_min, entry, denial, _ = event.data(record.BOLUS)
        if outcome not in (GRANTED, DENIED, SKIPPED) or denial == LONG_MISSED or event.program is None:
            return
        local_min = nominal_min + event.program.schedule.zone.lookup(nominal_min)[0]
        day = local_min // MINUTES_PER_DAY
        if (entry, day) in self._dealt_with:
            yield "an appointment is dealt with once", f"entry {entry} once more on local day {day}"
        self._dealt_with.add((entry, day))
        if entry >= len(event.program.boluses):
            return                                      # told by the boluses' own invariant
        minute, mask, _, _, late_min = event.program.boluses[entry]
        if denial != GAP and (local_min % MINUTES_PER_DAY != minute or not mask >> _weekday(day) & 1):
            yield "an appointment is the program's", f"entry {entry} at local minute {local_min % MINUTES_PER_DAY}"
        if outcome == GRANTED:
            late_ms = event.utc_ms - nominal_min * MINUTE_MS
            if not 0 <= late_ms <= late_min * MINUTE_MS:
                yield ("a scheduled bolus begins in its time", f"entry {entry} {late_ms} ms after it was due, at most "
                                                               f"{late_min} min late")


def _weekday(day):
    return minute_of_week(day * MINUTES_PER_DAY) // MINUTES_PER_DAY
