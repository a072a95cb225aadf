"""The dose records: what they confirm and authorise, at which rate (D-03, D-05, J-02)."""

from pump import record
from pump.schedule import FIELDS

AT_REST = (record.EVENT_STOP, record.EVENT_SUSPEND, record.EVENT_FAULT, record.EVENT_ACK, record.EVENT_BOOT)


class Doses:
    def __init__(self):
        self._confirmed = self._programmed_pl = 0
        self._had_ramps = False       # the program of the dose record before

    def take(self, event):
        if event.number not in record.DOSE_EVENTS:
            return
        confirmed, programmed_pl, _, rate, _ = event.data(record.DOSE)
        if confirmed < self._confirmed:
            yield "what was confirmed stays", f"{event.name} confirms {confirmed} steps after {self._confirmed}"
        ramps = has_ramps(event.program)
        if programmed_pl < self._programmed_pl and event.number != record.EVENT_BOOT and not (ramps or self._had_ramps):
            yield "what was programmed stays", f"{event.name} has {programmed_pl} pL after {self._programmed_pl}"
        self._had_ramps = ramps
        self._confirmed, self._programmed_pl = confirmed, programmed_pl
        if event.number in AT_REST and rate:
            yield "the rate is 0 at rest", f"{event.name} has {rate} nL/h"
        if event.limits and rate > event.limits.max_rate_nl_per_h:
            yield "no rate is above max_rate", f"{event.name} has {rate} of {event.limits.max_rate_nl_per_h} nL/h"


def has_ramps(program):
    """On a ramp the plan between two records is a straight line, and ends on the ramp: a little below it, if rising."""
    return program and any(plan[at + 1] != plan[at + 2] for plan in program.plans for at in range(0, len(plan), FIELDS))
