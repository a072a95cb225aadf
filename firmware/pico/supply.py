"""The supply: the voltage at VSYS, through the Pico's own divider by three on GPIO 29; the chip's own temperature."""

from machine import ADC
from micropython import const

_CHANNEL = const(3)
_SENSOR = const(4)
_FULL_SCALE_MV = const(9900)            # three times the 3.3 V reference, which is good to a few percent


class Supply:
    def __init__(self):
        self._adc = ADC(_CHANNEL)
        self._sensor = ADC(_SENSOR)

    def read_mv(self):
        """Millivolts, rounded down."""
        return self._adc.read_u16() * _FULL_SCALE_MV // 65535

    def read_chip_c(self):
        """Degrees Celsius, rounded down; good to some 5: 0.706 V at 27 C, 1.721 mV less a degree (RP2040 datasheet,
        4.9.5).
        """
        return 27 + (706000 - self._sensor.read_u16() * 3300000 // 65535) // 1721
