"""Sameness, part two: the firmware's own PIO programs, assembled and run, make the simulator's edges to the cycle."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.board import QUEUE_DEPTH, STOP_MARK
from pump.drivers import DRIVERS, SAFEST, STEP_RATE_MAX, pulse, step_rate_max
from pumpsim.stepper import SimStepper
from pumpsim.world import World
from tests.pico import assembler
from tests.pico.pio_machine import TICKS_PER_MS, counted, heard, step_edges, watched

PROGRAMS = assembler.programs()
LAMP, RGB, BUZZER, HX711 = (assembler.module(name) for name in ("lamp", "rgb", "buzzer", "hx711"))
# What MicroPython 1.28's own assembler makes of the same functions: read on the emulated chip as
# [hex(word) for word in pico.programs.stepping[0]] and so on.
STEPPING = [0x80A0, 0xA047, 0x80A0, 0x0088, 0xA027, 0x0045, 0x0000, 0xA342, 0xA027, 0x0049, 0x2020, 0xB026, 0x104C,
            0x0087]
WATCHING = [0xA0E0, 0x6023, 0x00A3, 0xA0E0, 0x6023, 0x00A7, 0x0000, 0xF800, 0x0007]
HEARING = [0x6020, 0x00A0, 0xF800]
COUNTING = [0x20A0, 0x0042, 0xA0E9, 0x40FE, 0x8000, 0x2020]
BLINKING = [0x80A0, 0xA047, 0x80A0, 0xB027, 0x1044, 0xA022, 0x0046]
COLOURING = [0x80A0, 0xA047, 0x80A0, 0xA0C7, 0x80A0, 0xA007, 0xA026, 0x0047, 0xA003, 0xA022, 0x004A]
WEIGHING = [0xE038, 0x2020, 0xB042, 0x4001, 0x0042, 0x8000]
SOUNDING = [0x80A0, 0xA0C7, 0x80A0, 0xA027, 0xB742, 0x0744, 0xA026, 0x0F47]

FASTEST = "TMC2209"
HIGH_TICKS = {"A4988": 125, "DRV8825": 238, "TMC2208": 14, "TMC2209": 14, "ULN2003": 125}      # of 8 ns
LEAST_TICKS = {"A4988": 250, "DRV8825": 500, "TMC2208": 28, "TMC2209": 28, "ULN2003": 125_000}
COUNTS = st.integers(0, 3)


@st.composite
def commands_of_a_driver(draw):
    """(driver, up to four commands), more often than not at the driver's shortest interval."""
    driver = draw(st.sampled_from(["A4988", "DRV8825", "TMC2209"]))
    least = LEAST_TICKS[driver]
    intervals = st.one_of(st.just(least), st.integers(least, least + 250))      # the machine is emulated by the cycle
    return driver, draw(st.lists(st.tuples(COUNTS, intervals), min_size=1, max_size=QUEUE_DEPTH))


def rising(edges):
    return [cycle for cycle, level in edges if level]


def lead(driver):
    """By how much the first step of an empty queue is early: its pulse and the jump behind it are not waited for."""
    return HIGH_TICKS[driver] + PROGRAMS.STEP_LEAD_TICKS


def simulated(commands, driver):
    """Ticks of the simulator's edges, queued at tick 0."""
    world, ticks = World(), []
    stepper = SimStepper(world, lambda first, interval, count: ticks.extend(
        range(first, first + count * interval, interval)))
    stepper.drive(driver)
    stepper.enable(True)
    for command in commands:
        stepper.put(*command)
    world.move_to(1000)
    stepper.edges()
    return ticks


@pytest.mark.parametrize("program, words, wrap", [
    (PROGRAMS.stepping, STEPPING, (0, 13)), (PROGRAMS.watching, WATCHING, (0, 2)), (PROGRAMS.hearing, HEARING, (0, 2)),
    (PROGRAMS.counting, COUNTING, (0, 5)), (LAMP.blinking, BLINKING, (3, 6)),
    (RGB.colouring, COLOURING, (5, 10)), (BUZZER.sounding, SOUNDING, (3, 7)),
    (HX711.weighing, WEIGHING, (0, 5))])
def test_micropython_assembles_the_same(program, words, wrap):
    assert [hex(word) for word in program.words] == [hex(word) for word in words]
    assert (program.wrap_target, program.wrap) == wrap


