"""Runs on the Pico as main.py: what MicroPython's assembler makes of the firmware's PIO programs."""

import json
from time import sleep_ms

from pico import buzzer, hx711, lamp, programs, rgb

sleep_ms(200)                           # for USB to come up
found = {"programs.stepping": programs.stepping, "programs.watching": programs.watching,
         "programs.counting": programs.counting, "lamp.blinking": lamp.blinking,
         "rgb.colouring": rgb.colouring, "buzzer.sounding": buzzer.sounding, "hx711.weighing": hx711.weighing}
print(json.dumps({name: list(program[0]) for name, program in found.items()}), "END")
