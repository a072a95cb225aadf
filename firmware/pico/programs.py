"""The PIO programs that every pump runs, and the arithmetic of their timing. Owns no state machine and no pin.

Programs of parts that may be fitted stand with their part: a pump without it does not load them. A PIO has 32 words,
which is enough for all together. PIO 0: stepping 14, watching 9, hearing 3, a ULN2003's coils 6. PIO 1: counting 6,
lamp 7 or three colours 11, buzzer 8, HX711 6 (tests/pico/test_pio_programs.py, test_coils.py).

A tick is one cycle of the system clock (8 ns at 125 MHz); state machines run undivided unless said otherwise.
The functions are read by MicroPython's PIO assembler; their bodies never run as Python.
"""

import rp2

# The assembler's own words (pull, mov, label ...) are no names of Python's:
# ruff: noqa: F821
# pyright: reportUndefinedVariable=false, reportCallIssue=false, reportAttributeAccessIssue=false

# stepping: a command is two words, count and delay; the ISR holds the pulse's length, which `fetch` never touches.
#   cycles of a step:  1 mov, delay + 1 jmp, 1 wait | isr + 2 high (1 mov, isr + 1 jmp) | 1 jmp y, 4 gap or fetch
#   cycles of a pause: 1 mov, delay + 1 jmp, 1 jmp, 4 fetch (pull, mov, pull, jmp y)
# The gap is as long as the fetch, so a step comes as late after the last step of the command before as after one of
# its own command. Behind an empty queue there is no pulse to wait out: the first step comes a pulse and STEP_LEAD_TICKS
# early, counted from the fetch of its command. With the longest pulse that is 1.9 us; looking at the clock and planning
# takes the interpreter longer. The shortest interval with a pulse of 14 ticks (0.11 us) would be 22 ticks.
# Before each pulse it waits for the enable line, as it is on the pin: while that is off (high) nothing steps. Pins are
# seen two cycles late, so a step can fall into the 16 ns behind the line's going off.
PULSE_TICKS = 2                         # of a pulse, beside the ISR's count
STEP_TICKS = 8                          # with the pulse, to be taken off an interval that ends in a step
PAUSE_TICKS = 7                         # to be taken off an interval that does not
STEP_LEAD_TICKS = 1


@rp2.asm_pio(sideset_init=rp2.PIO.OUT_LOW, fifo_join=rp2.PIO.JOIN_TX)
def stepping():
    """Side-set pin: step. In pin 0: enable. TX FIFO: count, delay ... ISR: ticks of the pulse less PULSE_TICKS."""
    wrap_target()
    label("fetch")
    pull(block)             .side(0)
    mov(y, osr)             .side(0)    # y: steps to come
    pull(block)             .side(0)    # osr: delay before each
    jmp(y_dec, "wait")      .side(0)
    mov(x, osr)             .side(0)
    label("pause")
    jmp(x_dec, "pause")     .side(0)
    jmp("fetch")            .side(0)
    label("again")
    nop()                   .side(0)    [3]
    label("wait")
    mov(x, osr)             .side(0)
    label("low")
    jmp(x_dec, "low")       .side(0)
    wait(0, pin, 0)         .side(0)
    mov(x, isr)             .side(1)
    label("high")
    jmp(x_dec, "high")      .side(1)
    jmp(y_dec, "again")     .side(0)
    wrap()


# watching: three inputs against y, what they are while all is well. Two looks 3 ticks apart have to differ from it, so
# that what the motor's wires induce for microseconds does not; the line is off 9 ticks after a change at the latest.
# Then the machine stays there, x holds what it saw, until it is restarted.
WATCH_HZ = 5000                         # 0.6 ms between looks, 1.8 ms to the line
QUIET = 0b110                           # stall is active high; limit and stop close to ground
SET_Y = 0xE040                          # set(y, 0), and a number of 5 bits
LINE_ON = 0xB042                        # nop() .side(0)
LINE_OFF = 0xF800                       # set(pins, 0) .side(1)
TELL_CAUSE = 0xA0C1                     # mov(isr, x)
PUSH = 0x8000                           # push(noblock)
OUT_X_2 = 0x6022                        # out(x, 2)


@rp2.asm_pio(sideset_init=rp2.PIO.OUT_HIGH, set_init=[rp2.PIO.OUT_LOW] * 4, out_shiftdir=rp2.PIO.SHIFT_RIGHT)
def watching():
    """In pins 0 to 2: stall, limit, stop. Side-set pin: enable, active low. Set pins: coils, where there are any."""
    wrap_target()
    label("quiet")
    mov(osr, pins)
    out(x, 3)
    jmp(x_not_y, "doubt")
    wrap()
    label("doubt")
    mov(osr, pins)
    out(x, 3)
    jmp(x_not_y, "trip")
    jmp("quiet")
    label("trip")
    set(pins, 0)            .side(1)
    jmp("trip")


def watch_two():
    """From now on `watching` looks at stall and limit only. Before its first machine is made."""
    words = watching[0]  # pyright: ignore[reportIndexIssue] (a list on the device)
    words[1] = words[4] = OUT_X_2


# hearing: the words of stop_mark.py against y, the mark. While it is there the line is put off again at every look;
# then the machine listens on, and the line stays as it is.
PULL_PLAIN = 0x8080                     # pull(noblock) without a side-set
MOV_Y_OSR = 0xA047                      # mov(y, osr)


@rp2.asm_pio(sideset_init=rp2.PIO.OUT_HIGH, set_init=[rp2.PIO.OUT_LOW] * 4, out_shiftdir=rp2.PIO.SHIFT_RIGHT,
             autopull=True)
def hearing():
    """TX FIFO: first words of packets. y: the mark. Side-set and set pins: those of `watching`."""
    wrap_target()
    label("next")
    out(x, 32)
    jmp(x_not_y, "next")
    set(pins, 0)            .side(1)
    wrap()


# counting: x holds the complement of the count, because a state machine can only count down. It takes six cycles
# a pulse and sees levels of five (40 ns). 30 bits, so that the interpreter reads a small integer (no allocation).
COUNT_BITS = 30
CLEAR_COUNT = 0xA02B                    # mov(x, invert(null)), encoded once: the assembler takes 7 ms on the device
PULL = 0x8080                           # pull(noblock) with side-set 0


@rp2.asm_pio(in_shiftdir=rp2.PIO.SHIFT_LEFT, fifo_join=rp2.PIO.JOIN_RX)
def counting():
    """In pin 0: step. RX FIFO: the new count after each rising edge; a full FIFO loses a word, never a count."""
    wrap_target()
    wait(1, pin, 0)
    jmp(x_dec, "counted")
    label("counted")
    mov(osr, invert(x))
    in_(osr, 30)
    push(noblock)
    wait(0, pin, 0)
    wrap()


def rest(machine):
    """Stops a state machine at its first instruction, for other words than the last ones; its pins stay as they are."""
    machine.active(0)
    machine.restart()
    while machine.tx_fifo():            # words that were replaced before the machine has taken them
        machine.exec(PULL)
