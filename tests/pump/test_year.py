"""A year of running with daylight saving: never more than a step from what is due (D-01)."""

import pytest

from tests.pumps import DAY_MS, RIG, START_UTC_MS, ask, events, program, running_pump

# Independent of the pump: programmed volume since the start in nL*ms/h, walked minute by minute in local time
SPRING, AUTUMN = 29_579_100, 29_881_500                # 2026-03-29T01:00Z, 2026-10-25T01:00Z, minutes since 1970
SPRING_2027 = 30_103_260                               # 2027-03-28T01:00Z: day 20905 -> 20905 * 1440 + 60
ZONE = {"name": "Europe/Berlin", "first_offset_min": 60, "changes": [SPRING, 120, AUTUMN, 60, SPRING_2027, 120]}
RATES = [(0, 20_003), (390, 55_001), (1320, 19_997)]   # nL/h from these local minutes on


def rate_at(utc_min):
    offset = 120 if SPRING <= utc_min < AUTUMN or utc_min >= SPRING_2027 else 60
    minute = (utc_min + offset) % 1440
    return [rate for start, rate in RATES if start <= minute][-1]


@pytest.mark.long                                     # a year takes minutes under coverage
@pytest.mark.requirement("D-01")
@pytest.mark.requirement("T-06")
def test_a_year_stays_within_one_step():
    rig = RIG | {"pl_per_rev": 330_259_037}            # a step is 103,205.949... pL
    plan = [value for pair in RATES for value in pair]
    model = {"volume": 0, "minute": START_UTC_MS // 60_000, "steps": 0, "checked": 0}

    def due_in_steps(tick):
        """Steps due at a tick since the start, rounded down; ticks must not go back over a minute."""
        ms, rest = divmod(tick, 125_000)
        minute = (START_UTC_MS + ms) // 60_000
        while model["minute"] < minute:
            model["volume"] += rate_at(model["minute"]) * 60_000
            model["minute"] += 1
        into = (START_UTC_MS + ms) % 60_000
        # volume in nL*ticks/h: 125000 ticks a ms. Step: 330259037 pL / 3200, 3600 * 1000 * 125000 ticks an hour
        volume = model["volume"] * 125_000 + rate_at(minute) * (into * 125_000 + rest)
        return volume * 3200 * 1000 // (330_259_037 * 3_600_000 * 125_000)

    wrong = []                                         # not asserted inside: the pump would latch it as its own error

    def on_edges(first_tick, interval, count):
        for number in sorted({0, 1, count // 2, count - 1} & set(range(count))):
            # at its edge step n is due and n + 1 is not: so just before it, one step is missing, never two
            if due_in_steps(first_tick + number * interval) != model["steps"] + number + 1:
                wrong.append((first_tick, interval, number))
            model["checked"] += 1
        model["steps"] += count

    pump = running_pump(rig=rig, document=program(plans=[plan], zone=ZONE), on_edges=on_edges)
    assert pump.now_ms == 0
    pump.run_for(365 * DAY_MS)
    assert pump.board.stepper.edges() == model["steps"]
    assert wrong == []
    assert model["checked"] > 100_000
    assert 0 <= due_in_steps(365 * DAY_MS * 125_000) - model["steps"] <= 1
    _, _, (confirmed_steps, programmed_pl, *_) = [
        event for event in events(pump, pump.app.journal.next_seq - 8) if event[0] in ("rate", "day")][-1]
    assert confirmed_steps == model["steps"]           # the year ends at a local midnight, with a record
    assert programmed_pl == model["volume"] * 1000 // 3_600_000
    assert ask(pump, "status")["uncertain_nl"] == 0
