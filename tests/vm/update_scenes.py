"""Scenes of a firmware on trial and of maintenance. Every scene is a function of a fresh Host."""

from pump import slots
from pump.board import CAUSE_SOFT
from pump.update import ALONE_MS, SETTLE_MS
from tests.pumps import RIG, program

IO_ERROR = -5                           # LFS_ERR_IO


def begin_trial(host):
    host.pump.firmware.choice = slots.to_be_tried("b", "a")
    host.reboot(CAUSE_SOFT)


def left(host):
    """The board has reset by itself."""
    host.pump.app = host.recorder.app(host.pump.app)


def kept_after_a_host_has_asked(host):
    host.ready(RIG, program())
    begin_trial(host)
    host.do("hello")
    host.pump.run_for(SETTLE_MS)
    host.do("hello")


def kept_without_a_host(host):
    begin_trial(host)
    host.pump.run_for(ALONE_MS)
    host.do("hello")


def back_after_a_failed_trial(host):
    begin_trial(host)
    host.reboot(CAUSE_SOFT)             # before it has proved itself
    host.do("hello")


def not_kept_where_the_flash_refuses(host):
    begin_trial(host)
    host.pump.firmware.refuses = True
    host.pump.run_for(ALONE_MS)
    host.pump.firmware.refuses = False
    host.reboot(CAUSE_SOFT)
    host.do("hello")


def given_up_where_it_is_not_healthy(host):
    host.ready(RIG, program())
    host.pump.firmware.choice = slots.to_be_tried("b", "a")
    host.pump.flash.prog = lambda cfg, block, off, data: IO_ERROR
    host.reboot(CAUSE_SOFT)
    del host.pump.flash.prog
    host.pump.poll()
    left(host)
    host.do("hello")


def maintenance(host):
    host.ready(RIG, program())
    host.do("start")
    host.refused("bad_state", "maintenance")
    host.do("stop")
    host.do("maintenance")
    left(host)
    host.do("hello")


SCENES = (kept_after_a_host_has_asked, kept_without_a_host, back_after_a_failed_trial,
          not_kept_where_the_flash_refuses, given_up_where_it_is_not_healthy, maintenance)
