"""The composition root of the device."""

import gc

from pico import jumper

# Bytes allocated between two collections. Left alone until the heap is full, what stays lies scattered, and no room for
# a whole document is left in one piece. While booting less often, for a collection takes up to 25 ms.
GARBAGE = 32768
GARBAGE_BOOTING = 65536

if not jumper.is_fitted():
    gc.threshold(GARBAGE_BOOTING)
    from pico.board import PicoBoard
    from pump.app import App

    app = App(PicoBoard())
    gc.threshold(GARBAGE)
    app.run()
