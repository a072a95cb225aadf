"""The firmware's PIO programs in rp2040-pio-emulator: commands in, edges out; edges in, counts out."""

from collections import deque

from pioemu import ShiftRegister, State, emulate

from pump.drivers import SAFEST, pulse

STEP = 1                                # pins: the emulator has no base for what is read, so those are 0
ENABLE = 0
LINE = 8                                # of `watched`
TICKS_PER_MS = 125_000
MASK = 0xFFFFFFFF


def step_edges(programs, commands, idle=(), driver=SAFEST, enable=()):
    """(cycle, level) of every edge on the step pin, cycle 0 being the first fetch.

    `commands` are (count, interval) as the contract has them; those in `idle` follow only when the machine has been
    waiting, as (cycle at which it is queued, count, interval). `enable`: edges of the enable line, low at first.
    """
    program = programs.stepping
    fifo = deque(word for command in commands for word in words(programs, driver, *command))
    isr = ShiftRegister(pulse(driver, TICKS_PER_MS)[0] - programs.PULSE_TICKS, 0)
    later = deque(idle)
    machine = emulate(program.words, stop_when=lambda _, state: is_done(state, later),
                      initial_state=State(transmit_fifo=fifo, pin_directions=1 << STEP, input_shift_register=isr),
                      side_set_base=STEP, input_source=Pin(enable, ENABLE).at,
                      side_set_count=program.side_set_bits, wrap_target=program.wrap_target, wrap_top=program.wrap)
    edges = []
    level = 0
    for before, after in machine:
        if after.pin_values >> STEP & 1 != level:
            level = after.pin_values >> STEP & 1
            edges.append((before.clock, level))
        if later and after.clock >= later[0][0]:
            after.transmit_fifo.extend(words(programs, driver, *later.popleft()[1:]))
    return edges


def is_done(state, later):
    return not state.transmit_fifo and state.program_counter == 0 and not later


def words(programs, driver, count, interval):
    """The two words that Stepper.put queues."""
    high, _ = pulse(driver, TICKS_PER_MS)
    return count, interval - (high + programs.STEP_TICKS if count else programs.PAUSE_TICKS)


def counted(programs, edges, cycles, start=0):
    """The words that the counter sends, with the cycle of each, for a pin with these (cycle, level) edges.

    Runs for `cycles`; the FIFO is emptied at once, as DMA does. `start` is the count before.
    """
    program = programs.counting
    pin = Pin(edges)
    machine = emulate(program.words, stop_when=lambda _, state: state.clock >= cycles,
                      initial_state=State(x_register=~start & MASK), input_source=pin.at, shift_isr_right=False,
                      wrap_target=program.wrap_target, wrap_top=program.wrap)
    sent = []
    for before, after in machine:
        while after.receive_fifo:
            sent.append((before.clock, after.receive_fifo.popleft()))
    return sent


def watched(programs, inputs, cycles):
    """(cycle at which the enable line goes off or None, x then) for inputs as (cycle, their three bits)."""
    program = programs.watching
    pins = Pin(inputs, 0, programs.QUIET)
    machine = emulate(program.words, stop_when=lambda _, state: state.clock >= cycles,
                      initial_state=State(y_register=programs.QUIET, pin_directions=3 << LINE), input_source=pins.at,
                      side_set_base=LINE, side_set_count=program.side_set_bits, set_base=16, set_count=4,
                      wrap_target=program.wrap_target, wrap_top=program.wrap)
    for before, after in machine:
        if after.pin_values >> LINE & 1:
            return before.clock, after.x_register
    return None, None


def heard(programs, words, mark, cycles):
    """(cycle, level) of every edge of the enable line, low at first, for (cycle, a packet's first word from then on).

    DMA keeps the FIFO of four words full. The emulator knows no side-set that is optional, so the line is read off the
    instructions that have one.
    """
    program = programs.hearing
    packets = Pin(words)
    machine = emulate(program.words, stop_when=lambda _, state: state.clock >= cycles, auto_pull=True,
                      initial_state=State(y_register=mark, pin_directions=1 << LINE, transmit_fifo=deque([0] * 4),
                                          output_shift_register=ShiftRegister(0, 32)),
                      set_base=16, set_count=4, wrap_target=program.wrap_target, wrap_top=program.wrap)
    edges = []
    level = 0
    for before, after in machine:
        side = program.words[before.program_counter] >> 11 & 3
        if side == 2 | level ^ 1:
            level ^= 1
            edges.append((before.clock, level))
        while len(after.transmit_fifo) < 4:
            after.transmit_fifo.append(packets.at(after.clock))
    return edges


class Pin:
    """Levels over time, at a pin and those behind it; `at` must be asked in order."""

    def __init__(self, edges, pin=0, level=0):
        self._edges = deque(edges)
        self._pin = pin
        self._level = level

    def at(self, clock: int):
        while self._edges and self._edges[0][0] <= clock:
            self._level = self._edges.popleft()[1]
        return self._level << self._pin
