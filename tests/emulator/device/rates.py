"""Runs on the Pico as main.py: one command for each rate, and while it is stepped the busiest time of an interpreter:
records that erase sectors, garbage, a link that talks. Says GO before a rate, DONE and the steps counted after it.
"""

import gc
from time import sleep_ms, ticks_diff, ticks_ms

from pico.board import PicoBoard

# (steps, interval in ticks of 8 ns): 1 Hz, 1 kHz, 50 kHz, 500 kHz, the fastest driver's most
RATES = ((3, 125000000), (1000, 125000), (40000, 2500), (250000, 250), (900000, 28))
RECORD = bytes(512)
TALK = b"." * 60 + b"\n"

board = PicoBoard()
stepper, counter = board.stepper, board.counter
board.storage.remove("busy")
board.storage.append("busy", bytes(4096))
sleep_ms(200)                           # for USB to come up
for steps, interval in RATES:
    board.watchdog.feed()
    stepper.drive("TMC2209")
    stepper.enable(True)
    print("GO", end="")
    sleep_ms(50)
    count = counter.steps()
    stepper.put(steps, interval)
    begun = ticks_ms()
    while counter.steps() - count < steps and ticks_diff(ticks_ms(), begun) < 4000:
        board.storage.append("busy", RECORD)
        rubbish = [bytes(100) for _ in range(100)]
        gc.collect()
        board.link.write(TALK)
        board.watchdog.feed()
    print("DONE", counter.steps() - count, "OK", end="")
    if board.storage.size("busy") > 40000:
        board.storage.remove("busy")
        board.storage.append("busy", bytes(4096))
while True:
    sleep_ms(100)
    board.watchdog.feed()
