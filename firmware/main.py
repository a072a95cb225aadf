"""The composition root of the device. The loader (loader.py) imports it from the slot that is to run."""

import gc

from pico.board import PicoBoard
from pump.app import App

# Bytes allocated between two collections. Left alone until the heap is full, what stays lies scattered, and no room for
# a whole document is left in one piece.
GARBAGE = 32768

app = App(PicoBoard())
gc.threshold(GARBAGE)
app.run()
