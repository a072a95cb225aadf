"""The latches of the alarms: shown until the cause is gone and it has been acknowledged (A-01 to A-03)."""

MOMENTS = {"over-delivery", "under-delivery", "step while stopped", "limit exceeded", "firmware error", "auto-off",
           "watchdog reset", "program ended", "repeated fault"}
STOPS = {"over-delivery", "under-delivery", "step while stopped", "limit exceeded", "storage fault", "firmware error",
         "motor stall", "occlusion", "end of travel", "reservoir empty", "auto-off",
         "repeated fault", "self-test failed"}
BASAL_ONLY = {"supply low"}


class Alarms:
    def __init__(self):
        self.present = set()
        self.shown = set()
        self.unseen = set()

    def come(self, name):
        """The cause is there; True where that is news."""
        if name in self.present:
            return False
        is_news = name not in MOMENTS or name not in self.unseen
        if name not in MOMENTS:
            self.present.add(name)
        self.shown.add(name)
        self.unseen.add(name)
        return is_news

    def go(self, name):
        """The cause is gone; True where it was there."""
        if name not in self.present:
            return False
        self.present.discard(name)
        if name not in self.unseen:
            self.shown.discard(name)
        return True

    def acknowledge(self):
        self.unseen.clear()
        self.shown &= self.present

    def reset(self):
        """After a reset what was shown is shown; causes are found anew."""
        self.present = set()

    def masks(self):
        return frozenset(self.shown), frozenset(self.present), frozenset(self.unseen)

    def stops(self):
        return bool(self.shown & STOPS)

    def bars_boluses(self):
        return bool(self.shown & (STOPS | BASAL_ONLY))

    def copy(self):
        twin = Alarms()
        twin.present, twin.shown, twin.unseen = set(self.present), set(self.shown), set(self.unseen)
        return twin
