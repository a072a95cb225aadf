"""Runs on the Pico as its main: writes journal records and says how long each took, in microseconds."""

import json
import struct
from time import sleep_ms, ticks_diff, ticks_us

from pico.storage import Storage
from pump import record
from pump.journal import Journal

RECORDS = 800

journal = Journal(Storage(), b"12345678")
head = (1774566000, 12, 250, 7, 60, 3, record.EVENT_CHECKPOINT, record.ACTOR_SCHEDULE, 0x11, 0)
times = []
for number in range(RECORDS):
    data = struct.pack(record.DOSE, number, 100 * number, 5, 20000, 0)
    begun = ticks_us()
    journal.append(head, data)
    times.append(ticks_diff(ticks_us(), begun))
sleep_ms(200)                           # for USB to come up
print(json.dumps(times), "END")
while True:
    sleep_ms(1000)
