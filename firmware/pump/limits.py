"""Limits: the four bounds of a rig or a program. Owns how two sets combine; judges nothing."""

NAMES = ("max_rate_nl_per_h", "max_bolus_nl", "max_1h_nl", "max_24h_nl")
HIGHEST = 100000000000        # 100 L: the range of every volume in a document

HOUR_MS = 3600000
DAY_MS = 86400000


class Limits:
    """Volumes in nL, the rate in nL/h. 0 stands for no bound of one's own."""

    def __init__(self, max_rate_nl_per_h, max_bolus_nl, max_1h_nl, max_24h_nl):
        self.max_rate_nl_per_h = max_rate_nl_per_h
        self.max_bolus_nl = max_bolus_nl
        self.max_1h_nl = max_1h_nl
        self.max_24h_nl = max_24h_nl

    def values(self):
        """In the order of NAMES."""
        return self.max_rate_nl_per_h, self.max_bolus_nl, self.max_1h_nl, self.max_24h_nl

    def windows(self):
        """(window in ms, limit in nL, name) of the rolling limits that are set."""
        windows = ((HOUR_MS, self.max_1h_nl, "max_1h"), (DAY_MS, self.max_24h_nl, "max_24h"))
        return [window for window in windows if window[1]]

    def tightest(self, other):
        """The smaller of each pair of bounds; 0 gives way."""
        return Limits(*[min(ours, theirs) if ours and theirs else ours or theirs
                        for ours, theirs in zip(self.values(), other.values())])

    def first_looser(self, other):
        """The name of the first bound that is set here and above other's, or None (L-02)."""
        for name, ours, theirs in zip(NAMES, self.values(), other.values()):
            if theirs and ours > theirs:
                return name
        return None


def read_limits(take):
    """Limits from a Reader over an object with the four NAMES."""
    limits = Limits(*[take.integer(name, 0, HIGHEST) for name in NAMES])
    take.done()
    return limits
