"""A story: thirty days and more of one pump, with everything that may happen to it."""

import sys

from tests.model.calendar import DAY_MS
from tests.model.commands import Commands
from tests.model.faults import Faults
from tests.model.machine import DAYS
from tests.model.power import Power

LONGEST_MS = 5 * DAY_MS        # without looking whether the pump still runs


class PumpStories(Commands, Faults, Power):
    """One pump, its reference, and what happens to both."""

    def teardown(self):
        if sys.exc_info()[0] or not hasattr(self, "journal"):
            return                     # what has failed already is what is to be told
        while self.model.t < DAYS * DAY_MS:
            self.get_going()
            self.wait(min(LONGEST_MS, DAYS * DAY_MS - self.model.t + 1))
        self.check_limits()
        self.check_starts()

    def get_going(self):
        """Whatever the story has left behind: causes gone, acknowledged, refilled, its clock set, and running."""
        model = self.model
        self.end_switch(False)
        self.pressure(False)
        if not self.status()["reservoir_nl"]:
            self.fill_up()
        if model.offset is None:
            self.set_clock(0)
        if model.state == "fault":
            self.acknowledge()
        if model.state == "stopped":
            self.start()
        elif model.state == "suspended":
            self.resume()


EXAMPLES = 40                  # stories of `make test`
STEPS = 40                     # of one story, at most
