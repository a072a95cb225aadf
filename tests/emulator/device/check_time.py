"""Runs on the Pico as main.py: how long parsing and checking a program in a file take, slice by slice; no watchdog."""

import gc
import json
from time import sleep_ms, ticks_diff, ticks_ms

from pump import check
from pump.program import Program
from pump.rig import Rig


def read(name):
    with open(name, "rb") as file:
        return file.read()


pieces = 0
piece_from = check.Programmed.piece_from


def counted(source, start_ms):
    global pieces
    pieces += 1
    return piece_from(source, start_ms)


check.Programmed.piece_from = counted
sleep_ms(200)                           # for USB to come up
started = ticks_ms()
program = Program(read("largest.json"))
print("parsing", ticks_diff(ticks_ms(), started), "ms")
rig = Rig(read("rig.json"))
gc.collect()
print("free", gc.mem_free())
slices = []
started = ticks_ms()
for _ in check.check_steps(program, rig):
    slices.append((ticks_diff(ticks_ms(), started), pieces))
    print("slice", slices[-1])
    started = ticks_ms()
print(json.dumps(slices), "END")
