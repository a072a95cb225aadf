"""Why the pump is in its state: the codes that stand in records and status replies. Numbers are never reused."""

NAMES = (
    "",                    # 0
    "power-up",            # 1
    "watchdog reset",      # 2
    "soft reset",          # 3
    "no rig",              # 4
    "no program",          # 5
    "clock not set",       # 6
    "asked by the host",   # 7
    "over-delivery",       # 8
    "under-delivery",      # 9
    "step while stopped",  # 10
    "storage fault",       # 11
    "firmware error",      # 12
    "acknowledged",        # 13
    "rig changed",         # 14
)

NONE = 0
POWER_UP = 1
WATCHDOG_RESET = 2
SOFT_RESET = 3
NO_RIG = 4
NO_PROGRAM = 5
CLOCK_NOT_SET = 6
HOST = 7
OVER_DELIVERY = 8
UNDER_DELIVERY = 9
STEP_WHILE_STOPPED = 10
STORAGE_FAULT = 11
FIRMWARE_ERROR = 12
ACKNOWLEDGED = 13
RIG_CHANGED = 14
