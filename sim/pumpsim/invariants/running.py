"""When the schedule is followed: from a start to an end, over a reset only where the program says so (D-06, P-04)."""

from pump import record
from pump.bolus import COMPLETE, GRANTED

RATES = (record.EVENT_RATE, record.EVENT_DAY, record.EVENT_CHECKPOINT)
ENDS = (record.EVENT_STOP, record.EVENT_SUSPEND, record.EVENT_FAULT, record.EVENT_ACK)


class Running:
    def __init__(self):
        self._is_followed = False
        self._may_go_on = False       # since a boot whose record says so
        self._has_rested = True       # since the last bolus was granted

    def take(self, event):
        number = event.number
        if number == record.EVENT_BOOT:
            yield from self._booted(event)
        elif number == record.EVENT_START:
            self._is_followed, self._may_go_on = True, False
        elif number == record.EVENT_RESUME:
            if event.actor == record.ACTOR_PUMP and not self._may_go_on:
                yield "nothing goes on by itself", "the pump resumes, and no boot had said so"
            self._is_followed, self._may_go_on = True, False
        elif number in RATES and not self._is_followed:
            yield "no rate without a start", f"{event.name} while nothing is followed"
        elif number in ENDS:
            self._is_followed, self._may_go_on, self._has_rested = False, False, True
        elif number == record.EVENT_BOLUS:
            yield from self._bolus(event.code & 15)

    def _booted(self, event):
        may_go_on = event.code >= record.BOOT_RESUMES
        if may_go_on and not (self._is_followed or self._may_go_on):
            yield "only what ran goes on after a reset", "the boot's record says that a schedule will go on"
        if may_go_on and event.program and event.program.resume != "basal":
            yield "resume = stopped stays stopped", f"the program says {event.program.resume}"
        self._is_followed, self._may_go_on, self._has_rested = False, may_go_on, True

    def _bolus(self, outcome):
        if outcome == GRANTED:
            if not self._is_followed:
                yield "no bolus without a start", "a bolus is granted while nothing is followed"
            self._has_rested = False
        elif outcome == COMPLETE and self._has_rested:
            yield "a bolus never resumes", "a bolus is complete that a stop, a fault or a reset had ended"