def test_all_programs_fit_their_instruction_memory():
    assert len(STEPPING) + len(WATCHING) + len(HEARING) <= 32               # PIO 0; a ULN2003's: test_coils.py
    lamp = max(len(BLINKING), len(COLOURING))               # one of them
    assert len(COUNTING) + lamp + len(SOUNDING) + len(WEIGHING) <= 32       # PIO 1


def test_steps_of_one_command_are_one_interval_apart():
    # from an empty queue a step comes 238 + 1 early: 1000 - 239 = 761, then every 1000
    assert rising(step_edges(PROGRAMS, [(4, 1000)])) == [761, 1761, 2761, 3761]


def test_commands_join_without_a_cycle_between():
    # 700 - 239 = 461, 1161; then 900 further on, twice; then 625
    assert rising(step_edges(PROGRAMS, [(2, 700), (2, 900), (1, 625)])) == [461, 1161, 2061, 2961, 3586]


def test_a_wait_does_not_step_and_adds_up():
    # 700 - 239 = 461, then 800 + 650 + 1000 = 2450 to the next
    assert rising(step_edges(PROGRAMS, [(1, 700), (0, 800), (0, 650), (1, 1000)])) == [461, 2911]


@pytest.mark.parametrize("driver", sorted(DRIVERS))
def test_the_pulse_is_as_long_as_the_driver_asks_for(driver):
    interval = min(LEAST_TICKS[driver], 1000)               # a motor's 125,000 are waited for like any other
    edges = step_edges(PROGRAMS, [(2, interval)], driver=driver)
    widths = [(level, after - cycle) for (cycle, level), (after, _) in pairwise(edges)]
    high, low = HIGH_TICKS[driver], LEAST_TICKS[driver] - HIGH_TICKS[driver]
    assert pulse(driver, TICKS_PER_MS) == (high, high + low)
    assert widths == [(1, high), (0, interval - high), (1, high)]
    asked_high_ns, asked_low_ns, asked_interval_ns = DRIVERS[driver]
    assert high * 8 >= asked_high_ns and low * 8 >= asked_low_ns and (high + low) * 8 >= asked_interval_ns
    assert edges[-1][1] == 0                                # the pin rests low


@pytest.mark.parametrize("driver, setup_ns", [
    ("A4988", 200), ("DRV8825", 650), ("TMC2208", 20), ("TMC2209", 20)])
def test_the_direction_is_there_in_time(driver, setup_ns):
    # the shortest way from a put, which comes after the direction, to its step
    first = rising(step_edges(PROGRAMS, [(1, LEAST_TICKS[driver])], driver=driver))[0]
    assert first * 8 >= setup_ns


def test_the_safest_driver_suits_all():
    most = [max(figures) for figures in zip(*[DRIVERS[driver] for driver in DRIVERS if driver != "ULN2003"],
                                            strict=True)]
    assert list(DRIVERS[SAFEST]) == most
    assert all(DRIVERS["ULN2003"][level] <= most[level] for level in (0, 1))


def test_four_million_steps_a_second():
    # 28 ticks of 8 ns are 224 ns: 4,464,285 steps/s, for a thousand of them
    edges = step_edges(PROGRAMS, [(1000, 28)], driver=FASTEST)
    assert {later - earlier for earlier, later in pairwise(rising(edges))} == {28}
    assert step_rate_max(FASTEST) == STEP_RATE_MAX == max(map(step_rate_max, DRIVERS)) == 4_464_285

    sent = counted(PROGRAMS, edges, edges[-1][0] + 50)
    assert [count for _, count in sent] == list(range(1, 1001))


@pytest.mark.requirement("D-08")
@settings(max_examples=25, deadline=None)
@given(commands_of_a_driver(), st.integers(0, 4000))
def test_no_step_begins_while_the_enable_line_is_off(given, off):
    """What had begun is finished; all that is left comes as soon as the line is on again, its intervals unchanged."""
    driver, commands = given
    whole = step_edges(PROGRAMS, commands, driver=driver)
    expected = [cycle for cycle in rising(whole) if cycle <= off]
    on = off + 1500                     # twice the longest interval
    held = step_edges(PROGRAMS, commands, driver=driver, enable=[(off, 1), (on, 0)])
    assert rising(held)[:len(expected)] == expected
    assert not any(off + 1 < cycle <= on for cycle in rising(held))
    assert len(held) == len(whole)
    assert held[-1:] == [] or held[-1][1] == 0


