"""The setting of a pump's clock, told before it is done. Asks the pump what it does; the effect is clock_effect's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pumpctl.cli import rate_text, volume_text
from pumpctl.clock_effect import LOOK_BACK, Due, Effect, effect_of, handled_of
from pumpctl.durations import seconds
from pumpctl.localtime import EPOCH, MINUTE_MS, local_text
from pumpctl.preview import Preview
from pumpctl.pulling import stored_rig

if TYPE_CHECKING:
    from pump.program import Program
    from pump.rig import Rig
    from pump.zone import Zone
    from pumpctl.pump_link import PumpLink
    from pumpctl.replies import Status

IDLE = ("stopped", "fault", "withdrawing")           # states in which no schedule is followed
UNCHANGED = ("lockouts, limit windows, the bolus under way, temporary rates, periodic boluses and a trial's time go on "
             "unchanged")


@dataclass(frozen=True)
class ClockPlan:
    """What setting the clock would do, and the words for it."""

    effect: Effect
    lines: list[str]


def plan_clock(pump: PumpLink, program: Program | None, utc_ms: int) -> ClockPlan:
    """What happens to doses where the clock is set to `utc_ms`. Reads the newest records where it is set back."""
    status = pump.status()
    if program is None or status.utc_ms is None:
        return ClockPlan(Effect(), [])
    lines = [_moved(status.utc_ms, utc_ms, program.schedule.zone)]
    if status.state in IDLE:
        return ClockPlan(Effect(), [*lines, f"the pump is {status.state}: no dose changes"])
    handled = []
    if utc_ms < status.utc_ms:
        handled = handled_of(pump.records(max(status.first_seq, status.next_seq - LOOK_BACK)))
    rig = stored_rig(pump)
    effect = effect_of(program, rig.ratio, status.utc_ms, utc_ms, handled)
    return ClockPlan(effect, [*lines, *_rates(status, program, rig, utc_ms), *_told(effect, program.schedule.zone),
                              UNCHANGED])


def _moved(old_ms: int, new_ms: int, zone: Zone) -> str:
    old, new = (local_text(ms // 1000 * 1000, zone.lookup(ms // MINUTE_MS)[0]) for ms in (old_ms, new_ms))
    span_s = abs(new_ms - old_ms) // 1000
    return f"clock: {old} to {new}, {seconds(span_s)} {'back' if new_ms < old_ms else 'forward'}"


def _rates(status: Status, program: Program, rig: Rig, utc_ms: int) -> list[str]:
    assert status.utc_ms is not None
    old, new = (Preview(program, rig, ms, 1).rate_at(ms) for ms in (status.utc_ms, utc_ms))
    return [f"the schedule's rate goes from {rate_text(old)} to {rate_text(new)} at once"] if old != new else []


def _told(effect: Effect, zone: Zone) -> list[str]:
    kinds = ((effect.late, "given at once, late"), (effect.skipped, "skipped"),
             (effect.repeated, "met again and not given again"), (effect.again, "ahead again, and given then"))
    lines = [f"{words}: {', '.join(_due(each, zone) for each in found)}" for found, words in kinds if found]
    if effect.long_missed:
        lines.append(f"skipped: {effect.long_missed} more, missed long ago")
    return lines or ["no scheduled bolus is late, skipped or met again"]


def _due(due: Due, zone: Zone) -> str:
    utc_min = due.utc_ms // MINUTE_MS
    local = EPOCH + timedelta(minutes=utc_min + zone.lookup(utc_min)[0])
    why = f" ({due.skipped.replace('_', ' ')})" if due.skipped else ""
    return f"{volume_text(due.volume_nl)} of {local:%a %d %b %H:%M}{why}"
