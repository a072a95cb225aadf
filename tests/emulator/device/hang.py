"""Runs on the Pico as its main: the pump, whose interpreter hangs in its first run, so that the watchdog resets."""

from pico.board import PicoBoard
from pump.app import SLEEP_MS, App
from pump.board import CAUSE_WATCHDOG

HANGS_AFTER_MS = 5000                   # of the first run

board = PicoBoard()
app = App(board)
started_ms = 0
while True:
    board.clock.sleep_ms(min(app.poll(), SLEEP_MS))
    if app.controller.state != "running" or board.watchdog.reset_cause == CAUSE_WATCHDOG:
        started_ms = app.clock.mono_ms
    while app.clock.mono_ms - started_ms > HANGS_AFTER_MS:
        pass
