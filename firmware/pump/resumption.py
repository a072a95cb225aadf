"""The resumption: whether a schedule that a reset cut off goes on (P-04). Owns that question from the boot until it is
answered; the controller does what it says.
"""

from pump import record
from pump.states import STOPPED


class Resumption:
    def __init__(self, controller, clock):
        self._controller = controller
        self._clock = clock
        self.is_open = False            # the schedule goes on as soon as the clock is known

    def ask(self, was_running, program):
        """At boot, where nothing is wrong: the schedule was followed when the power went, and `program` is in force."""
        self.is_open = was_running and program is not None and program.resume == "basal"

    def drop(self):
        """Something else was decided, and is in the journal."""
        self.is_open = False

    def answer(self, now_ms):
        """Goes on if it can: basal only, only with a valid clock (T-04), only from rest and with fluid left."""
        if not self.is_open or not self._clock.is_set:
            return
        controller = self._controller
        if controller.state == STOPPED and controller.level_nl() > 0:
            self.is_open = False
            controller.take_up(now_ms)
        else:
            self.give_up(now_ms)

    def give_up(self, now_ms):
        """The schedule will not go on; the journal says so, or the next boot would."""
        if self.is_open:
            self.is_open = False
            self._controller.write_rest(now_ms, record.EVENT_STOP, record.ACTOR_PUMP, self._controller.reason)
