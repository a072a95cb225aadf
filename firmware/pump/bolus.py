"""A bolus: a whole number of steps over a time. Owns how much of it has been due; decides nothing.

Its volume is rounded down to whole steps when it is granted, so that basal and bolus stay apart to the step (D-02,
D-04). A rate clipped by the ceiling makes it longer, never smaller.
"""

# Who asked for it: the record's `code` of a bolus event holds this in its high nibble
HOST = 1
ON_DEMAND = 2
SCHEDULED = 3
PERIODIC = 4
KIND_NAMES = ("", "host", "on demand", "scheduled", "periodic")

# What became of it: the low nibble
GRANTED = 0
COMPLETE = 1
CANCELLED = 2
INTERRUPTED = 3
DENIED = 4
SKIPPED = 5
UNCERTAIN = 6
OUTCOME_NAMES = ("granted", "complete", "cancelled", "interrupted", "denied", "skipped", "uncertain")


class Bolus:
    def __init__(self, kind, volume_nl, over_ms, ratio, nominal_utc_min=0, entry=0):
        """`kind` as above; nominal_utc_min and entry: of a scheduled bolus, when it was to be and which."""
        self.kind = kind
        self.volume_nl = volume_nl
        self.over_ms = over_ms
        self.nominal_utc_min = nominal_utc_min
        self.entry = entry
        self.steps = ratio.steps_of_nl(volume_nl)
        self.parts = self.steps * ratio.den
        self.done_parts = 0             # due before the plan in force

    def steps_of(self, parts, ratio):
        """Whole steps due when `parts` of the plan in force are."""
        return (self.done_parts + parts) // ratio.den
