"""Runs on the Pico as main.py: what MicroPython's assembler makes of the firmware's PIO programs."""

import json
from time import sleep_ms

from pico import programs

sleep_ms(200)                           # for USB to come up
names = ("stepping", "counting", "blinking", "sounding")
print(json.dumps({name: list(getattr(programs, name)[0]) for name in names}), "END")
