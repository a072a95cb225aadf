"""The composition root of the device. The loader (loader.py) imports it from the slot that is to run."""

from pico.board import PicoBoard
from pump.app import App


App(PicoBoard()).run()
