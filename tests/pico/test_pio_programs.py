"""Sameness, part two: the firmware's own PIO programs, assembled and run, make the simulator's edges to the cycle."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.board import MIN_INTERVAL, QUEUE_DEPTH
from pumpsim.stepper import SimStepper
from pumpsim.world import World
from tests.pico import assembler
from tests.pico.pio_machine import counted, step_edges

PROGRAMS = assembler.programs()
# What MicroPython 1.28's own assembler makes of the same functions: read on the emulated chip as
# [hex(word) for word in pico.programs.stepping[0]] and so on.
STEPPING = [0x80A0, 0xA047, 0x80A0, 0x0088, 0xA027, 0x0045, 0x0000, 0xA342, 0xA027, 0x0049, 0xF033, 0x1F4B, 0x0087]
COUNTING = [0x20A0, 0x0042, 0xA0E9, 0x40FE, 0x8000, 0x2020]
BLINKING = [0x80A0, 0xA047, 0x80A0, 0xB027, 0x1044, 0xA022, 0x0046]
SOUNDING = [0x80A0, 0xA0C7, 0x80A0, 0xA027, 0xB742, 0x0744, 0xA026, 0x0F47]

INTERVALS = st.integers(MIN_INTERVAL, 1500)
COMMANDS = st.lists(st.tuples(st.integers(0, 4), INTERVALS), min_size=1, max_size=QUEUE_DEPTH)


def rising(edges):
    return [cycle for cycle, level in edges if level]


def simulated(commands):
    """Ticks of the simulator's edges, queued at tick 0."""
    world, ticks = World(), []
    stepper = SimStepper(world, lambda first, interval, count: ticks.extend(
        range(first, first + count * interval, interval)))
    for command in commands:
        stepper.put(*command)
    world.move_to(1000)
    stepper.edges()
    return ticks


@pytest.mark.parametrize("name, words, wrap", [
    ("stepping", STEPPING, (0, 12)), ("counting", COUNTING, (0, 5)), ("blinking", BLINKING, (3, 6)),
    ("sounding", SOUNDING, (3, 7))])
def test_micropython_assembles_the_same(name, words, wrap):
    program = getattr(PROGRAMS, name)
    assert [hex(word) for word in program.words] == [hex(word) for word in words]
    assert (program.wrap_target, program.wrap) == wrap


def test_both_programs_fit_their_instruction_memory():
    assert len(STEPPING) <= 32                              # PIO 0
    assert len(COUNTING) + len(BLINKING) + len(SOUNDING) <= 32              # PIO 1


def test_steps_of_one_command_are_one_interval_apart():
    # from an empty queue a step comes STEP_LEAD_TICKS early: 1000 - 322 = 678, then every 1000
    assert rising(step_edges(PROGRAMS, [(4, 1000)])) == [678, 1678, 2678, 3678]


def test_commands_join_without_a_cycle_between():
    # 700 - 322 = 378, 1078; then 900 further on, twice; then 625
    assert rising(step_edges(PROGRAMS, [(2, 700), (2, 900), (1, 625)])) == [378, 1078, 1978, 2878, 3503]


def test_a_wait_does_not_step_and_adds_up():
    # 700 - 322 = 378, then 800 + 650 + 1000 = 2450 to the next
    assert rising(step_edges(PROGRAMS, [(1, 700), (0, 800), (0, 650), (1, 1000)])) == [378, 2828]


def test_the_pulse_is_long_enough_for_a_driver_and_the_pin_rests_low():
    edges = step_edges(PROGRAMS, [(2, MIN_INTERVAL)])
    widths = [(level, after - cycle) for (cycle, level), (after, _) in pairwise(edges)]
    # high: 1 + 20 * 16 cycles; low: what is left of the shortest interval
    assert widths == [(1, 321), (0, 304), (1, 321)]
    assert PROGRAMS.PULSE_TICKS == 321
    assert all(width * 8 >= 1900 for _, width in widths)    # ns; a DRV8825 asks for 1.9 us of either level
    assert edges[-1][1] == 0


def test_a_machine_that_had_to_wait_for_its_command_starts_at_once():
    # one step at 378; the next command is queued at cycle 5000: pulling it takes as long as at the start, and the
    # cycle of the put is in the middle of a waiting pull
    first, second = rising(step_edges(PROGRAMS, [(1, 700)], idle=[(5000, 1, 2000)]))
    assert first == 378
    assert 5000 + 2000 - PROGRAMS.STEP_LEAD_TICKS <= second <= 5000 + 2000


@settings(max_examples=25, deadline=None)
@given(COMMANDS)
def test_the_simulator_makes_the_same_edges(commands):
    assert rising(step_edges(PROGRAMS, commands)) == [tick - PROGRAMS.STEP_LEAD_TICKS for tick in simulated(commands)]


@settings(max_examples=10, deadline=None)
@given(COMMANDS)
def test_the_counter_counts_the_edges_on_the_pin(commands):
    edges = step_edges(PROGRAMS, commands)
    end = edges[-1][0] + 50 if edges else 50

    sent = counted(PROGRAMS, edges, end)

    assert [count for _, count in sent] == list(range(1, len(simulated(commands)) + 1))


def test_the_counter_says_it_within_five_cycles():
    sent = counted(PROGRAMS, [(100, 1), (421, 0)], 500)
    assert [(cycle - 100, count) for cycle, count in sent] == [(4, 1)]


def test_the_counter_sees_levels_of_five_cycles():
    # a hundred pulses of 5 cycles each way: 40 ns, a fiftieth of the shortest step pulse
    edges = [(100 + 5 * k, 1 - k % 2) for k in range(200)]
    assert counted(PROGRAMS, edges, 1200)[-1][1] == 100


def test_the_count_wraps_within_thirty_bits():
    edges = [(100, 1), (200, 0), (300, 1), (400, 0), (500, 1)]
    sent = counted(PROGRAMS, edges, 600, start=2**30 - 2)
    assert [count for _, count in sent] == [2**30 - 1, 0, 1]
    assert PROGRAMS.COUNT_BITS == 30


def test_clearing_the_count_is_encoded_right():
    program = assembler.Program(clear, 0)
    assert program.words == [PROGRAMS.CLEAR_COUNT]


def clear():
    mov(x, invert(null))  # noqa: F821
