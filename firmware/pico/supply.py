"""The supply: the voltage at VSYS, through the Pico's own divider by three on GPIO 29."""

from machine import ADC
from micropython import const

_CHANNEL = const(3)
_FULL_SCALE_MV = const(9900)            # three times the 3.3 V reference, which is good to a few percent


class Supply:
    def __init__(self):
        self._adc = ADC(_CHANNEL)

    def read_mv(self):
        """Millivolts, rounded down."""
        return self._adc.read_u16() * _FULL_SCALE_MV // 65535
