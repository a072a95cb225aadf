"""What the tests of boluses share: a program with one on demand, the button, and what the journal says of boluses."""

from pump import record
from pump.board import INPUT_BUTTON
from pump.bolus import KIND_NAMES, OUTCOME_NAMES
from pump.boluses import DENIALS
from tests.pumps import MINUTE_MS, START_UTC_MS, ask, program, records

SETTLED_MS = 1                         # a step due at an instant is made some ticks of 8 ns after it
# 36 uL/h: one step of 100 nL in 10 s; on demand 10 uL (100 steps) over 2 min, locked for an hour, four a day
ON_DEMAND = program(plans=[[0, 36_000]], on_demand=[10_000, 120, 3600, 4])


def boluses(pump):
    """(kind, outcome, denial, steps delivered, minutes since the start) of every bolus event."""
    found = []
    for raw in records(pump):
        head = record.header(raw)
        if head[7] == record.EVENT_BOLUS:
            data = record.data_of(raw, record.BOLUS)
            minutes = (head[1] * 1000 + head[3] - START_UTC_MS) / MINUTE_MS
            found.append((KIND_NAMES[head[10] >> 4], OUTCOME_NAMES[head[10] & 15], DENIALS[data[6]], data[2], minutes))
    return found


def click(pump, bounce=True):
    """Presses and lets go, bouncing for 12 ms each time."""
    for level in (INPUT_BUTTON, 0):
        if bounce:
            for part in (level, INPUT_BUTTON - level, level, INPUT_BUTTON - level):
                pump.board.inputs.level = part
                pump.poll()
                pump.run_for(3)
        pump.board.inputs.level = level
        pump.poll()
        pump.run_for(200)


def on_demand(pump):
    return ask(pump, "bolus", volume_nl=0, over_s=0, confirm=0)
