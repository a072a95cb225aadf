"""Scheduled boluses that were missed, in ones and in thousands: each outcome is logged, in bounded time (B-02)."""

import pytest

from pump import record
from pump.appointments import Appointments, mark_handled
from pump.board import CAUSE_POWER
from pump.boluses import DENIALS
from pump.zone import Zone
from tests.pumps import DAY_MS, HOUR_MS, MINUTE_MS, START_UTC_MS, ask, program, push, ready_pump, records, running_pump

DAILY = [480, 127, 50_000, 600, 0]                     # 08:00, 50 uL over 10 min
MIDNIGHT_MIN = START_UTC_MS // MINUTE_MS               # 2026-03-27T00:00 Europe/Berlin


def outcomes(pump):
    """(outcome, denial, steps granted, nominal minute since the start, entry) of every bolus event but the ends."""
    found = []
    for raw in records(pump):
        head = record.header(raw)
        if head[7] == record.EVENT_BOLUS and head[10] & 15 not in (1, 2, 3, 6):
            data = record.data_of(raw, record.BOLUS)
            found.append((("granted", "", "", "", "denied", "skipped")[head[10] & 15], DENIALS[data[6]], data[1],
                          data[4] - MIDNIGHT_MIN, data[5]))
    return found


@pytest.mark.requirement("B-02")
def test_after_a_long_suspension_old_boluses_share_a_record_and_those_of_two_days_have_their_own():
    pump = running_pump(document=program(plans=[[0, 36_000]], boluses=[DAILY, [600, 1, 50_000, 600, 0]]))
    pump.run_for(HOUR_MS)
    ask(pump, "suspend")                               # Friday 01:00
    pump.run_for(10 * DAY_MS)                          # to Monday, 02:00 summer time; 48 h before it is Saturday 02:00
    ask(pump, "resume")
    pump.run_for(1)
    # Daily: 27 March to 3 April, 8 of them; Mondays: 30 March. Those of 4 and 5 April are less than 48 h old
    summer = -60
    assert outcomes(pump) == [
        ("skipped", "long_missed", 9, 480, 65535),
        ("skipped", "missed", 500, 8 * 1440 + 480 + summer, 0), ("skipped", "missed", 500, 9 * 1440 + 480 + summer, 0)]


