"""Runs on the Pico as its main: step counters, one of them with a program that cannot count."""

import json

import rp2

from pico import programs
from pico.counter import Counter
from pico.interlock import Interlock
from pico.stepper import Stepper

NOP = 0xA042
stepper = Stepper(2, 3, 4, Interlock(4, (), True))
found = [Counter(2, False).is_counting]
rp2.PIO(1).remove_program()
programs.counting[0][1] = NOP           # it was jmp(x_dec, "counted")
found.append(Counter(2, False).is_counting)
print(json.dumps(found), "END")
