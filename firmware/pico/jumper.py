"""The maintenance jumper: the one way to a REPL, since the pump takes the USB serial for itself (C-04)."""

from time import sleep_ms

from machine import Pin
from micropython import const

_PIN = const(15)


def is_fitted():
    """True where GPIO 15 is held to ground; meant for boot, before the pump is made."""
    pin = Pin(_PIN, Pin.IN, Pin.PULL_UP)
    sleep_ms(1)                         # the weak pull-up charges what hangs on the wire
    return not pin.value()
