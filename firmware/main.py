"""The composition root of the device."""

import gc

from pico import jumper

# Bytes allocated between two collections. Left alone until the heap is full, what stays lies scattered, and no room for
# a whole document is left in one piece; while booting it would only cost time.
GARBAGE = 32768

if not jumper.is_fitted():
    from pico.board import PicoBoard
    from pump.app import App

    app = App(PicoBoard())
    gc.threshold(GARBAGE)
    app.run()