# Of the bits: stall, limit, stop; 0b110 while all is well
@pytest.mark.requirement("A-01")
@pytest.mark.parametrize("bits", [0b111, 0b100, 0b010, 0b001])
@pytest.mark.parametrize("at", range(100, 106))
def test_an_input_takes_the_enable_line_off_within_nine_ticks(bits, at):
    cycle, seen = watched(PROGRAMS, [(at, bits)], 200)
    assert 0 < cycle - at <= 9
    assert seen == bits
    assert 9 * 1000 / PROGRAMS.WATCH_HZ <= 2                # ms


@pytest.mark.parametrize("at", range(100, 106))
def test_what_is_over_before_the_second_look_is_passed_over(at):
    assert watched(PROGRAMS, [(at, 0b111), (at + 3, 0b110)], 300) == (None, None)


def test_where_gpio_7_has_another_use_two_inputs_are_watched():
    ours = assembler.programs()
    ours.watching = (ours.watching.words, ours.watching)           # as MicroPython has it: the words come first
    ours.watch_two()
    ours.watching = ours.watching[1]
    ours.QUIET = 0b10
    assert watched(ours, [(100, 0b110), (200, 0b010), (300, 0b110)], 400) == (None, None)
    assert watched(ours, [(100, 0b100)], 200)[1] == 0b00


def test_the_words_for_the_watching_machine_are_encoded_right():
    assert assembler.Program(set_quiet, 0).words == [PROGRAMS.SET_Y | PROGRAMS.QUIET, PROGRAMS.OUT_X_2]
    assert assembler.Program(tell_cause, 0).words == [PROGRAMS.TELL_CAUSE, PROGRAMS.PUSH]
    # with the optional side-set, which the third line makes one
    assert assembler.Program(line, 1).words[:2] == [PROGRAMS.LINE_ON, PROGRAMS.LINE_OFF]


def set_quiet():
    set(y, 6)  # noqa: F821
    out(x, 2)  # noqa: F821


def tell_cause():
    mov(isr, x)  # noqa: F821
    push(noblock)  # noqa: F821


def line():
    nop().side(0)  # noqa: F821
    set(pins, 0).side(1)  # noqa: F821
    nop()  # noqa: F821


def test_a_machine_that_had_to_wait_for_its_command_starts_at_once():
    # one step at 461; the next command is queued at cycle 5000: pulling it takes as long as at the start, and the
    # cycle of the put is in the middle of a waiting pull
    first, second = rising(step_edges(PROGRAMS, [(1, 700)], idle=[(5000, 1, 2000)]))
    assert first == 461
    assert 5000 + 2000 - lead(SAFEST) <= second <= 5000 + 2000


@settings(max_examples=25, deadline=None)
@given(commands_of_a_driver())
def test_the_simulator_makes_the_same_edges(given):
    driver, commands = given
    assert rising(step_edges(PROGRAMS, commands, driver=driver)) == [
        tick - lead(driver) for tick in simulated(commands, driver)]


@settings(max_examples=10, deadline=None)
@given(commands_of_a_driver())
def test_the_counter_counts_the_edges_on_the_pin(given):
    driver, commands = given
    edges = step_edges(PROGRAMS, commands, driver=driver)
    end = edges[-1][0] + 50 if edges else 50

    sent = counted(PROGRAMS, edges, end)

    assert [count for _, count in sent] == list(range(1, len(simulated(commands, driver)) + 1))


def test_the_counter_says_it_within_five_cycles():
    sent = counted(PROGRAMS, [(100, 1), (421, 0)], 500)
    assert [(cycle - 100, count) for cycle, count in sent] == [(4, 1)]


def test_the_counter_sees_levels_of_five_cycles():
    # a hundred pulses of 5 cycles each way: 40 ns, a third of the shortest step pulse
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


MARK = int.from_bytes(STOP_MARK, "little")


@pytest.mark.requirement("C-02")
@pytest.mark.parametrize("at", range(100, 103))
def test_the_mark_of_a_stop_takes_the_line_off_ten_cycles_behind_it_and_nothing_puts_it_on(at):
    """Four words wait, two cycles each, then the word itself is taken and judged, and the third word acts."""
    edges = heard(PROGRAMS, [(at, MARK), (at + 60, 0x6469227B)], MARK, 300)
    assert [level for _, level in edges] == [1]
    assert at + 8 < edges[0][0] <= at + 12


@given(st.lists(st.integers(0, 2**32 - 1).filter(lambda word: word != MARK), min_size=1, max_size=20))
@settings(max_examples=30)
def test_no_other_word_takes_the_line_off(words):
    near = [MARK ^ 1 << bit for bit in range(32)]
    assert heard(PROGRAMS, [(20 * at, word) for at, word in enumerate(near + words)], MARK, 1200) == []
