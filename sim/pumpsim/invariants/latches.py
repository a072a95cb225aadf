"""The alarms' latches, by their records: shown until the cause is gone and an operator has seen them; what stops the
motor or bars boluses does (A-02, A-03).
"""

from pump import board, record
from pump.alarms import BASAL_ONLY, HIGH, LOW, MEDIUM, STOP, STORAGE_FAULT, TABLE
from pump.bolus import GRANTED

STOPPING = sum(1 << number for number, row in enumerate(TABLE) if row[2] == STOP)
BARRING = STOPPING + sum(1 << number for number, row in enumerate(TABLE) if row[2] == BASAL_ONLY)
STORAGE = TABLE[STORAGE_FAULT][0]
PATTERNS = {HIGH: board.PATTERN_HIGH, MEDIUM: board.PATTERN_MEDIUM, LOW: board.PATTERN_LOW}


class Latches:
    def __init__(self):
        self._shown = self._unseen = 0
        self.is_unwritten = False     # with a storage fault alarms came and went without a record

    def take(self, event):
        if event.number == record.EVENT_ALARM:
            yield from self._alarm(event)
        elif event.number in record.RUN_EVENTS and self._shown & STOPPING:
            yield "an alarm that stops the motor lets nothing run", f"{event.name} with {self._names(STOPPING)}"
        elif event.number == record.EVENT_BOLUS and event.code & 15 == GRANTED and self._shown & BARRING:
            yield "an alarm that bars boluses lets none begin", f"one is granted with {self._names(BARRING)}"

    def look(self, pump, status):
        """After the records of a poll."""
        # It may have come behind the last record that could be written
        self.is_unwritten |= STORAGE in status["alarms"] and not self._shown >> STORAGE_FAULT & 1
        if self.is_unwritten:
            return
        shown = [name for number, (name, *_) in enumerate(TABLE) if self._shown >> number & 1]
        if sorted(status["alarms"]) != sorted(shown):
            yield "the status shows the journal's alarms", f"{status['alarms']}, the journal has {shown}"
        wanted = PATTERNS.get(max((row[1] for row in TABLE if row[0] in shown), default=0))
        if wanted is not None and pump.board.indicator.pattern != wanted:
            yield "the lamp shows the highest alarm", f"pattern {pump.board.indicator.pattern} with {shown}"

    def _alarm(self, event):
        shown, present, unseen = event.data(record.ALARM)
        if (present | unseen) & ~shown:
            yield "what is there or unseen is shown", f"shown {shown:b}, present {present:b}, unseen {unseen:b}"
        gone = self._unseen & ~unseen
        if gone and event.actor != record.ACTOR_HOST and not self.is_unwritten:
            yield "an alarm stays until it is acknowledged", f"{gone:b} was not"
        self._shown, self._unseen, self.is_unwritten = shown, unseen, False

    def _names(self, mask):
        return ", ".join(row[0] for number, row in enumerate(TABLE) if self._shown & mask & 1 << number)
