"""The boluses by their records: one at a time, whole, within limits, lockout and count of a day (B-01 to B-05)."""

from pump import record
from pump.bolus import (
    COMPLETE,
    DENIED,
    GRANTED,
    HOST,
    KIND_NAMES,
    ON_DEMAND,
    OUTCOME_NAMES,
    PERIODIC,
    SCHEDULED,
    SKIPPED,
)
from pump.limits import DAY_MS


class Boluses:
    def __init__(self):
        self._open = None             # steps granted to the bolus under way
        self.is_unwritten = False     # with a storage fault it may have ended without a record
        self._locking = None          # (ms, boot) of the last host or on-demand bolus
        self._on_demand = []          # and of all on demand
        self.ahead_ms = 0             # how far the battery's clock has jumped ahead, all in all
        self.gains_ppm = 0            # and how fast it is at most

    def take(self, event):
        if event.number != record.EVENT_BOLUS:
            return
        kind, outcome = event.code >> 4, event.code & 15
        if outcome in (DENIED, SKIPPED):
            return
        volume_nl, granted, delivered, over_s, _, entry, _, _ = event.data(record.BOLUS)
        name = KIND_NAMES[kind] + " bolus"
        if outcome != GRANTED:
            yield from self._ended(name, outcome, granted, delivered)
            return
        if self._open is not None and not self.is_unwritten:
            yield "one bolus at a time", f"a {name} begins before the one before has ended"
        self._open, self.is_unwritten = granted, False
        if event.rig is not None:                       # it was, and its slot may have been found damaged since
            if granted != event.rig.ratio.steps_of_nl(volume_nl):
                yield "a bolus is its volume in whole steps", f"{granted} steps for {volume_nl} nL"
            most_nl = event.limits.max_bolus_nl
            if most_nl and volume_nl > most_nl:
                yield "no bolus is above max_bolus", f"a {name} of {volume_nl} nL, max_bolus is {most_nl} nL"
        if event.program is not None:                   # likewise
            yield from self._as_programmed(event, kind, entry, [volume_nl, over_s])
            yield from self._in_time(event, kind)

    def _ended(self, name, outcome, granted, delivered):
        what = OUTCOME_NAMES[outcome]
        if self._open != granted:
            yield "a bolus ends once", f"{what}: a {name} of {granted} steps, under way was {self._open}"
        self._open = None
        if delivered > granted or (outcome == COMPLETE and delivered != granted):
            yield "a bolus gives what was granted", f"{what}: {delivered} of {granted} steps of a {name}"

    def _as_programmed(self, event, kind, entry, given):
        program = event.program
        if kind == SCHEDULED:
            wanted = list(program.boluses[entry][2:4]) if entry < len(program.boluses) else None
        elif kind in (PERIODIC, ON_DEMAND):
            wanted = list((program.periodic if kind == PERIODIC else program.on_demand or ())[:2])
        else:
            return
        if given != wanted:
            yield "a bolus is the program's", f"{KIND_NAMES[kind]}: {given} (nL, s), in the program {wanted}"

    def _in_time(self, event, kind):
        if kind == ON_DEMAND:
            _, _, lockout_s, most = event.program.on_demand
            if self._locking and self._age_ms(event, self._locking) < lockout_s * 1000:
                yield ("the lockout holds", f"an on-demand bolus {event.ms - self._locking[0]} ms after the one "
                                            f"before, the lockout is {lockout_s} s")
            recent = [begun for begun in self._on_demand if self._age_ms(event, begun) < DAY_MS]
            if len(recent) >= most:
                yield "no more than max_per_24h", f"{len(recent) + 1} on-demand boluses in 24 h, at most {most}"
            self._on_demand.append((event.ms, event.boot))
        if kind in (HOST, ON_DEMAND):
            self._locking = event.ms, event.boot

    def _age_ms(self, event, begun):
        """Since a bolus, as the pump may have it: over a reset it has the word of the battery's clock alone."""
        ms, boot = begun
        if boot == event.boot:
            return event.ms - ms
        return event.ms - ms + self.ahead_ms + event.ms * self.gains_ppm // 1_000_000
