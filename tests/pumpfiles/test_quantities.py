"""Quantities of the host's files: exact, with a unit, and nothing that could be read in two ways (U-01)."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpfiles.quantities import (
    CONCENTRATION,
    DURATION,
    LENGTH,
    MASS,
    MASS_RATE,
    RATE,
    VOLTAGE,
    VOLUME,
    Kind,
    QuantityError,
    parse,
    plain,
)

pytestmark = pytest.mark.requirement("U-01")

# Worked out here, by powers of ten and by the hour, and not from the code's own units.
NL = {"L": 10**9, "mL": 10**6, "uL": 10**3, "µL": 10**3, "μL": 10**3, "nL": 1}
NL |= {unit.replace("L", "l"): size for unit, size in NL.items()}
NG = {"g": 10**9, "mg": 10**6, "ug": 10**3, "µg": 10**3, "μg": 10**3, "ng": 1}
SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86_400, "d": 86_400}
MM = {"m": 1000, "cm": 10, "mm": 1, "um": Fraction(1, 1000), "µm": Fraction(1, 1000), "μm": Fraction(1, 1000),
      "in": Fraction(254, 10)}


def per_hour(amounts):
    return {f"{top}/{bottom}": Fraction(size * 3600, seconds)
            for top, size in amounts.items() for bottom, seconds in SECONDS.items()}


NG_PER_ML = {f"{top}/{bottom}": Fraction(size * 10**6, volume)
             for top, size in NG.items() for bottom, volume in NL.items()}
SIZES = {RATE: per_hour(NL), MASS_RATE: per_hour(NG), VOLUME: NL, MASS: NG, LENGTH: MM, CONCENTRATION: NG_PER_ML,
         DURATION: SECONDS, VOLTAGE: {"V": 1000, "mV": 1}}
IDS = [kind.name for kind in SIZES]


@pytest.mark.parametrize("kind", SIZES, ids=IDS)
def test_every_unit_has_its_size_and_there_is_no_other(kind):
    assert set(kind.units) == set(SIZES[kind])
    assert {unit: parse(f"1 {unit}", kind)[0] for unit in kind.units} == SIZES[kind]


@pytest.mark.parametrize("kind", SIZES, ids=IDS)
@settings(max_examples=100, deadline=None)
@given(data=st.data(), whole=st.integers(0, 10**9), decimals=st.text("0123456789", max_size=12),
       gap=st.sampled_from(["", " ", "  "]))
def test_no_digit_and_no_factor_of_ten_is_lost(kind, data, whole, decimals, gap):
    unit = data.draw(st.sampled_from(kind.units))
    text = f"{whole}{decimals and '.' + decimals}{gap}{unit}"
    expected = Fraction(int(f"{whole}{decimals}"), 10 ** len(decimals)) * SIZES[kind][unit]
    value, found = parse(text, kind)
    assert (value, found) == (expected, kind)
    assert isinstance(value, Fraction)


@pytest.mark.parametrize("text, words", [
    (".5 mL", "digits on both sides of the point"),
    ("5. mL", "digits on both sides of the point"),
    ("5.mL", "digits on both sides of the point"),
    ("1,5 mL", "no comma"),
    ("1.5.2 mL", "digits and a point"),
    ("1e3 mL", "exponent"),
    ("1E-3 mL", "exponent"),
    ("05 mL", "leading zero"),
    ("1 000 mL", "gap"),
    ("1_000 mL", "digits and a point"),
    ("9" * 16 + " mL", "at most 15"),
    ("1 / 2 mL", "digits and a point"),
    ("5 mL ", "digits and a point"),
    ("-5 mL", "without sign"),
    ("+5 mL", "without sign"),
    ("NaN mL", "digits"),
    ("inf mL", "digits"),
    ("٣ mL", "digits"),
    ("", "digits"),
    (" 5 mL", "digits"),
    ("mL", "digits"),
    ("5", "a unit after the number"),
    ("5.5 ", "a unit after the number"),
    ("5\tmL", "digits and a point"),
    ("5 mL\n", "digits and a point"),
    ("5 ML", r"ML is no unit for it \(did you mean mL\?\)"),
    ("5 Ml", "Ml is no unit"),
    ("5 UL", "UL is no unit"),
    ("5 cc", "cc is no unit"),
    ("5 mL/h", 'a volume such as "5 mL"$'),
    ("5 mm", 'a volume such as "5 mL"$'),
    ("5 mg", 'a volume such as "5 mL"$'),
    ("5 V", 'a volume such as "5 mL"$'),
    ("5 %", "digits and a point"),
])
def test_what_could_be_misread_is_no_volume(text, words):
    with pytest.raises(QuantityError, match=words):
        parse(text, VOLUME)


@pytest.mark.parametrize("kind", SIZES, ids=IDS)
def test_a_kind_is_not_taken_for_another(kind):
    for other in SIZES:
        if other is not kind:
            with pytest.raises(QuantityError) as caught:
                parse(other.example, kind)
            assert str(caught.value) == f'{kind.name} such as "{kind.example}"'
    assert parse(kind.example, kind)[1] is kind


def test_of_two_kinds_the_unit_tells_which():
    assert parse("0.35 mg/day", RATE, MASS_RATE) == (Fraction(350_000, 24), MASS_RATE)
    assert parse("24 nL/day", RATE, MASS_RATE) == (1, RATE)
    with pytest.raises(QuantityError, match=r"a rate such as .* or a mass rate such as"):
        parse("5 mL", RATE, MASS_RATE)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.text(max_size=12), st.from_regex(r"[0-9.,eE+\-]{0,6} ?[munµLlh/]{0,5}", fullmatch=True)),
       kind=st.sampled_from(list(SIZES)))
def test_any_text_is_a_quantity_or_refused(text, kind: Kind):
    try:
        value, _ = parse(text, kind)
    except QuantityError as error:
        assert kind.example in str(error)
    else:
        assert value >= 0


@pytest.mark.parametrize("value, text", [
    (Fraction(20_000), "20000"),
    (Fraction(29, 2), "14.5"),
    (Fraction(1, 1_000_000), "0.000001"),
    (Fraction(175_000, 6), "29166.666666 ..."),
    (Fraction(0), "0"),
])
def test_an_exact_value_in_digits(value, text):
    assert plain(value) == text
