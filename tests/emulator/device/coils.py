"""Runs on the Pico as main.py: a ULN2003's coils, 11 half steps forward, 5 back, then on until an input stops it.

Says FORWARD, BACK and RUN before each; after RUN, OFF with what has stopped it, and ON when the line is on again.
"""

from time import sleep_ms

from pico.board import PicoBoard

board = PicoBoard()
stepper, counter = board.stepper, board.counter
stepper.drive("ULN2003")
sleep_ms(200)                           # for USB to come up


def steps(count, words):
    print(words, end="")
    sleep_ms(20)
    begun = counter.steps()
    stepper.put(count, stepper.min_interval)
    while counter.steps() - begun < count:
        board.watchdog.feed()
    sleep_ms(5)


stepper.enable(True)
steps(11, "FORWARD")
stepper.enable(False)
sleep_ms(20)
stepper.enable(True)
stepper.reverse(True)
steps(5, "BACK")
stepper.reverse(False)
print("RUN", end="")
stepper.put(100000, stepper.min_interval)
while not board.inputs.read():
    board.watchdog.feed()
sleep_ms(5)
print("OFF", board.inputs.read(), "END", end="")
sleep_ms(50)
board.watchdog.feed()
stepper.halt()
stepper.enable(False)
stepper.enable(True)
print("ON", end="")
while True:
    sleep_ms(100)
    board.watchdog.feed()
