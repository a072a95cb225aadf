"""The watch: looks at everything that can raise an alarm (A-01). Owns when it looked last; acts on nothing: what it
finds goes into Alarms, and the controller acts on those.
"""

from pump import alarms
from pump import board as contract

WARN_PERCENT = 80               # per cent of a life or a journal at which a warning comes

_STALL = 1 << alarms.STALL
_OCCLUSION = 1 << alarms.OCCLUSION
_END_OF_TRAVEL = 1 << alarms.END_OF_TRAVEL
_STOP_SWITCH = 1 << alarms.STOP_SWITCH
_CLOCK_NOT_SET = 1 << alarms.CLOCK_NOT_SET
_SUPPLY_LOW = 1 << alarms.SUPPLY_LOW
_PRESSURE_SENSOR = 1 << alarms.PRESSURE_SENSOR
LOOKED_AT = _STALL | _OCCLUSION | _END_OF_TRAVEL | _STOP_SWITCH | _CLOCK_NOT_SET | _SUPPLY_LOW | _PRESSURE_SENSOR


class Watch:
    def __init__(self, board, clock):
        self._board = board
        self._clock = clock
        self.is_halted = False          # at the last look a stop's mark on the link had taken the enable line off

    def look(self, rig, is_moving):
        """Of everything that an input tells now, a mask: bit n where the cause of alarm n is there. Allocates nothing.

        A driver's stall output says nothing while the motor rests. Where no pressure is measured, a stall is most
        likely an occlusion (A-05).
        """
        found = 0 if self._clock.is_set else _CLOCK_NOT_SET
        bits = self._board.inputs.read()
        self.is_halted = bits & contract.INPUT_LINK != 0
        if bits & contract.INPUT_LIMIT:
            found |= _END_OF_TRAVEL
        if bits & contract.INPUT_STOP:
            found |= _STOP_SWITCH
        if rig is None:
            return found
        if is_moving and bits & contract.INPUT_STALL:
            found |= _STALL if rig.pressure_limit else _OCCLUSION
        if rig.has_pressure:
            pressure = self._board.pressure.read()
            if pressure is None:
                pass
            elif pressure < rig.pressure_least:     # PRESSURE_BROKEN is always
                found |= _PRESSURE_SENSOR
            elif 0 < rig.pressure_limit < pressure:
                found |= _OCCLUSION
        if rig.supply_low_mv:
            level_mv = self._board.supply.read_mv()
            if level_mv is not None and level_mv < rig.supply_low_mv:
                found |= _SUPPLY_LOW
        return found

    def halted(self):
        """`is_halted`, of this instant."""
        return self._board.inputs.read() & contract.INPUT_LINK != 0

    def count(self, rig, program, level_nl, steps, motor_s, unpulled_percent):
        """The same of what adds up over time; asked when a record is written, so that it does not depend on polls."""
        found = [(alarms.JOURNAL_NEARLY_FULL, unpulled_percent >= WARN_PERCENT)]
        if rig is None:
            return found
        low_nl = program.low_nl if program is not None else 0
        found.append((alarms.RESERVOIR_LOW, low_nl > 0 and level_nl <= low_nl))
        used = 0
        if rig.service_steps:
            used = steps * 100 // rig.service_steps
        if rig.service_motor_h:
            used = max(used, motor_s * 100 // (rig.service_motor_h * 3600))
        found.append((alarms.SERVICE_DUE, used >= WARN_PERCENT))
        found.append((alarms.END_OF_SERVICE, used >= 100))
        return found