@pytest.mark.requirement("B-02")
def test_a_clock_set_forward_by_fifty_years_costs_one_record_and_no_time():
    pump = running_pump(document=program(plans=[[0, 0]], boluses=[[60 * k, 127, 1_000, 600, 0] for k in range(16)]))
    pump.run_for(HOUR_MS // 2)
    polls = pump.polls
    ask(pump, "clock", utc_ms=START_UTC_MS + 18_262 * DAY_MS + 40 * MINUTE_MS)
    pump.run_for(MINUTE_MS)
    found = outcomes(pump)
    # It is 00:40. Of the first day 15 were to come, of the last one 1 has been; the last 48 h had 15 + 16 + 1
    assert found[0] == ("skipped", "long_missed", 18_262 * 16 - 32, 60, 65535)
    assert [one[:2] for one in found[1:]] == [("skipped", "missed")] * 32
    assert pump.polls - polls < 10


@pytest.mark.requirement("B-02")
@pytest.mark.parametrize("mask", [127, 1, 0b0101010, 64])
@pytest.mark.parametrize("days", [0, 1, 2, 3, 6, 7, 8, 13, 14, 30, 400])
def test_many_are_counted_like_one_by_one(mask, days):
    entries = [(480, mask), (150, 127 - mask or 1)]
    zone = Zone(60, [MIDNIGHT_MIN + 3 * 1440 + 60, 120])               # a gap over 02:30 after two days and an hour
    given = [MIDNIGHT_MIN + 1440 + minute for minute in (480, 481)]    # before a clock was set back
    one_by_one, at_once = Appointments(entries, zone, list(given)), Appointments(entries, zone, list(given))
    until = MIDNIGHT_MIN + days * 1440 + 500
    for book in (one_by_one, at_once):
        book.look_from(MIDNIGHT_MIN + 10)
    dealt = []
    while one_by_one.next().utc_min <= until:
        dealt.append(one_by_one.next().utc_min)
        one_by_one.done(one_by_one.next())
    assert at_once.pass_over(until) == (len(dealt), min(dealt, default=0))
    assert at_once.next().utc_min == one_by_one.next().utc_min


@pytest.mark.requirement("B-02")
@pytest.mark.requirement("T-05")
def test_what_another_program_gave_at_another_minute_or_weekday_is_not_taken_for_one_that_was_dealt_with():
    # 00:30 local, an hour ahead of UTC, Mondays; given under other programs on Sunday at 00:30 and on Monday at 00:31
    monday = MIDNIGHT_MIN + 3 * 1440 + 30
    for handled, missed in (([monday - 1440, monday + 1], 2), ([monday], 1), ([monday - 1440, monday + 7 * 1440], 1),
                            ([monday + 6 * 1440], 2)):
        book = Appointments([(30, 1)], Zone(60, []), handled)
        book.look_from(MIDNIGHT_MIN)
        assert book.pass_over(monday + 8 * 1440)[0] == missed, handled


@pytest.mark.requirement("T-05")
def test_sixty_four_are_remembered_and_then_the_oldest_gives_way():
    handled = []
    for minute in range(64):
        mark_handled(handled, minute)
    assert handled == list(range(64))
    mark_handled(handled, 64)
    assert handled == list(range(1, 65))


@pytest.mark.requirement("B-02")
def test_a_weekly_bolus_is_found_again_after_its_next_weeks_were_dealt_with():
    # Mondays; the clock stood two weeks ahead, both Mondays were dealt with, and then it was set right
    book = Appointments([(480, 1)], Zone(0, []), [])
    book.look_from(MIDNIGHT_MIN)
    first = book.next()
    book.done(first)
    book.done(book.next())
    book.look_from(MIDNIGHT_MIN)
    assert book.next().utc_min == first.utc_min + 2 * 10_080


@pytest.mark.requirement("U-05")
@pytest.mark.requirement("B-02")
def test_a_bolus_due_at_the_very_end_of_a_trial_is_skipped_and_logged():
    pump = running_pump(document=program(plans=[[0, 36_000]], boluses=[DAILY], ends={"after_s": 8 * 3600,
                                                                                    "volume_nl": 0}))
    pump.run_for(9 * HOUR_MS)
    assert outcomes(pump) == [("skipped", "bad_state", 500, 480, 0)]
    assert ask(pump, "status")["steps"] == 8 * 360


@pytest.mark.requirement("B-02")
def test_a_program_pushed_while_suspended_answers_for_its_boluses_from_then_on():
    pump = running_pump(document=program(plans=[[0, 36_000]]))
    ask(pump, "suspend")
    assert "ok" in push(pump, "program", program(plans=[[0, 36_000]], boluses=[DAILY]))
    pump.run_for(9 * HOUR_MS)
    ask(pump, "resume")
    pump.run_for(1)
    assert outcomes(pump) == [("skipped", "missed", 500, 480, 0)]


@pytest.mark.requirement("B-02")
def test_boluses_missed_over_two_resets_without_a_clock_are_logged():
    pump = ready_pump(document=program(plans=[[0, 36_000]], boluses=[DAILY], resume="basal"))
    ask(pump, "start")
    pump.run_for(7 * HOUR_MS)
    for _ in range(2):
        pump.boot(CAUSE_POWER)
        pump.run_for(HOUR_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 9 * HOUR_MS)
    pump.run_for(1)
    assert outcomes(pump) == [("skipped", "missed", 500, 480, 0)]


@pytest.mark.requirement("B-02")
@pytest.mark.parametrize("after_min, friday", [(0, ("skipped", "missed", 500, 540, 0)),
                                               (1, ("skipped", "long_missed", 1, 540, 65_535))])
def test_a_bolus_missed_48_hours_ago_has_a_record_of_its_own_and_a_minute_later_not(after_min, friday):
    utc = {"name": "UTC", "first_offset_min": 0, "changes": []}
    pump = running_pump(document=program(plans=[[0, 36_000]], boluses=[DAILY], zone=utc), utc_ms=START_UTC_MS + HOUR_MS)
    ask(pump, "suspend")                               # Friday 00:00 UTC
    pump.run_for(2 * DAY_MS + 8 * HOUR_MS + after_min * MINUTE_MS)     # Sunday 08:00
    ask(pump, "resume")
    pump.run_for(1)
    sunday = ("granted", "") if not after_min else ("skipped", "missed")
    assert outcomes(pump) == [friday, ("skipped", "missed", 500, 540 + 1440, 0), (*sunday, 500, 540 + 2880, 0)]
    raw = next(one for one in records(pump) if record.header(one)[7] == record.EVENT_BOLUS)
    volume_nl, _, delivered, over_s, *_ = record.data_of(raw, record.BOLUS)
    assert (volume_nl, delivered, over_s) == ((50_000, 0, 600) if not after_min else (0, 0, 0))


@pytest.mark.requirement("B-02")
def test_boluses_that_share_a_record_are_not_missed_again_after_a_reset():
    utc = {"name": "UTC", "first_offset_min": 0, "changes": []}
    pump = running_pump(document=program(plans=[[0, 36_000]], boluses=[DAILY], zone=utc, resume="basal"),
                        utc_ms=START_UTC_MS + HOUR_MS)
    ask(pump, "suspend")                               # Friday 00:00 UTC
    pump.run_for(2 * DAY_MS + 8 * HOUR_MS + MINUTE_MS)                 # Sunday 08:01
    ask(pump, "resume")
    pump.run_for(HOUR_MS)
    before = outcomes(pump)
    assert [each[1] for each in before] == ["long_missed", "missed", "missed"]
    pump.boot(CAUSE_POWER)
    ask(pump, "clock", utc_ms=START_UTC_MS + HOUR_MS + pump.now_ms)
    pump.run_for(DAY_MS)
    assert outcomes(pump)[len(before):] == [("granted", "", 500, 540 + 4320, 0)]       # Monday's, 08:00 UTC
