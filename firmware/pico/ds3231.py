"""The battery-backed clock: a DS3231 on I2C. Owns its registers; knows no zones, its time is UTC.

Registers, by its datasheet: 0 to 6 are second, minute, hour, weekday, day, month and year in BCD, 14 is control,
15 status. A read in one go is consistent: the chip copies its time when the transfer begins. Years are 2000 to 2099.
"""

from time import gmtime, mktime

from machine import I2C, Pin
from micropython import const

_BUS = const(0)
_SDA = const(8)
_SCL = const(9)
_HZ = const(400000)
_TIMEOUT_US = const(5000)               # of one wait: a bus that hangs costs milliseconds, not the watchdog's patience
_ADDRESS = const(0x68)
_CONTROL = const(14)
_STATUS = const(15)
_STOPPED = const(0x80)                  # in status: the oscillator has been at rest since this was cleared
_HOUR_12 = const(0x40)                  # in hour: somebody else has set it, in a form that is not read here
_MONTH = const(0x1F)                    # in month: the rest says that a century has passed
_RUNS_ON_BATTERY = b"\x1c\x00"          # control as at delivery, status with nothing set


class Ds3231:
    def __init__(self):
        self._bus = I2C(_BUS, scl=Pin(_SCL), sda=Pin(_SDA), freq=_HZ, timeout=_TIMEOUT_US)

    def read_utc_s(self):
        """UTC in whole seconds; None where the chip does not answer, or its time is not to be trusted (T-07)."""
        try:
            raw = self._bus.readfrom_mem(_ADDRESS, 0, _STATUS + 1)
        except OSError:
            return None
        if raw[_STATUS] & _STOPPED or raw[2] & _HOUR_12:
            return None
        second, minute, hour, day = _of_bcd(raw[0]), _of_bcd(raw[1]), _of_bcd(raw[2]), _of_bcd(raw[4])
        month, year = _of_bcd(raw[5] & _MONTH), _of_bcd(raw[6])
        if not (second < 60 and minute < 60 and hour < 24 and 1 <= day <= 31 and 1 <= month <= 12 and year < 100):
            return None
        return mktime((2000 + year, month, day, hour, minute, second, 0, 0))

    def set_utc_s(self, utc_s):
        """Sets the time and clears the flag; nothing happens where the chip does not answer."""
        year, month, day, hour, minute, second, weekday, _ = gmtime(utc_s)
        time = bytes([_bcd(value) for value in (second, minute, hour, weekday + 1, day, month, year % 100)])
        try:
            self._bus.writeto_mem(_ADDRESS, 0, time)
            self._bus.writeto_mem(_ADDRESS, _CONTROL, _RUNS_ON_BATTERY)
        except OSError:
            pass


def _of_bcd(byte):
    return (byte >> 4) * 10 + (byte & 15)


def _bcd(value):
    return value // 10 << 4 | value % 10
