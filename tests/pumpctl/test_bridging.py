"""The bridge after a change of fluid, by hand."""

from fractions import Fraction

import pytest

from pump.program import Program
from pumpctl.bridging import OldFlow, flow_of_journal, mean_nl_per_h, plan_bridge
from pumpctl.errors import HostError
from tests.pumps import HOUR_MS, START_UTC_MS, ask, body_of, program, push, records, running_pump


def test_the_mean_of_a_week_counts_every_day_and_half_of_a_ramp():
    # Monday to Friday 20 uL/h to 06:30, 55 to 22:00, 20 to midnight: 1022.5 uL; at the weekend up from 0 to 24 uL/h
    document = program(days=(0, 0, 0, 0, 0, 1, 1)) | {"plans": [
        [0, 20_000, 20_000, 390, 55_000, 55_000, 1320, 20_000, 20_000], [0, 0, 24_000]]}
    assert mean_nl_per_h(Program(body_of(document))) == Fraction(5 * 1_022_500 + 2 * 24 * 12_000, 168)


def test_the_line_passes_at_the_old_flow():
    plan = plan_bridge(500_000, OldFlow(Fraction(40_000), "by hand", 500_000), Program(body_of(program())))
    # 500 uL / 40 uL/h = 12.5 h = 45,000 s; 40 uL/h * 0.5 mg/mL = 20 ug/h
    assert (plan.volume_nl, plan.over_s) == (500_000, 45_000)
    text = "\n".join(plan.lines)
    assert "500 µL / 40 µL/h = 12.5 h, so 45000 s (12 h 30 min)" in text
    assert "40 µL/h * 0.5 mg/mL = 20 µg/h: stays so" in text


def test_the_time_is_rounded_up_so_that_the_flow_is_never_higher():
    assert plan_bridge(1000, OldFlow(Fraction(7_000_000), ""), None).over_s == 1      # 0.51 s
    assert plan_bridge(1000, OldFlow(Fraction(3_600_000), ""), None).over_s == 1      # exactly 1 s


@pytest.mark.parametrize("line_nl, rate, said", [
    (0, 1000, "line has no volume"), (500_000, 0, "mean rate is 0"), (500_000, 1000, "more than 7 days")])
def test_what_cannot_be_bridged_is_said_with_a_way_out(line_nl, rate, said):
    with pytest.raises(HostError, match=said) as caught:
        plan_bridge(line_nl, OldFlow(Fraction(rate), ""), None)
    assert "pumpctl" in caught.value.hint


@pytest.mark.requirement("U-02")
def test_the_journal_tells_the_flow_before_the_present_program_without_boluses_pauses_and_jumps_of_the_clock():
    pump = running_pump()                                 # 20 uL/h before 06:30
    ask(pump, "bolus", volume_nl=30_000, over_s=600, confirm=0)
    pump.run_for(HOUR_MS)
    ask(pump, "suspend")
    pump.run_for(HOUR_MS)
    ask(pump, "resume")
    pump.run_for(HOUR_MS)
    ask(pump, "clock", utc_ms=START_UTC_MS + 5 * HOUR_MS)
    assert "ok" in push(pump, "program", program(plans=[[0, 90_000]]))
    pump.run_for(HOUR_MS)
    flow = flow_of_journal(records(pump), pump.app.program.digest, pump.app.rig.document.ratio)
    assert flow.nl_per_h == 20_000
    assert "in 2 h of running" in flow.source


def test_a_pump_that_ran_nothing_before_has_no_old_flow():
    pump = running_pump()
    assert flow_of_journal(records(pump), pump.app.program.digest, pump.app.rig.document.ratio) is None
