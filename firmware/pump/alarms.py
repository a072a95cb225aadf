"""Alarms: the one table of conditions, and their latches (A-01 to A-03). Owns what is present and what is
acknowledged; detects nothing and stops nothing itself.
"""

LOW = 1
MEDIUM = 2
HIGH = 3

INFORM = 0
BASAL_ONLY = 1                # no bolus begins, and one that runs is ended
STOP = 2                      # motor off, latched

# Numbers stand in records and are never reused
OVER_DELIVERY = 1
UNDER_DELIVERY = 2
STEP_WHILE_STOPPED = 3
LIMIT_EXCEEDED = 4
STORAGE_FAULT = 5
FIRMWARE_ERROR = 6
STALL = 7
OCCLUSION = 8
END_OF_TRAVEL = 9
RESERVOIR_EMPTY = 10
AUTO_OFF = 11
SUPPLY_LOW = 12
CLOCK_NOT_SET = 13
WATCHDOG_RESET = 14
RESERVOIR_LOW = 15
JOURNAL_NEARLY_FULL = 16
SERVICE_DUE = 17
END_OF_SERVICE = 18
PROGRAM_ENDED = 19
REPEATED_FAULT = 20
SELF_TEST_FAILED = 21
PRESSURE_SENSOR = 22
STOP_SWITCH = 23

# By number: (name, priority, action)
TABLE = (
    ("", 0, INFORM),
    ("over-delivery", HIGH, STOP),
    ("under-delivery", HIGH, STOP),
    ("step while stopped", HIGH, STOP),
    ("limit exceeded", HIGH, STOP),
    ("storage fault", HIGH, STOP),
    ("firmware error", HIGH, STOP),
    ("motor stall", HIGH, STOP),
    ("occlusion", HIGH, STOP),
    ("end of travel", HIGH, STOP),
    ("reservoir empty", HIGH, STOP),
    ("auto-off", MEDIUM, STOP),
    ("supply low", MEDIUM, BASAL_ONLY),
    ("clock not set", MEDIUM, INFORM),
    ("watchdog reset", MEDIUM, INFORM),
    ("reservoir low", LOW, INFORM),
    ("journal nearly full", LOW, INFORM),
    ("service due", LOW, INFORM),
    ("end of service", MEDIUM, INFORM),
    ("program ended", LOW, INFORM),
    ("repeated fault", HIGH, STOP),
    ("self-test failed", HIGH, STOP),
    ("pressure sensor", HIGH, STOP),
    ("stop switch", HIGH, STOP),
)

# Conditions that are an event, over when it has happened: only the acknowledgement is waited for
MOMENTARY = (OVER_DELIVERY, UNDER_DELIVERY, STEP_WHILE_STOPPED, LIMIT_EXCEEDED, FIRMWARE_ERROR, AUTO_OFF,
             WATCHDOG_RESET, PROGRAM_ENDED, REPEATED_FAULT)


REPEATED = 255                # in a record, in place of a number: nothing is new, the masks are as they were


class Alarms:
    """Bit n of a mask stands for alarm number n."""

    def __init__(self):
        self.present = 0              # the cause is there now
        self.shown = 0                # raised, and not yet both gone and acknowledged
        self.unacknowledged = 0

    def restore(self, shown, unacknowledged):
        """Takes up what was shown before a reset; the causes are found anew."""
        self.shown = shown
        self.unacknowledged = unacknowledged

    def set(self, number, is_present):
        """The cause of an alarm is there or not; True where this raised it or ended its cause: to be logged."""
        bit = 1 << number
        if is_present:
            if self.present & bit and self.shown & bit:
                return False
            news = not self.unacknowledged & bit or not self.shown & bit
            if number not in MOMENTARY:
                news = news or not self.present & bit
                self.present |= bit
            self.shown |= bit
            self.unacknowledged |= bit
            return news
        if not self.present & bit:
            return False
        self.present &= ~bit
        if not self.unacknowledged & bit:
            self.shown &= ~bit
        return True

    def first_change(self, present, mask):
        """The lowest number in `mask` whose cause is otherwise in the mask `present` than it was; 0 for none."""
        changed = (present ^ self.present) & mask
        for number in range(1, len(TABLE)):
            if changed >> number & 1:
                return number
        return 0

    def acknowledge(self):
        """The operator has seen them all; True where there was something to acknowledge. Those still present stay."""
        news = self.unacknowledged != 0
        self.unacknowledged = 0
        self.shown &= self.present
        return news

    def is_present(self, number):
        return bool(self.present >> number & 1)

    def highest(self):
        """The number to be indicated: of the highest priority, of those the first in the table; 0 for none."""
        found = 0
        for number in range(1, len(TABLE)):
            if self.shown >> number & 1 and (not found or TABLE[number][1] > TABLE[found][1]):
                found = number
        return found

    def priority(self):
        """LOW, MEDIUM, HIGH or 0 of the alarm to be indicated."""
        return TABLE[self.highest()][1]

    def stops(self):
        """True where a shown alarm keeps the motor off."""
        return self._any(STOP)

    def bars_boluses(self):
        return self._any(STOP) or self._any(BASAL_ONLY)

    def names(self):
        """Names of what is shown, the highest priority first."""
        shown = [number for number in range(1, len(TABLE)) if self.shown >> number & 1]
        return [TABLE[number][0] for priority in (HIGH, MEDIUM, LOW) for number in shown
                if TABLE[number][1] == priority]

    def _any(self, action):
        return any([self.shown >> number & 1 and TABLE[number][2] == action for number in range(1, len(TABLE))])
