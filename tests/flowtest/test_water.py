"""From mass to volume, against published values."""

import pytest

from flowtest.water import Liquid, air_mg_per_ul, water_mg_per_ul


@pytest.mark.parametrize("celsius, kg_per_m3", [
    # Tanaka et al. 2001, table 1
    (0, 999.8428), (4, 999.9749), (15, 999.1026), (20, 998.2067), (25, 997.0470), (40, 992.2152)])
def test_water_has_the_published_density(celsius, kg_per_m3):
    assert water_mg_per_ul(celsius) * 1000 == pytest.approx(kg_per_m3, abs=1e-3)


@pytest.mark.parametrize("celsius", [-0.1, 40.1, float("nan")])
def test_beyond_its_range_the_formula_is_refused(celsius):
    with pytest.raises(ValueError, match="from 0 to 40"):
        water_mg_per_ul(celsius)


def test_air_weighs_1_2_kg_per_cubic_metre():
    assert air_mg_per_ul(20, 1013.25, 50) * 1000 == pytest.approx(1.1992, abs=2e-4)
    assert air_mg_per_ul(20, 1013.25, 0) * 1000 == pytest.approx(1.2045, abs=3e-4)        # dry air


@pytest.mark.parametrize("celsius, hpa, ul_per_mg", [
    # the factors Z of ISO 8655-6, in uL/mg
    (15.0, 1013, 1.0020), (20.0, 800, 1.0026), (20.0, 1013, 1.0029), (20.0, 1067, 1.0029), (22.5, 1013, 1.0034),
    (25.0, 1013, 1.0040), (30.0, 1013, 1.0054)])
def test_a_milligram_is_the_volume_that_pipette_laboratories_use(celsius, hpa, ul_per_mg):
    assert Liquid(celsius, pressure_hpa=hpa).ul_per_mg == pytest.approx(ul_per_mg, abs=1.01e-4)


def test_a_given_density_takes_the_place_of_water():
    oil = Liquid(20, mg_per_ul=0.8)
    # (1 - 0.0012 / 8) / (0.8 - 0.0012) = 1.25169
    assert oil.ul_per_mg == pytest.approx(1.25169, abs=1e-5)
    assert oil.text == "a liquid at 20 °C, 0.8 g/mL"
    assert Liquid(21.5, evaporation_mg_per_h=1.2).text == "water at 21.5 °C, 0.997885 g/mL, evaporation 1.2 mg/h"
