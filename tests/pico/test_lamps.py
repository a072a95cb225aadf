"""What the lamps show for each pattern (A-02): the adapters' words in their programs, run in rp2040-pio-emulator."""

from collections import deque
from functools import cache
from itertools import pairwise

import pytest
from pioemu import State, emulate

from pump import board
from tests.pico import assembler

HZ = 2000                               # of the state machine
RED, GREEN, YELLOW, CYAN, WHITE = 1, 2, 3, 6, 7
ALARMS = (board.PATTERN_LOW, board.PATTERN_MEDIUM, board.PATTERN_HIGH)
PATTERNS = (board.PATTERN_STOPPED, board.PATTERN_RUNNING, board.PATTERN_SUSPENDED, *ALARMS)


class Machine:
    """Stands for a state machine: what an adapter puts and executes, and what comes of it on the pins."""

    def __init__(self, number, program, **options):
        self.program = program
        self.words = []
        self.executed = []
        self.is_active = False

    def active(self, on):
        self.is_active = bool(on)

    def restart(self):
        self.words, self.executed = [], []

    def tx_fifo(self):
        return 0

    def exec(self, word):
        self.executed.append(word)

    def put(self, word):
        self.words.append(word)

    def levels(self, seconds):
        """[(second, colour)] of the changes from the start on, and the colour before them."""
        program, start = self.program, State(pin_directions=7, transmit_fifo=deque(self.words))
        options = {"side_set_base": 0, "side_set_count": program.side_set_bits, "out_base": 0, "out_count": 3}
        if self.executed:
            *_, (_, start) = emulate(self.executed, stop_when=lambda _, state: state.clock >= len(self.executed),
                                     initial_state=start, **options)
        first = start.pin_values & 7
        if not self.is_active:
            return first, []
        found, colour = [], first
        for before, after in emulate(program.words, stop_when=lambda _, state: state.clock >= seconds * HZ,
                                     initial_state=State(pin_directions=7, pin_values=start.pin_values,
                                                         transmit_fifo=start.transmit_fifo),
                                     wrap_target=program.wrap_target, wrap_top=program.wrap, **options):
            if after.pin_values & 7 != colour:
                colour = after.pin_values & 7
                found.append((before.clock / HZ, colour))
        return first, found


@cache
def shown(kind, pattern, seconds=7):
    """(colours but dark, Hz of the blinking or 0, part of the time that it is lit) of a pattern."""
    made = getattr(assembler.module(kind, StateMachine=Machine), kind.capitalize())
    lamp = made(25) if kind == "lamp" else made()
    lamp.show(pattern)
    machine = next(each for each in vars(lamp).values() if isinstance(each, Machine))
    first, changes = machine.levels(seconds)
    colours = {first, *(colour for _, colour in changes)} - {0}
    rising = [second for second, colour in changes if colour]
    if len(rising) < 2:
        return colours, 0, 1 if first else 0
    hz = 1 / (rising[1] - rising[0])
    lit = sum(end - begin for (begin, colour), (end, _) in pairwise(changes) if colour and begin == rising[0])
    return colours, hz, lit * hz


@pytest.mark.requirement("A-02")
@pytest.mark.parametrize("kind, red, yellow, cyan", [
    ("lamp", {1}, {1}, {1}), ("rgb", {RED}, {YELLOW}, {CYAN}), ("leds", {1}, {2}, {4})])
def test_alarms_have_the_colours_and_frequencies_of_the_standard(kind, red, yellow, cyan):
    colours, hz, lit = shown(kind, board.PATTERN_HIGH)
    assert colours == red and 1.4 <= hz <= 2.8 and 0.2 <= lit <= 0.6
    colours, hz, lit = shown(kind, board.PATTERN_MEDIUM)
    assert colours == yellow and 0.4 <= hz <= 0.8 and 0.2 <= lit <= 0.6
    assert shown(kind, board.PATTERN_LOW) == (cyan, 0, 1)


@pytest.mark.requirement("A-02")
@pytest.mark.parametrize("kind", ["lamp", "rgb", "leds"])
def test_no_other_pattern_can_be_taken_for_an_alarm(kind):
    alarms = [shown(kind, pattern) for pattern in ALARMS]
    for pattern in PATTERNS[:3]:
        colours, hz, lit = shown(kind, pattern)
        assert hz and not 1.4 <= hz <= 2.8 and not 0.4 <= hz <= 0.8
        assert all((colours, hz, lit) != alarm for alarm in alarms)
        if kind == "rgb":
            assert not colours & {RED, YELLOW, CYAN}


@pytest.mark.parametrize("kind", ["lamp", "rgb", "leds"])
def test_every_pattern_is_another_one_and_off_is_dark(kind):
    found = [(sorted(colours), round(hz, 2), round(lit, 2)) for colours, hz, lit in (
        shown(kind, pattern) for pattern in PATTERNS)]
    assert len({str(each) for each in found}) == len(PATTERNS)
    assert shown(kind, board.PATTERN_OFF) == (set(), 0, 0)
