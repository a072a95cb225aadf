"""The TMC2209's settings and datagrams, against the driver as its datasheet has it, modelled apart from the adapter."""

import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pico import assembler

MODULE = assembler.module("tmc2209")
SETTINGS = (800, 400, 110, 16, 60, 400)
READABLE = (0x00, 0x01, 0x02, 0x6C)
MASKS = {0x10: 0x000F1F1F, 0x14: 0xFFFFF, 0x40: 0xFF}


def crc_of(data):
    """CRC-8 of the reversed bytes with polynomial 7, as any textbook has it."""
    crc = 0
    for byte in data:
        crc ^= int(f"{byte:08b}"[::-1], 2)
        for _ in range(8):
            crc = (crc << 1 ^ (7 if crc & 0x80 else 0)) & 0xFF
    return crc


class Driver:
    """The chip and its wire: hears datagrams, echoes them, answers reads. `answers`: it has its motor supply."""

    def __init__(self):
        self.answers = True
        self.damages = []               # bytes of the next answers to be flipped
        self.heard = b""
        self.power_up()

    def power_up(self):
        self.registers = {0x00: 0x101, 0x01: 1, 0x02: 0, 0x10: 0, 0x14: 0, 0x40: 0, 0x6C: 0x10000053}

    # as the adapter sees machine.UART

    def any(self):
        return len(self.heard)

    def read(self, size=None):
        size = len(self.heard) if size is None else size
        taken, self.heard = self.heard[:size], self.heard[size:]
        return taken or None

    def write(self, data):
        self.heard += data
        if not self.answers or data[0] != 5 or data[1] != 0 or crc_of(data[:-1]) != data[-1]:
            return
        register = data[2] & 0x7F
        if data[2] & 0x80:
            self.registers[0x02] = (self.registers[0x02] + 1) % 256
            value = struct.unpack(">I", data[3:7])[0]
            self.registers[register] = self.registers[register] & ~value if register == 1 else value
        elif register in READABLE:
            answer = bytes((5, 0xFF, register)) + struct.pack(">I", self.registers[register])
            answer += bytes((crc_of(answer),))
            if self.damages:
                answer = bytearray(answer)
                answer[self.damages.pop(0)] ^= 4
            self.heard += bytes(answer)


def adapter(driver, settings=SETTINGS):
    MODULE.UART = lambda *_, **__: driver
    return MODULE.Tmc2209(settings)


def test_the_crc_is_that_of_the_datasheet():
    # read GCONF, read IOIN: the datagrams of the datasheet's examples
    assert [MODULE.crc8(bytes(data)) for data in ([5, 0, 0], [5, 0, 6])] == [0x48, 0x6F]


@given(st.binary(max_size=8))
def test_the_crc_is_that_of_the_textbook(data):
    assert MODULE.crc8(data) == crc_of(data)


@given(st.integers(50, 2000), st.integers(75, 500))
def test_the_current_is_the_one_asked_for_rounded_down(run_ma, sense_mohm):
    if run_ma * (sense_mohm + 20) > 229809:
        return                          # the rig refuses it
    found = dict(MODULE.registers(run_ma, 0, sense_mohm, 16, 0, 1))
    full_v = 0.18 if found[0x6C] >> 17 & 1 else 0.325
    step_ma = 1000 / 32 * full_v / (sense_mohm / 1000 + 0.02) / math.sqrt(2)
    current_ma = ((found[0x10] >> 8 & 31) + 1) * step_ma
    if run_ma >= step_ma:               # otherwise it is the least there is
        assert run_ma - step_ma < current_ma + 0.01 and current_ma <= run_ma + 0.01


@pytest.mark.parametrize("microsteps, mres", [(1, 8), (2, 7), (16, 4), (256, 0)])
def test_microsteps_are_those_of_the_register(microsteps, mres):
    assert dict(MODULE.registers(800, 400, 110, microsteps, 0, 1))[0x6C] >> 24 & 15 == mres


def test_a_stall_is_told_from_its_rate_on():
    found = dict(MODULE.registers(800, 400, 110, 16, 60, 400))
    # 400 steps/s of a sixteenth are 6400 of a 256th: 12 MHz / 6400 = 1875 clocks
    assert (found[0x40], found[0x14]) == (60, 1875)
    assert dict(MODULE.registers(800, 400, 110, 16, 0, 400))[0x14] == 0         # never


@pytest.mark.requirement("P-01")
def test_a_driver_is_set_up_at_rest_and_found_so():
    driver = Driver()
    tmc = adapter(driver)
    assert not tmc.is_ready(False)      # fresh from power-up, and the motor may turn: nothing is written
    assert driver.registers[0x02] == 0
    assert tmc.is_ready(True)
    written = {register: value & MASKS.get(register, 0xFFFFFFFF) for register, value in driver.registers.items()
               if register not in (1, 2)}
    # 800 mA * 130 mOhm * 45254 / 180,000,000 = 26.1: CS 25 at 0.18 V; 400 mA: 13.07: 12
    assert written == {0x00: 0x1C0, 0x6C: 0x14020053, 0x10: 1 << 16 | 25 << 8 | 12, 0x14: 1875, 0x40: 60}
    count = driver.registers[0x02]
    assert tmc.is_ready(True) and tmc.is_ready(False)
    assert driver.registers[0x02] == count                                      # a look writes nothing


@pytest.mark.requirement("P-01")
def test_a_driver_that_lost_its_supply_is_found_and_set_up_again_at_rest():
    driver = Driver()
    tmc = adapter(driver)
    assert tmc.is_ready(True)
    driver.power_up()
    assert not tmc.is_ready(False)
    assert tmc.is_ready(True)


@pytest.mark.requirement("P-01")
def test_a_silent_driver_is_not_ready():
    driver = Driver()
    driver.answers = False
    assert not adapter(driver).is_ready(True)


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("at", range(8))
def test_one_damaged_answer_is_asked_again_and_two_are_a_failure(at):
    driver = Driver()
    tmc = adapter(driver)
    assert tmc.is_ready(True)
    driver.damages = [at]
    assert tmc.is_ready(False)
    driver.damages = [at, at]
    assert not tmc.is_ready(False)


def test_a_write_that_is_not_understood_is_a_failure():
    driver = Driver()
    tmc = adapter(driver)
    hears = driver.write

    def deaf_to_one_register(data):
        if data[2] == 0x80 | 0x40:
            driver.heard += data        # its echo alone
        else:
            hears(data)

    driver.write = deaf_to_one_register
    assert not tmc.is_ready(True)
