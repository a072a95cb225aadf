"""The plant against hand calculations, and no volume lost or made whatever happens to it.

Numbers have their arithmetic beside.
"""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpsim import Plant
from pumpsim.plant import parameters
from tests.pumpsim import tables
from tests.pumpsim.plant_bench import Bench, near


def test_without_any_effect_what_is_turned_comes_out():
    bench = Bench()
    bench.turn(1000, 10)
    assert bench.plant.delivered_ul == near(100)               # 1000 steps of 0.1 uL
    assert (bench.plant.missed_steps, bench.plant.leaked_ul, bench.plant.evaporated_ul) == (0, 0, 0)


def test_a_compliant_line_fills_and_empties_exponentially():
    """tau = R C = 2 kPa s/uL x 5 uL/kPa = 10 s; at 1 uL/s the pressure goes to 2 kPa."""
    bench = Bench(compliance_ul_per_kpa=5.0, resistance_kpa_s_per_ul=2.0)
    bench.steps_of_rate(1.0, 10)
    assert bench.plant.pressure_kpa == near(2 * (1 - math.exp(-1)))
    assert bench.plant.delivered_ul == near(10 - 10 * (1 - math.exp(-1)))        # what is not stored
    bench.steps_of_rate(1.0, 90)
    assert bench.plant.pressure_kpa == near(2)
    bench.wait(10)
    assert bench.plant.pressure_kpa == near(2 * math.exp(-1))
    bench.wait(1000)
    assert (bench.plant.delivered_ul, bench.plant.pressure_kpa) == (near(100), near(0))


def test_an_occlusion_raises_the_pressure_by_flow_over_compliance_and_its_release_is_a_bolus_of_pressure_times_it():
    bench = Bench(compliance_ul_per_kpa=12.0, resistance_kpa_s_per_ul=0.1)
    bench.plant.occlude()
    bench.steps_of_rate(0.6, 600)
    assert bench.plant.delivered_ul == 0
    assert bench.plant.pressure_kpa == near(0.6 * 600 / 12.0001)                 # 30 kPa
    bench.plant.release()
    bench.wait(60)                                                               # 50 tau
    assert bench.plant.delivered_ul == near(360)                                 # 30 kPa x 12 uL/kPa


def test_a_narrowed_line_delivers_late_but_all():
    bench = Bench(compliance_ul_per_kpa=1.0, resistance_kpa_s_per_ul=1.0)
    bench.plant.occlude(100)                                                     # tau 100 s
    bench.steps_of_rate(1.0, 100)
    assert bench.plant.delivered_ul == near(100 - 100 * (1 - math.exp(-1)))
    bench.wait(2000)
    assert bench.plant.delivered_ul == near(100)


def test_backlash_is_lost_after_each_reversal():
    bench = Bench(backlash_ul=5.0)
    bench.turn(1000, 10)
    assert bench.plant.displaced_ul == near(100)                # engaged forward at the beginning
    bench.turn(200, 10, is_reverse=True)
    assert bench.plant.displaced_ul == near(100 - (20 - 5))
    bench.turn(30, 10)
    assert bench.plant.displaced_ul == near(85)                 # 3 uL of 5 taken up
    bench.turn(100, 10)
    assert bench.plant.displaced_ul == near(85 + 10 - 2)


def test_slack_delays_the_beginning_only():
    bench = Bench(slack_ul=30.0, backlash_ul=5.0)
    bench.turn(300, 10)
    assert bench.plant.displaced_ul == near(0)
    bench.turn(100, 10)
    assert bench.plant.displaced_ul == near(10)
    bench.turn(100, 10, is_reverse=True)
    assert bench.plant.displaced_ul == near(10 - (10 - 5))


def test_a_sticking_plunger_jumps():
    bench = Bench(stiction_ul=2.0)
    found = []
    for _ in range(10):
        bench.turn(5, 1)
        found.append(round(bench.plant.displaced_ul, 6))
    assert found == [0, 0, 0, 2, 2, 2, 2, 4, 4, 4]              # 0.5 uL a second, in lumps of 2


