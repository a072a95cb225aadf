"""The guard: what was counted stands against the limits, to the step, and so does what is to come (L-03, B-03)."""

import pytest

from pump.board import CAUSE_WATCHDOG
from pump.guard import Guard
from pump.limits import Limits
from pump.planner import Piece
from pump.volume import StepRatio
from tests.boluses import boluses
from tests.pumps import (
    BERLIN,
    HOUR_MS,
    MINUTE_MS,
    NO_LIMITS,
    ask,
    program,
    refused,
    request,
    running_pump,
    send,
)

RATIO = StepRatio(320_000_000, 3200)                    # 100 nL a step


def guard_of(**limits):
    guard = Guard()
    guard.use(Limits(0, 0, limits.get("hour_nl", 0), limits.get("day_nl", 0)), RATIO)
    return guard


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize("limits, passed", [({"hour_nl": 40_000}, "max_1h"), ({"day_nl": 40_000}, "max_24h")])
def test_a_limit_is_exceeded_by_two_steps_more_than_it_holds(limits, passed):
    guard = guard_of(**limits)
    guard.sample(0, 1000)
    # 40,000 nL are 400 steps of 100 nL; of the one on either side nobody knows whether it was in the window
    assert guard.exceeded(1000, 1401) is None
    assert guard.exceeded(1000, 1402) == passed


class Dose:
    """So many steps in the next minute, and none after it."""

    def __init__(self, steps):
        self._steps = steps

    def whole(self):
        return self

    def piece_from(self, start_ms):
        return Piece(start_ms + MINUTE_MS, 0 if start_ms else self._steps * RATIO.den)


@pytest.mark.requirement("B-03")
@pytest.mark.parametrize("loose, slack, most", [(0, 0, 400), (2, 0, 400), (0, 3, 403), (2, 3, 403)])
def test_a_dose_that_was_checked_has_its_slack_and_no_more_where_the_history_is_loose(loose, slack, most):
    guard = guard_of(hour_nl=40_000)                    # 400 steps
    guard.sample(0, 0)
    if loose:
        guard.history.loosen(loose)
    assert guard.denies(0, lambda: Dose(most), MINUTE_MS, slack) is None
    assert guard.denies(0, lambda: Dose(most + 1), MINUTE_MS, slack) == "max_1h"


@pytest.mark.requirement("L-03")
def test_the_window_moves_on():
    guard = guard_of(hour_nl=40_000)
    guard.sample(0, 0)
    guard.sample(HOUR_MS, 400)                          # one in 9 s
    assert guard.exceeded(HOUR_MS, 500) == "max_1h"
    assert guard.exceeded(HOUR_MS + 10 * MINUTE_MS, 440) is None               # 66 steps have left the window
    assert guard.used_nl(HOUR_MS + 10 * MINUTE_MS, HOUR_MS, 440) in (37_400, 37_500)      # 374, and never too little
    assert guard.exceeded(2 * HOUR_MS, 801) is None


@pytest.mark.requirement("B-03")
def test_a_bolus_that_crosses_a_limit_with_what_was_given_before_it_is_denied():
    # 10 uL/h, at most 60 uL in any hour. 30 uL and half an hour later 25: 65 with the hour's basal volume
    pump = running_pump(document=program(plans=[[0, 10_000]], limits=NO_LIMITS | {"max_1h_nl": 60_000}))
    ask(pump, "bolus", volume_nl=30_000, over_s=60, confirm=0)
    pump.run_for(30 * MINUTE_MS)
    assert refused(pump, "bolus", volume_nl=25_000, over_s=60, confirm=0) == "denied"
    assert boluses(pump)[-1][1:3] == ("denied", "limit")
    ask(pump, "bolus", volume_nl=15_000, over_s=60, confirm=0)                 # 55
    pump.run_for(31 * MINUTE_MS)                                               # the first one has left the hour
    ask(pump, "bolus", volume_nl=25_000, over_s=60, confirm=0)                 # 15 + 25 + 10
    pump.run_for(HOUR_MS)
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("L-01")
@pytest.mark.requirement("B-03")
@pytest.mark.parametrize("fields", [{"percent": 0, "rate_nl_per_h": 0}, {"percent": -1, "rate_nl_per_h": 1_000}])
@pytest.mark.parametrize("end", ["temp", "suspend", "reset", "another", "it ends"])
def test_a_bolus_under_a_lower_temporary_rate_has_room_however_soon_that_ends(fields, end):
    # 36 uL/h, and 46 in an hour: 10 are left for a bolus, although the temporary rate would leave 45
    document = program(plans=[[0, 36_000]], limits=NO_LIMITS | {"max_1h_nl": 46_000}, resume="basal")
    pump = running_pump(document=document, battery_clock=True)
    ask(pump, "temp", **fields, for_s=7200)
    assert refused(pump, "bolus", volume_nl=45_000, over_s=60, confirm=0) == "denied"
    assert refused(pump, "bolus", volume_nl=10_100, over_s=60, confirm=0) == "denied"
    ask(pump, "bolus", volume_nl=9_900, over_s=60, confirm=0)
    pump.run_for(2 * MINUTE_MS)
    if end == "temp":
        ask(pump, "temp", percent=100, rate_nl_per_h=0, for_s=0)
    elif end == "suspend":
        ask(pump, "suspend")
        ask(pump, "resume")
    elif end == "reset":
        pump.boot(CAUSE_WATCHDOG)
    elif end == "another":
        ask(pump, "temp", percent=100, rate_nl_per_h=0, for_s=60)
    pump.run_for(3 * HOUR_MS)
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("B-03")
def test_a_bolus_under_a_higher_temporary_rate_is_judged_with_that():
    # 36 uL/h, twice that for two hours, and 80 in an hour: 8 are left
    pump = running_pump(document=program(plans=[[0, 36_000]], limits=NO_LIMITS | {"max_1h_nl": 80_000}))
    ask(pump, "temp", percent=200, rate_nl_per_h=0, for_s=7200)
    assert refused(pump, "bolus", volume_nl=9_000, over_s=60, confirm=0) == "denied"
    ask(pump, "bolus", volume_nl=7_000, over_s=60, confirm=0)
    pump.run_for(3 * HOUR_MS)
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("L-01")
@pytest.mark.parametrize("rate", [36_000, 33_333])      # with a part of a step in the hour, and so sometimes one more
def test_a_lower_absolute_rate_is_not_refused_where_the_schedule_itself_fills_the_limit(rate):
    pump = running_pump(document=program(plans=[[0, rate]], limits=NO_LIMITS | {"max_1h_nl": rate}))
    pump.run_for(HOUR_MS + 12_345)                      # the window is full to the step
    ask(pump, "temp", percent=-1, rate_nl_per_h=1_000, for_s=600)
    assert ask(pump, "status")["temporary"] is True


