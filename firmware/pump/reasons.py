"""Why the pump is in its state: the codes that stand in records and status replies. Numbers are never reused.

From ALARMS on they are alarms: reason - ALARMS is the number in alarms.TABLE.
"""

from pump.alarms import TABLE

NONE = 0
POWER_UP = 1
WATCHDOG_RESET = 2
SOFT_RESET = 3
HOST = 4
ACKNOWLEDGED = 5
PROGRAM_ENDED = 6
BUTTON = 7
NAMES = ("", "power-up", "watchdog reset", "soft reset", "asked by the host", "acknowledged", "program ended", "button")

ALARMS = 64


def name(reason):
    """The words for a reason."""
    return NAMES[reason] if reason < ALARMS else TABLE[reason - ALARMS][0]
