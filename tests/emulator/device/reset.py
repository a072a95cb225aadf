"""Runs on the Pico as its main: the first boot steps and hangs, so that the watchdog resets; the next one reports."""

from time import sleep_ms

from pico.board import PicoBoard
from pump.board import CAUSE_POWER

STEPS = 7
EARLIER = 1000

board = PicoBoard()
if board.watchdog.reset_cause == CAUSE_POWER:
    board.counter.keep(EARLIER)
    board.stepper.enable(True)
    board.stepper.put(STEPS, 125000)
    while True:
        pass
sleep_ms(200)                           # for USB to come up
print(board.watchdog.reset_cause, board.counter.kept(), board.counter.steps(), "END")
while True:
    sleep_ms(100)
    board.watchdog.feed()
