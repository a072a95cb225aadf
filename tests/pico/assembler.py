"""A small PIO assembler for CPython: gives the firmware's `@rp2.asm_pio` functions a meaning, for tests only.

Written after the RP2040 datasheet, section 3.4; knows the instructions and words that the firmware uses. `module()`
imports a file of pico/ with modules of MicroPython's that hold nothing else, and takes all out of sys.modules again.
"""

import importlib
import sys
import types
from types import SimpleNamespace

REGISTERS = {"pins": 0, "pin": 1, "x": 1, "y": 2, "null": 3, "isr": 6, "osr": 7}        # as sources and destinations
CONDITIONS = {"always": 0, "not_x": 1, "x_dec": 2, "not_y": 3, "y_dec": 4, "x_not_y": 5,
              "not_osre": 7}
PIO = SimpleNamespace(OUT_LOW=2, OUT_HIGH=3, SHIFT_LEFT=0, SHIFT_RIGHT=1, JOIN_NONE=0, JOIN_TX=1, JOIN_RX=2)


class Line:
    """One instruction: its word without delay and side-set, which follow as `.side(n)` and `[n]`."""

    def __init__(self, word):
        self.word = word
        self.side_value = None
        self.delay = 0

    def side(self, value):
        self.side_value = value
        return self

    def __getitem__(self, cycles):
        self.delay = cycles
        return self


class Program:
    """What the assembler makes of a function: words, wrap_target, wrap (instruction numbers), side_set_bits.

    Where not every instruction has a side-set it is optional, and a bit of its own says that there is one.
    """

    def __init__(self, body, side_set_bits):
        self.wrap_target = 0
        self.wrap = 0
        self._labels = {}
        self._lines = []
        for _ in range(2):                       # a second pass, since labels are used before they are set
            self._lines = []
            types.FunctionType(body.__code__, self._vocabulary())()
        self._is_optional = side_set_bits > 0 and any(line.side_value is None for line in self._lines)
        self.side_set_bits = side_set_bits + self._is_optional
        self.words = [self._encode(line) for line in self._lines]

    def _encode(self, line):
        assert line.delay < 1 << 5 - self.side_set_bits
        side = line.side_value or 0
        if self._is_optional and line.side_value is not None:
            side |= 1 << self.side_set_bits - 1
        return line.word | (side << 5 - self.side_set_bits | line.delay) << 8

    def _vocabulary(self):
        def emit(word):
            self._lines.append(Line(word))
            return self._lines[-1]

        def jmp(condition, label=None):
            if label is None:
                condition, label = CONDITIONS["always"], condition
            return emit(0x0000 | condition << 5 | self._labels.get(label, 0))

        return {
            **REGISTERS, **CONDITIONS, "block": 0x20, "noblock": 0, "invert": lambda source: source | 1 << 3,
            "jmp": jmp,
            "wait": lambda polarity, source, index: emit(0x2000 | polarity << 7 | source << 5 | index),
            "in_": lambda source, bits: emit(0x4000 | source << 5 | bits & 31),
            "push": lambda block: emit(0x8000 | block),
            "pull": lambda block: emit(0x8080 | block),
            "out": lambda to, bits: emit(0x6000 | to << 5 | bits & 31),
            "mov": lambda to, source: emit(0xA000 | to << 5 | source),
            "nop": lambda: emit(0xA000 | REGISTERS["y"] << 5 | REGISTERS["y"]),
            "set": lambda to, value: emit(0xE000 | to << 5 | value),
            "label": lambda name: self._labels.__setitem__(name, len(self._lines)),
            "wrap_target": lambda: setattr(self, "wrap_target", len(self._lines)),
            "wrap": lambda: setattr(self, "wrap", len(self._lines) - 1),
        }


def asm_pio(sideset_init=None, **_):
    return lambda body: Program(body, 0 if sideset_init is None else 1)


def programs():
    """The module pico.programs with its programs assembled."""
    return module("programs")


class Pin:
    """Takes the place of machine.Pin, and makes nothing."""

    IN, OUT, PULL_UP, PULL_DOWN = range(4)

    def __init__(self, *_):
        pass


def module(name, **of_rp2):
    """The module pico.`name` with its PIO programs assembled. `of_rp2`: what its adapter takes of rp2."""
    stand_ins = {"rp2": SimpleNamespace(asm_pio=asm_pio, PIO=PIO, **of_rp2),
                 "micropython": SimpleNamespace(const=lambda value: value),
                 "machine": SimpleNamespace(Pin=Pin, **dict.fromkeys(("ADC", "I2C", "UART", "mem32", "freq"))),
                 "time": SimpleNamespace(ticks_ms=lambda: 0, ticks_diff=lambda late, early: late - early,
                                         gmtime=None, mktime=None, sleep_ms=None)}
    own = [each for each in sys.modules if each == "pico" or each.startswith("pico.")]
    kept = {each: sys.modules.pop(each) for each in [*own, *stand_ins] if each in sys.modules}
    sys.modules.update(stand_ins)
    try:
        return importlib.import_module("pico." + name)
    finally:
        for each in [each for each in sys.modules if each == "pico" or each.startswith("pico.")] + [*stand_ins]:
            sys.modules.pop(each, None)
        sys.modules.update(kept)