def test_rollers_make_the_flow_swing_and_a_turn_displaces_what_it_should():
    """1 + 0.5 cos(3 phi): a sixth of a turn gives 320 / 6, a twelfth 320 / 12 + 320 / 2 pi x 0.5 / 3."""
    bench = Bench(rollers=3, pulsation_percent=50.0)
    bench.turn(267, 10)
    twelfth = 26.7 + 320 / (2 * math.pi) * 0.5 / 3 * math.sin(3 * 2 * math.pi * 267 / 3200)
    assert bench.plant.displaced_ul == near(twelfth)
    bench.turn(3200 - 267, 10)
    assert bench.plant.displaced_ul == near(320)


def test_a_head_that_turns_more_than_its_nominal_volume():
    bench = Bench(scale_percent=2.0)
    bench.turn(3200, 10)
    assert bench.plant.delivered_ul == near(326.4)              # 320 uL and 2 %


def test_a_pump_above_its_outlet_pulls_and_raising_it_gives_compliance_times_head():
    bench = Bench(compliance_ul_per_kpa=10.0, resistance_kpa_s_per_ul=0.1)
    bench.plant.set(head_mm=500.0)
    bench.wait(100)
    assert bench.plant.pressure_kpa == near(-4.903)             # 0.5 m of water, 9.80665 kPa a metre
    assert bench.plant.delivered_ul == near(49.03)              # 10 uL/kPa x 4.903 kPa
    bench.plant.set(head_mm=0.0)
    bench.wait(100)
    assert bench.plant.delivered_ul == near(0)                  # and back, from the vessel


def test_a_worn_head_lets_the_reservoir_siphon():
    bench = Bench(head_mm=1000.0, resistance_kpa_s_per_ul=1.0, slip_kpa_s_per_ul=99.0, reservoir_ul=50.0)
    bench.wait(300)
    assert bench.plant.delivered_ul == near(9.80665 / 100 * 300)           # head over both resistances: 29.4 uL
    bench.wait(3000)
    assert bench.plant.delivered_ul == pytest.approx(50, abs=6)          # then it is empty, seen each minute


def test_a_leak_takes_its_share_by_resistance():
    """Outlet 1, leak 3: a quarter leaks."""
    bench = Bench(resistance_kpa_s_per_ul=1.0, leak_kpa_s_per_ul=3.0)
    bench.steps_of_rate(1.0, 1000)
    assert (bench.plant.delivered_ul, bench.plant.leaked_ul) == (near(750), near(250))


def test_the_motor_stalls_at_its_pressure_and_misses_the_rest():
    bench = Bench(compliance_ul_per_kpa=2.0, stall_kpa=100.0)
    bench.plant.occlude()
    bench.steps_of_rate(1.0, 190)
    assert not bench.plant.is_stalled and bench.plant.missed_steps == 0
    bench.steps_of_rate(1.0, 110)
    assert bench.plant.is_stalled
    assert bench.plant.pressure_kpa == pytest.approx(100, abs=0.06)        # 200 uL at 2 uL/kPa, a step is 0.05 kPa
    assert bench.plant.missed_steps == pytest.approx(1000, abs=2)          # 300 uL were asked for
    bench.plant.release()
    bench.turn(10, 1)
    assert not bench.plant.is_stalled


def test_a_motor_that_is_stepped_too_fast_misses_all_and_the_faster_it_is_the_weaker():
    bench = Bench(compliance_ul_per_kpa=1.0, stall_kpa=100.0, pull_out_steps_per_s=1000.0)
    bench.turn(5000, 5)
    assert (bench.plant.displaced_ul, bench.plant.missed_steps) == (0, 5000)
    bench.plant.occlude()
    bench.turn(5000, 10)                                        # half the rate, half the pressure
    assert bench.plant.pressure_kpa == pytest.approx(50, abs=0.11)


def test_with_the_driver_off_nothing_steps():
    bench = Bench()
    bench.stepper.enable(False)
    bench.turn(100, 1)
    assert (bench.plant.displaced_ul, bench.plant.missed_steps, bench.stepper.edges()) == (0, 0, 0)


def test_an_empty_syringe_is_at_its_end():
    bench = Bench(reservoir_ul=50.0)
    bench.turn(700, 10)
    assert (bench.plant.delivered_ul, bench.plant.missed_steps, bench.plant.left_ul) == (near(50), 200, near(0))
    bench.plant.refill(20)
    bench.turn(100, 10)
    assert (bench.plant.delivered_ul, bench.plant.left_ul) == (near(60), near(10))