@pytest.mark.requirement("L-01")
def test_an_absolute_rate_above_the_schedule_and_then_below_it_is_judged_as_if_it_might_end_in_between():
    # 00:00 10 uL/h, 01:00 100, 02:00 10 again: 330 uL a day. With 60 for two hours 340, ended after one 380
    document = program(plans=[[0, 10_000, 60, 100_000, 120, 10_000]], limits=NO_LIMITS | {"max_24h_nl": 375_000},
                       zone={"name": "Berlin's winter", "first_offset_min": 60, "changes": []})
    pump = running_pump(document=document)
    assert refused(pump, "temp", percent=-1, rate_nl_per_h=60_000, for_s=7200) == "limit"
    ask(pump, "temp", percent=-1, rate_nl_per_h=54_000, for_s=7200)                            # 374 at most
    pump.run_for(HOUR_MS)
    ask(pump, "temp", percent=-1, rate_nl_per_h=0, for_s=0)
    pump.run_for(24 * HOUR_MS)
    assert ask(pump, "status")["state"] == "running"


@pytest.mark.requirement("L-01")
def test_of_two_limits_that_a_rate_would_exceed_the_shorter_window_is_named():
    # 10 uL/h, and 150 from 23:00 on: 380 uL a day, 560 with a bolus of 180. At twice that the day is fuller than 565 at
    # 19:15 (180 + 19.25 * 20), and the hour fuller than 200 from 23:38 on (20 * 21.4 / 60 + 300 * 38.6 / 60)
    document = program(plans=[[0, 10_000, 1380, 150_000]], zone=BERLIN | {"changes": []},
                       limits=NO_LIMITS | {"max_1h_nl": 200_000, "max_24h_nl": 565_000})
    pump = running_pump(document=document)
    ask(pump, "bolus", volume_nl=180_000, over_s=60, confirm=0)
    reply = send(pump, request("temp", percent=200, rate_nl_per_h=0, for_s=86_400))
    assert reply["error"] == {"code": "limit", "message": "this would exceed max_1h"}


@pytest.mark.requirement("L-01")
def test_it_is_judged_so_together_with_the_bolus_under_way():
    # As above: 360 uL a day with a bolus of 30. With 60 for two hours 370, ended after one 410; with 45 at most 395
    document = program(plans=[[0, 10_000, 60, 100_000, 120, 10_000]], limits=NO_LIMITS | {"max_24h_nl": 400_000},
                       zone={"name": "Berlin's winter", "first_offset_min": 60, "changes": []})
    pump = running_pump(document=document)
    ask(pump, "bolus", volume_nl=30_000, over_s=3000, confirm=0)
    assert refused(pump, "temp", percent=-1, rate_nl_per_h=60_000, for_s=7200) == "limit"
    ask(pump, "temp", percent=-1, rate_nl_per_h=45_000, for_s=7200)


@pytest.mark.requirement("L-01")
def test_a_temporary_rate_that_crosses_a_limit_with_what_was_given_before_it_is_refused():
    pump = running_pump(document=program(plans=[[0, 10_000]], limits=NO_LIMITS | {"max_1h_nl": 60_000}))
    ask(pump, "bolus", volume_nl=30_000, over_s=60, confirm=0)
    pump.run_for(10 * MINUTE_MS)
    # in the hour after the bolus: 30 uL, 10 min at 10 uL/h and 50 min at the rate
    assert refused(pump, "temp", percent=-1, rate_nl_per_h=35_000, for_s=3600) == "limit"      # 30 + 1.7 + 29.2
    ask(pump, "temp", percent=-1, rate_nl_per_h=33_000, for_s=3600)                            # 30 + 1.7 + 27.5
