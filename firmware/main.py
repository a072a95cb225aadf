"""The composition root of the device."""

from pico import jumper

if not jumper.is_fitted():
    from pico.board import PicoBoard
    from pump.app import App

    App(PicoBoard()).run()
