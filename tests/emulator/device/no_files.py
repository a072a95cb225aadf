"""Runs on the Pico as main.py: the pump on a board whose file system is gone."""

import vfs

from pico.board import PicoBoard
from pump.app import App

vfs.umount("/")
App(PicoBoard()).run()
