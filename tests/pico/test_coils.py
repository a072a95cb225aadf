"""The coils behind a ULN2003: the firmware's own PIO program and its order of half steps, against a motor's ring."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pioemu import State, emulate

from tests.pico import assembler
from tests.pico.pio_machine import Pin
from tests.pico.test_pio_programs import STEPPING, WATCHING

COILS = assembler.module("coils")
# What MicroPython 1.28's own assembler makes of it, read on the emulated chip
FOLLOWING = [0xA0E1, 0x20A0, 0x6044, 0xA002, 0x2020, 0x00E1]
EIGHTH = [{"IN1"}, {"IN1", "IN2"}, {"IN2"}, {"IN2", "IN3"}, {"IN3"}, {"IN3", "IN4"}, {"IN4"}, {"IN4", "IN1"}]
RING = [sum(1 << int(name[2]) - 1 for name in names) for names in EIGHTH]
TO_COILS = 3          # mov(pins, y) of FOLLOWING. The emulator knows no first pin of a mov, so y is looked at


def followed(x, pulses, high=10, low=20):
    """What the coils are after each of so many pulses, and how many cycles behind its edge."""
    edges = [(100 + k * (high + low) + late, level) for k in range(pulses) for late, level in ((0, 1), (high, 0))]
    machine = emulate(FOLLOWING, stop_when=lambda _, state: state.clock > edges[-1][0] + 20, shift_osr_right=True,
                      initial_state=State(x_register=x), input_source=Pin(edges).at, wrap_target=0, wrap_top=5)
    found = [(after.clock, after.y_register) for before, after in machine if before.program_counter == TO_COILS]
    rises = [cycle for cycle, level in edges if level]
    return [at for _, at in found], {cycle - rise for rise, (cycle, _) in zip(rises, found, strict=True)}


def test_micropython_assembles_the_same():
    program = COILS.following
    assert [hex(word) for word in program.words] == [hex(word) for word in FOLLOWING]
    assert (program.wrap_target, program.wrap) == (0, 5)


def test_it_fits_beside_the_programs_of_every_pump():
    assert len(STEPPING) + len(WATCHING) + len(FOLLOWING) <= 32         # words of PIO 0


def test_one_coil_at_a_time_goes_on_or_off():
    assert list(COILS.HALF_STEPS) == RING
    assert all((one ^ other).bit_count() == 1 for one, other in pairwise([*RING, RING[0]]))


@pytest.mark.parametrize("at", range(8))
@pytest.mark.parametrize("way", [1, -1])
def test_half_steps_go_round_the_ring_either_way(at, way):
    assert followed(COILS.order(RING[at], way < 0), 20)[0] == [RING[(at + way * k) % 8] for k in range(1, 21)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12)), max_size=6))
def test_the_motor_is_where_its_steps_lead_it(moves):
    """After any moves forwards and back the half step is that of the sum, so no turn of direction costs a step."""
    now, total = RING[0], 0
    for is_reverse, count in moves:
        if count:
            now = followed(COILS.order(now, is_reverse), count)[0][-1]
            total += -count if is_reverse else count
    assert now == RING[total % 8]


def test_the_shortest_pulse_it_follows():
    # 6 cycles at either level, however many steps; the coils 3 cycles behind, and 2 more until a pin is seen
    made, lags = followed(COILS.order(RING[0], False), 33, high=6, low=6)
    assert made == [RING[k % 8] for k in range(1, 34)]
    assert max(lags) <= 4