def test_a_sticking_plunger_is_not_pushed_beyond_its_end():
    bench = Bench(reservoir_ul=5.0, stiction_ul=2.0)
    for _ in range(10):                 # 10 uL: two jumps of 2 uL, then the drive is 1 uL ahead, and at the end
        bench.turn(10, 1)
    assert (bench.plant.delivered_ul, bench.plant.missed_steps, bench.plant.left_ul) == (near(4), 50, near(1))
    bench.plant.set(stiction_ul=0.0)
    bench.turn(10, 10)
    assert (bench.plant.delivered_ul, bench.plant.missed_steps, bench.plant.left_ul) == (near(5), 60, near(0))


def test_rollers_over_an_empty_bottle_deliver_air_behind_the_dead_volume():
    bench = Bench(rollers=3, reservoir_ul=50.0, dead_volume_ul=20.0)
    bench.turn(1000, 100)
    assert bench.plant.vessel["water"] == near(70)              # what was in the line, and the bottle
    assert bench.plant.vessel["air"] == near(30)
    assert bench.plant.delivered_ul == near(70)


def test_a_change_of_fluid_travels_as_a_plug():
    bench = Bench("old", dead_volume_ul=40.0)
    bench.turn(100, 10)
    bench.plant.change_fluid("new")
    bench.turn(390, 10)
    assert bench.plant.vessel == {"old": near(49)}
    bench.turn(110, 10)
    assert bench.plant.vessel == {"old": near(50), "new": near(10)}


def test_a_bubble_comes_out_as_air_and_makes_the_line_soft():
    bench = Bench(dead_volume_ul=40.0, resistance_kpa_s_per_ul=1.0)
    bench.plant.bubble(10)
    bench.turn(200, 20)
    soft = bench.plant.works.line.compliance
    assert soft == pytest.approx(10 / 101.3, rel=0.02)          # Boyle: 10 uL of air at the air's pressure
    bench.turn(400, 20)
    assert (bench.plant.vessel["air"], bench.plant.delivered_ul) == (near(10), pytest.approx(50, abs=0.2))


def test_a_fast_crystal_makes_everything_happen_early():
    """1000 ppm: an hour by the pump takes 3596.4 s."""
    bench = Bench(crystal_ppm=900.0, crystal_ppm_per_k=10.0, temperature_c=35.0)
    bench.wait(3600)
    assert bench.plant.now_s == near(3600 / 1.001)


def test_a_crystal_that_changes_after_days_changes_no_second_before():
    """Five days and ten; then an hour by the pump takes 3600 s / 1.001, and one with 1000 ppm less again 3600 s."""
    bench = Bench(compliance_ul_per_kpa=5.0, resistance_kpa_s_per_ul=1.0, head_mm=500.0, slip_kpa_s_per_ul=500.0)
    bench.wait(5 * 86_400)
    before_ul = bench.plant.delivered_ul
    bench.plant.set(crystal_ppm=1000.0)
    assert (bench.plant.now_s, bench.plant.delivered_ul) == (pytest.approx(432_000), pytest.approx(before_ul))
    bench.steps_of_rate(0.1, 3600)
    assert bench.plant.now_s == pytest.approx(432_000 + 3600 / 1.001)
    assert bench.plant.displaced_ul == near(360)
    bench.wait(5 * 86_400 - 3600)
    true_s, before_ul = bench.plant.now_s, bench.plant.delivered_ul
    assert true_s == pytest.approx(432_000 * (1 + 1 / 1.001))
    bench.plant.set(crystal_ppm=0.0, temperature_c=25.0)
    assert (bench.plant.now_s, bench.plant.delivered_ul) == (pytest.approx(true_s), pytest.approx(before_ul))
    bench.wait(3600)
    assert bench.plant.now_s == pytest.approx(true_s + 3600)


def test_a_plunger_that_sticks_less_gives_back_what_it_was_behind():
    bench = Bench(stiction_ul=5.0)
    bench.turn(148, 10)
    assert bench.plant.displaced_ul == near(10)                 # 14.8 uL: two jumps, and 4.8 behind
    bench.plant.set(stiction_ul=2.0)
    assert bench.plant.displaced_ul == near(14)                 # two of 2, and 0.8 behind
    bench.plant.set(stiction_ul=0.0)
    assert (bench.plant.displaced_ul, bench.plant.delivered_ul) == (near(14.8), near(14.8))
    bench.turn(100, 10)
    assert bench.plant.displaced_ul == near(24.8)


