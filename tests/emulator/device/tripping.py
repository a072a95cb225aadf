"""Runs on the Pico as main.py: 100,000 steps a second for ten seconds, and an interpreter that only erases flash.

Says READY and goes on until the enable line has been taken off, then says what did it and how many steps were counted.
The line goes on before a host is there, as in a pump that goes on by itself after a reset.
"""

from time import sleep_ms

from pico.board import PicoBoard

board = PicoBoard()
stepper, counter = board.stepper, board.counter
board.storage.append("busy", bytes(4096))
count = counter.steps()
stepper.enable(True)
sleep_ms(200)                           # for USB to come up
stepper.put(1000000, 1250)
print("READY", end="")
while not board.inputs.read():
    for _ in range(4):
        board.storage.append("busy", bytes(512))
    board.watchdog.feed()
made = counter.steps() - count
sleep_ms(50)
print(board.inputs.read(), made, counter.steps() - count, "END", end="")
board.stepper.halt()
board.stepper.enable(False)
print(board.inputs.read(), "OFF", end="")
while True:
    sleep_ms(100)
    board.watchdog.feed()
