"""The simulated firmware slots: what the loader does at each boot, and the ways out of a firmware.

There is one firmware here, whichever slot is chosen, and no prompt: a pump that hands over starts again at once.
"""

from pump import slots


class SimFirmware:
    """Outlives a boot, like the file whose text `choice` is. `refuses`: a flash that fails."""

    build = "sim"

    def __init__(self):
        self.choice = slots.confirmed("a")
        self.refuses = False
        self.boot()

    def boot(self):
        """The loader's part of a boot."""
        confirmed, trial, tries = slots.of_text(self.choice)
        self.is_trial = bool(trial and tries)
        self.has_returned = bool(trial and not tries)
        self.slot = trial if self.is_trial else confirmed
        self.has_left = False
        if self.is_trial:
            self.choice = self.choice[:2] + "0"

    def confirm(self):
        if self.refuses:
            raise OSError("the flash refuses")
        self.choice = slots.confirmed(self.slot)

    def give_up(self):
        self.has_left = True

    def hand_over(self):
        self.has_left = True
