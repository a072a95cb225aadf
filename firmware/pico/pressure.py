"""The pressure sensor: a voltage from 0 to 3.3 V at ADC 0, GPIO 26. Knows no pressure, only counts."""

from machine import ADC
from micropython import const

_CHANNEL = const(0)


class Pressure:
    def __init__(self, is_fitted):
        """The pin is taken only where a sensor is fitted."""
        self._adc = ADC(_CHANNEL) if is_fitted else None

    def read(self):
        """Counts from 0 to 65535 (3.3 V), or None where no sensor is fitted. Allocates nothing."""
        return self._adc.read_u16() if self._adc else None
