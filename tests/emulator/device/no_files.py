"""Runs on the Pico as its main: the pump on a board whose file system is gone."""

import vfs

from pico import buzzer, ds3231, lamp  # noqa: F401 (found before the file system is gone, as in a mounted slot)
from pico.board import PicoBoard
from pump.app import App

vfs.umount("/")
App(PicoBoard()).run()
