"""No alarm without its cause: some that only a fault of a certain kind may raise (A-02)."""

from pump import alarms, record

UNCERTAIN = "uncertain steps"   # what a power cut left counts in the windows as delivered (L-03)
STORAGE = ("flash_erase", "flash_program", "flash_read", "bit_flip")
# Alarm: the faults of which one has to have been there
CAUSES = {
    alarms.OVER_DELIVERY: ("extra_steps",),
    alarms.UNDER_DELIVERY: ("extra_steps", "counter_dead"),
    alarms.STEP_WHILE_STOPPED: ("extra_steps",),
    alarms.LIMIT_EXCEEDED: ("extra_steps", "another program", UNCERTAIN),
    alarms.STORAGE_FAULT: STORAGE,
    alarms.FIRMWARE_ERROR: ("firmware_error", *STORAGE),
    alarms.WATCHDOG_RESET: ("watchdog",),
}


class Causes:
    def __init__(self, there_are):
        """there_are: names of the faults that the pump may meet."""
        self._there_are = set(there_are)
        self._shown = 0

    def take(self, event):
        if event.number != record.EVENT_ALARM:
            return
        shown = event.data(record.ALARM)[0]
        new, self._shown = shown & ~self._shown, shown
        there_are = self._there_are
        if event.pump.app.parts.delivery.ledger.uncertain_steps:
            there_are = there_are | {UNCERTAIN}
        for number, causes in CAUSES.items():
            if new >> number & 1 and not there_are.intersection(causes):
                yield "no alarm without a cause", f"{alarms.TABLE[number][0]}, and nothing that raises it"
