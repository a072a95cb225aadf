"""The composition root of the device. The loader (loader.py) imports it from the slot that is to run."""

import gc
import sys

import pump
from pico.board import PicoBoard
from pump.app import App

# Bytes allocated between two collections. Left alone until the heap is full, what stays lies scattered, and no room for
# a whole document is left in one piece.
GARBAGE = 32768

app = App(PicoBoard())
for name in ("boot", "recall"):         # of no use any more, and 6 KB of the heap
    del sys.modules["pump." + name]
del pump.boot, pump.recall  # pyright: ignore[reportAttributeAccessIssue] (it sees no submodules)
gc.threshold(GARBAGE)
try:
    app.run()
finally:
    app.board.firmware.give_up()        # a reset: no way out of the loop leads to MicroPython's prompt (C-04)
