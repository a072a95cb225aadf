"""The day's program on our bench."""

import pytest

from pumpsim.faults import occlusion, power_cut
from pumpsim.host import RefusedError
from pumpsim.testing import near


def test_the_day_delivers_what_its_rates_add_up_to(day):
    day.advance(days=1)
    assert day.delivered == near("1040 uL", day.step)         # 10 h * 20 uL/h + 14 h * 60 uL/h


def test_the_rate_rises_at_eight(day):
    day.at("07:59")
    assert day.rate == "20 uL/h"
    day.at("08:00")
    assert day.rate == "60 uL/h"


def test_the_button_gives_a_bolus_and_then_waits_an_hour(day):
    day.at("09:00")
    day.press_button()
    day.press_button()
    day.advance(minutes=5)
    outcomes = [event.outcome for event in day.journal.named("bolus")]
    assert outcomes == ["granted", "denied", "complete"]
    assert day.bolused == near("10 uL", day.step)
    with pytest.raises(RefusedError, match="denied"):
        day.bolus()


def test_an_occlusion_stops_the_motor(day):
    day.at("09:00")
    day.inject(occlusion())
    day.advance(hours=1)                                      # 0.2 uL/kPa * 100 kPa = 20 uL: 20 min at 60 uL/h
    assert day.state == "fault"
    assert day.alarms == ["occlusion"]
    day.clear("occlusion")
    day.advance(minutes=1)
    day.acknowledge()
    day.start()
    assert day.state == "running"


def test_a_power_cut_costs_no_certainty_that_the_log_does_not_name(day):
    day.at("12:00")
    day.inject(power_cut(), for_="10 min")
    day.advance(minutes=11)
    truth = near("400 uL", day.step)                          # 8 h * 20 uL/h + 4 h * 60 uL/h
    assert day.delivered <= "400 uL" <= day.delivered + day.uncertain + day.step
    assert day.delivered + day.uncertain >= truth.expected - day.step
