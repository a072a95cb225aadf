"""Runs on the Pico as its main: what many calls of each thing that an idle poll does allocate and take.

The stored program is one of so slow a rate that no step falls into a measurement.
"""

import gc
import json
from time import sleep_ms, ticks_diff, ticks_us

from pico.board import PicoBoard
from pump.app import App

CALLS = 200                             # few enough for the heap to hold what they may allocate

board = PicoBoard()
app = App(board)
buffer = bytearray(64)


def read_nothing():
    board.link.readinto(buffer)


def measure(call):
    """(bytes allocated and microseconds of one call, bytes rounded up, the loop's own share included)."""
    call()
    gc.collect()
    gc.disable()                        # a collection in between would hide what was allocated
    allocated = gc.mem_alloc()
    started = ticks_us()
    for _ in range(CALLS):
        call()
    spent = ticks_diff(ticks_us(), started)
    allocated = gc.mem_alloc() - allocated
    gc.enable()
    board.watchdog.feed()
    return -(-allocated // CALLS), spent // CALLS


sleep_ms(200)                           # for USB to come up
app.controller.set_clock(0, 1774872000000, board.rtc)
figures = {
    "steps": measure(board.counter.steps), "ticks_ms": measure(board.clock.ticks_ms),
    "readinto": measure(read_nothing), "room": measure(board.stepper.room), "feed": measure(board.watchdog.feed),
    "inputs": measure(board.inputs.read), "poll": measure(app.poll),
}
app.controller.start(app.clock.advance())
for _ in range(10):                     # until the queue is full
    app.poll()
    sleep_ms(20)
figures["running poll"] = measure(app.poll)
print(json.dumps(figures), "END")
while True:
    sleep_ms(100)
    board.watchdog.feed()
