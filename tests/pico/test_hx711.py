"""The HX711's program and adapter in rp2040-pio-emulator, against the chip as its datasheet has it (A-05)."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pioemu import State, emulate

from pump.board import PRESSURE_BROKEN
from tests.pico import assembler

MODULE = assembler.module("hx711", StateMachine=lambda *_, **__: Machine())
DOUT, SCK = 0, 1                        # the pins of the emulated machine
NO_FORCE = 8_388_608
VALUES = st.integers(-(1 << 23) + 1, (1 << 23) - 2)


class Chip:
    """Conversions at these cycles (1 us); each rising edge of PD_SCK shifts out a bit, the 25th ends the value."""

    def __init__(self, conversions, stuck=None):
        self.conversions = deque(conversions)       # (cycle, value)
        self.stuck = stuck
        self.bits = deque()
        self.dout = 1
        self.sck = 0
        self.rises = []                 # cycle of each rising edge
        self.highs = set()              # us that it was high

    def at(self, state: State) -> int:
        if self.conversions and self.conversions[0][0] <= state.clock and not self.bits:
            value = self.conversions.popleft()[1] & 0xFFFFFF
            self.bits = deque([*((value >> 23 - at) & 1 for at in range(24)), 1])
            self.dout = 0
        sck = state.pin_values >> SCK & 1
        if sck and not self.sck:
            self.rises.append(state.clock)
            if self.bits:
                self.dout = self.bits.popleft()
        if self.sck and not sck:
            self.highs.add(state.clock - self.rises[-1])
        self.sck = sck
        return self.dout if self.stuck is None else self.stuck


class Machine:
    """The state machine as the adapter sees it: what came into its FIFO of four words, and no more."""

    def __init__(self):
        self.fifo = deque()

    def active(self, on):
        pass

    def rx_fifo(self):
        return len(self.fifo)

    def get(self):
        return self.fifo.popleft()


def words(chip, cycles):
    program = MODULE.weighing
    found = []
    for _, after in emulate(program.words, stop_when=lambda _, state: state.clock >= cycles,
                            initial_state=State(pin_directions=1 << SCK), input_source=chip.at, side_set_base=SCK,
                            side_set_count=program.side_set_bits, shift_isr_right=False,
                            wrap_target=program.wrap_target, wrap_top=program.wrap):
        while after.receive_fifo:
            found.append(after.receive_fifo.popleft())
    return found


def read_after(fifo, ms):
    """What the adapter reads `ms` after it was made, of these words."""
    sensor = MODULE.Hx711()
    sensor._machine.fifo.extend(fifo)
    MODULE.ticks_ms = lambda: ms
    found = sensor.read()
    MODULE.ticks_ms = lambda: 0
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=3))
def test_each_conversion_becomes_its_counts(values):
    chip = Chip([(1000 * (at + 1), value) for at, value in enumerate(values)])
    found = words(chip, 1000 * len(values) + 500)
    assert [read_after([word], 0) for word in found] == [value + NO_FORCE for value in values]
    assert len(chip.rises) == 25 * len(values)          # 25: channel A, gain 128
    # 1 us high, within 0.2 to 50; never the 60 that switch the chip off
    assert chip.highs == {1}


def test_the_newest_of_several_is_read():
    found = words(Chip([(1000, 5), (2000, 6), (3000, 7)]), 4000)
    assert read_after(found, 0) == NO_FORCE + 7


def test_a_value_is_there_80_us_after_the_chip_is_ready():
    chip = Chip([(1000, 1)])
    words(chip, 2000)
    # 25 pulses of 3 us
    assert chip.rises[-1] - 1000 <= 80


@pytest.mark.requirement("A-05")
def test_a_sensor_that_is_never_ready_is_broken_after_a_second():
    assert words(Chip([], stuck=1), 5000) == []
    assert [read_after([], ms) for ms in (0, 400, 1000, 1001)] == [None, None, None, PRESSURE_BROKEN]


@pytest.mark.requirement("A-05")
def test_a_line_that_is_held_low_is_broken():
    found = words(Chip([], stuck=0), 5000)
    assert found and {read_after([word], 0) for word in found} == {PRESSURE_BROKEN}


@pytest.mark.requirement("A-05")
@pytest.mark.parametrize("value", [0x7FFFFF, -0x800000])
def test_a_value_at_the_end_of_the_range_is_broken(value):
    assert [read_after([word], 0) for word in words(Chip([(1000, value)]), 2000)] == [PRESSURE_BROKEN]
