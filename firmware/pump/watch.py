"""The watch: looks at everything that can raise an alarm (A-01). Owns when it looked last; acts on nothing: what it
finds goes into Alarms, and the controller acts on those.
"""

from pump import alarms
from pump import board as contract

WARN_PERCENT = 80               # per cent of a life or a journal at which a warning comes


class Watch:
    def __init__(self, board, clock):
        self._board = board
        self._clock = clock

    def look(self, rig, is_moving):
        """(alarm number, whether its cause is present) of everything that an input tells now.

        A driver's stall output says nothing while the motor rests. Where no pressure is measured, a stall is most
        likely an occlusion (A-05).
        """
        bits = self._board.inputs.read()
        stalls = is_moving and bool(bits & contract.INPUT_STALL)
        limit = rig.pressure_limit if rig is not None else 0
        found = [(alarms.STALL if limit else alarms.OCCLUSION, stalls),
                 (alarms.END_OF_TRAVEL, bool(bits & contract.INPUT_LIMIT)),
                 (alarms.CLOCK_NOT_SET, not self._clock.is_set)]
        if limit:
            pressure = self._board.pressure.read()
            found.append((alarms.OCCLUSION, pressure is not None and pressure > limit))
        low_mv = rig.supply_low_mv if rig is not None else 0
        level_mv = self._board.supply.read_mv() if low_mv else None
        found.append((alarms.SUPPLY_LOW, level_mv is not None and level_mv < low_mv))
        return found

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
