"""The pressure sensor: a voltage from 0 to 3.3 V at ADC 0, GPIO 26. Knows no pressure, only counts."""

from machine import ADC
from micropython import const

_CHANNEL = const(0)


class Adc:
    def __init__(self):
        self._adc = ADC(_CHANNEL)

    def read(self):
        """Counts from 0 to 65535 (3.3 V). Allocates nothing."""
        return self._adc.read_u16()
