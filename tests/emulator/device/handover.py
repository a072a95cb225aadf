"""Runs on the Pico as its main: the counter with DMA runs of ten words, so that the channels take turns often."""

from time import sleep_ms

from pico.counter import Counter
from pico.interlock import Interlock
from pico.stepper import Stepper

interlock = Interlock(4, (), True)
stepper = Stepper(2, 3, 4, interlock)
stepper.enable(True)
counter = Counter(2, False, transfers=10)
counts = []
for steps in (8, 1, 1, 1000, 12345):
    stepper.put(steps, stepper.min_interval)
    sleep_ms(200)
    counts.append(counter.steps())
print(counts, "END")
