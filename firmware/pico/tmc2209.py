"""A TMC2209 as motor driver, set up over its serial line: currents, microsteps, stall output. Knows no pulses.

By its datasheet (Trinamic, Rev. 1.09): sections 4 (datagrams, CRC), 5 (registers), 9 (currents), 11 (StallGuard4). Its
one wire carries both directions: TX by 1 kOhm, RX directly, so what is sent is heard too. Address 0: MS1 and MS2 low.

IFCNT counts the writes that were understood, which proves those registers that cannot be read; GCONF and CHOPCONF are
read back. A driver that had no motor supply since has the reset flag in GSTAT, and its settings are gone.
"""

import struct

from machine import UART, Pin
from micropython import const

_TX = const(0)
_RX = const(1)
_BAUD = const(115200)                   # found by the driver itself from the first byte
_TIMEOUT_MS = const(5)                  # an answer is there after 1 ms
_TRIES = const(2)
_SYNC = const(5)
_MASTER = const(0xFF)                   # whom an answer is for
_WRITE = const(0x80)
_GCONF = const(0x00)
_GSTAT = const(0x01)
_IFCNT = const(0x02)
_IHOLD_IRUN = const(0x10)
_TCOOLTHRS = const(0x14)
_SGTHRS = const(0x40)
_CHOPCONF = const(0x6C)
_RESET = const(1)                       # in GSTAT, cleared by writing it
_BY_SERIAL = const(0x1C0)               # GCONF: pdn_disable, mstep_reg_select, multistep_filt; no VREF, no spreadCycle
_CHOPPER = const(0x10000053)            # CHOPCONF at reset: interpolation to 256, TOFF 3
_VSENSE = const(1 << 17)                # 0.18 V instead of 0.325 V across the sense resistors at full scale
_CLOCK_HZ = const(12000000)             # inside
_TSTEP_MOST = const(0xFFFFF)


class Tmc2209:
    def __init__(self, settings):
        """Takes its pins. `settings`: as Rig.tmc2209. Nothing is sent yet."""
        self._registers = registers(*settings)
        self._uart = UART(0, baudrate=_BAUD, tx=Pin(_TX), rx=Pin(_RX), timeout=_TIMEOUT_MS, timeout_char=_TIMEOUT_MS)

    def is_ready(self, is_at_rest):
        """True where the driver answers and is set up. At rest it is set up where it is not, which takes some 12 ms;
        a look takes 4 ms, a driver that is silent up to 20 ms.
        """
        return self._is_set_up() or (is_at_rest and self._set_up() and self._is_set_up())

    def _is_set_up(self):
        state = self._read(_GSTAT)
        if state is None or state & _RESET:
            return False
        return all([self._read(register) == value for register, value in self._registers
                    if register in (_GCONF, _CHOPCONF)])

    def _set_up(self):
        before = self._read(_IFCNT)
        if before is None:
            return False
        self._write(_GSTAT, _RESET)
        for register, value in self._registers:
            self._write(register, value)
        return self._read(_IFCNT) == (before + 1 + len(self._registers)) & 0xFF

    def _read(self, register):
        """The register's 32 bits; None where no whole answer comes."""
        for _ in range(_TRIES):
            answer = self._exchange(bytes((_SYNC, 0, register)), 8)
            if len(answer) == 8 and answer[:3] == bytes((_SYNC, _MASTER, register)) and crc8(answer[:7]) == answer[7]:
                return struct.unpack(">I", answer[3:7])[0]
        return None

    def _write(self, register, value):
        self._exchange(struct.pack(">BBBI", _SYNC, 0, register | _WRITE, value), 0)

    def _exchange(self, datagram, size):
        """What comes back behind our own bytes."""
        uart = self._uart
        while uart.any():               # of an answer that came too late
            uart.read()
        sent = datagram + bytes((crc8(datagram),))
        uart.write(sent)
        heard = uart.read(len(sent) + size) or b""
        return heard[len(sent):]


def registers(run_ma, hold_ma, sense_mohm, microsteps, stall_threshold, stall_from):
    """[(register, value)] that set a driver up. Currents as the motor's RMS, rounded down, sense resistors without the
    driver's own 20 mOhm; `stall_from`: steps/s from which on a stall is told, stall_threshold 0 for never.
    """
    vsense = _VSENSE if scale(run_ma, sense_mohm, 180) <= 32 else 0
    full_mv = 180 if vsense else 325
    run = min(32, max(1, scale(run_ma, sense_mohm, full_mv)))
    hold = min(32, max(1, scale(hold_ma, sense_mohm, full_mv)))
    fineness = 8                        # MRES: 8 for full steps, 0 for 256
    while microsteps > 1:
        microsteps >>= 1
        fineness -= 1
    # TSTEP is the time between two 1/256 steps, in clocks
    slowest = _CLOCK_HZ // (stall_from << fineness) if stall_threshold else 0
    return [(_GCONF, _BY_SERIAL), (_CHOPCONF, _CHOPPER | fineness << 24 | vsense),
            (_IHOLD_IRUN, 1 << 16 | run - 1 << 8 | hold - 1), (_TCOOLTHRS, min(_TSTEP_MOST, slowest)),
            (_SGTHRS, stall_threshold)]


def scale(current_ma, sense_mohm, full_mv):
    """CS + 1 of I_rms = (CS + 1) / 32 * V_full / (R_sense + 20 mOhm) / sqrt(2), rounded down; 45254 is 32 * sqrt(2) in
    thousandths.
    """
    return current_ma * (sense_mohm + 20) * 45254 // (full_mv * 1000000)


def crc8(data):
    """CRC-8 of the polynomial x^8 + x^2 + x + 1, each byte's lowest bit first (section 4.2)."""
    crc = 0
    for byte in data:
        for bit in range(8):
            carry = crc >> 7 ^ byte >> bit & 1
            crc = crc << 1 & 0xFF ^ (7 if carry else 0)
    return crc