def test_parameters_that_are_none_are_refused_with_what_to_do():
    for wrong, said in [({"complience": 1.0}, "a plant has no 'complience'; it has ul_per_rev,"),
                        ({"compliance_ul_per_kpa": -1.0}, "from 0 to 100000 uL/kPa, not -1.0"),
                        ({"steps_per_rev": 3200.5}, "steps_per_rev must be"),
                        ({"head_mm": True}, "head_mm must be")]:
        with pytest.raises(ValueError, match=said):
            Plant(**wrong)


def test_the_table_of_parameters_is_the_code_s():
    """sim/README.md, between the markers: `python -m tests.pumpsim.tables` writes it."""
    assert tables.of_readme("plant") == tables.plant()


def test_every_effect_is_off_by_default():
    off = parameters.Parameters()
    geometry = {"ul_per_rev", "steps_per_rev", "diag", "temperature_c"}
    assert [name for name, value in vars(off).items() if value and name not in geometry] == []


def with_rollers_where_it_pulsates(given):
    return {name: each for name, each in given.items() if name != "pulsation_percent" or given.get("rollers")}


later = {
    "compliance_ul_per_kpa": st.floats(0, 30), "resistance_kpa_s_per_ul": st.floats(0, 50),
    "leak_kpa_s_per_ul": st.just(0.0) | st.floats(0.1, 1000), "slip_kpa_s_per_ul": st.just(0.0) | st.floats(0.1, 1000),
    "head_mm": st.floats(-2000, 2000), "backlash_ul": st.floats(0, 20), "stiction_ul": st.floats(0, 5),
    "stall_kpa": st.just(0.0) | st.floats(1, 200), "evaporation_ul_per_h": st.floats(0, 50),
    "rollers": st.sampled_from([0, 0, 3]), "pulsation_percent": st.floats(0, 100), "temperature_c": st.floats(0, 40),
    "crystal_ppm": st.floats(-100, 100), "scale_percent": st.floats(-5, 5)}
at_first = {"slack_ul": st.floats(0, 20), "dead_volume_ul": st.floats(0, 200),
            "reservoir_ul": st.just(0.0) | st.floats(10, 500)}
effects = st.fixed_dictionaries({}, optional=later | at_first).map(with_rollers_where_it_pulsates)
changes = st.fixed_dictionaries({}, optional=later).map(with_rollers_where_it_pulsates)
deeds = st.lists(st.one_of(
    st.tuples(st.just("turn"), st.integers(1, 3000), st.floats(0.5, 4000), st.booleans()),
    st.tuples(st.just("wait"), st.floats(0.01, 20_000)),
    st.tuples(st.just("occlude")), st.tuples(st.just("occlude"), st.floats(1, 1000)), st.tuples(st.just("release")),
    st.tuples(st.just("bubble"), st.floats(0, 50)), st.tuples(st.just("change_fluid"), st.sampled_from("abc")),
    st.tuples(st.just("refill"), st.floats(0, 100)), st.tuples(st.just("set"), changes)), max_size=12)


@settings(max_examples=150, deadline=None)
@given(first=effects, story=deeds)
def test_no_volume_is_lost_or_made(first, story):
    """Into the line: the head's and what slips; out of it: delivered, air, leaked; the rest is stored in it."""
    bench = Bench(**first)
    plant = bench.plant
    for deed, *values in story:
        if deed == "set":
            plant.set(**values[0])
        else:
            getattr(bench if deed in ("turn", "wait") else plant, deed)(*values)
    air = plant.vessel.get("air", 0.0)
    close = 1e-6 * (1 + abs(plant.displaced_ul) + abs(plant.delivered_ul) + abs(plant.slipped_ul))
    came_in = plant.displaced_ul - plant.slipped_ul
    went_out = plant.delivered_ul + air + plant.leaked_ul
    assert came_in == pytest.approx(went_out + plant.stored_ul, abs=close)
    assert sum(plant.vessel.values()) == pytest.approx(plant.delivered_ul + air, abs=close)
    assert sum(ul for _, ul in plant.works.contents.plugs) == pytest.approx(plant.parameters.dead_volume_ul, abs=close)
