"""Any valid program file becomes the document that a person would work out, and the pump accepts it (U-01, U-02).

Units are worked out here by powers of ten; nothing of the code's own conversion is used.
"""

import json
import tempfile
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpfiles.program_file import load_program
from tests.pumpfiles.files import START, write

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NL = {"L": 10**9, "mL": 10**6, "uL": 10**3, "nL": 1}
NG = {"g": 10**9, "mg": 10**6, "ug": 10**3, "ng": 1}
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
LIMITS = {"max_rate": "max_rate_nl_per_h", "max_bolus": "max_bolus_nl", "max_1h": "max_1h_nl", "max_24h": "max_24h_nl"}
NONE_OF_ITS_OWN = dict.fromkeys(LIMITS.values(), 0)
DAY_S = 86_400

maybe = st.booleans()


def number(thousandths):
    """A number of thousandths as one would write it: 12500 -> "12.5"."""
    whole, rest = divmod(thousandths, 1000)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def amount(draw, concentration, units, most):
    """(text, nL or nL/h rounded down): by volume, or by mass where there is a concentration in ng/mL."""
    thousandths = draw(st.integers(1, 9_999_999))
    sizes = {unit: Fraction(size) for unit, size in units(NL).items()}
    if concentration:
        sizes |= {unit: Fraction(size * 10**6, concentration) for unit, size in units(NG).items()}
    found = {unit: int(thousandths * size / 1000) for unit, size in sizes.items()
             if 1 <= int(thousandths * size / 1000) <= most}
    unit = draw(st.sampled_from(sorted(found)))
    return f'"{number(thousandths)} {unit}"', found[unit]


def volume(draw, concentration):
    return amount(draw, concentration, lambda sizes: sizes, 10**11)


def rate(draw, concentration):
    if draw(st.integers(0, 9)) == 0:
        return '"0 uL/h"', 0
    return amount(draw, concentration, lambda sizes: {f"{top}/{bottom}": Fraction(size * 3600, seconds)
                                                      for top, size in sizes.items()
                                                      for bottom, seconds in SECONDS.items()}, 10**9)


def duration(draw, low, high):
    """(text, s)"""
    seconds = draw(st.integers(low, high))
    units = [unit for unit, size in SECONDS.items() if seconds * 1000 % size == 0]
    unit = draw(st.sampled_from(units))
    return f'"{number(seconds * 1000 // SECONDS[unit])} {unit}"', seconds


def clock(minute):
    return f'"{minute // 60:02d}:{minute % 60:02d}"'


def schedule(draw, concentration):
    """(text, days, plans)"""
    owners = draw(st.lists(st.integers(0, 2), min_size=7, max_size=7))
    text, plans = "", {}
    for owner in sorted(set(owners)):
        days = ",".join(day for day, each in zip(DAYS, owners, strict=True) if each == owner)
        text += f'[[schedule]]\ndays = "{days}"\nsegments = [\n'
        plans[owner] = []
        for minute in [0, *sorted(draw(st.sets(st.integers(1, 1439), max_size=6)))]:
            written, nl_per_h = end_written, end_nl_per_h = rate(draw, concentration)
            text += f"  {{ at = {clock(minute)}, rate = {written}"
            if draw(maybe):
                end_written, end_nl_per_h = rate(draw, concentration)
                text += f", ramp_to = {end_written}"
            text += " },\n"
            plans[owner] += [minute, nl_per_h, end_nl_per_h]
        text += "]\n"
    in_order = []
    for owner in owners:
        if plans[owner] not in in_order:
            in_order.append(plans[owner])
    return text, [in_order.index(plans[owner]) for owner in owners], in_order


def bolus(draw, concentration):
    minute = draw(st.integers(0, 1439))
    days = draw(st.sets(st.integers(0, 6)))
    written, nl = volume(draw, concentration)
    over, over_s = duration(draw, 1, DAY_S)
    text = f"[[bolus]]\nat = {clock(minute)}\nvolume = {written}\nover = {over}\n"
    if days:
        text += f'days = "{",".join(DAYS[day] for day in sorted(days))}"\n'
    late = draw(st.sampled_from([None, 0, 1, 30, 1440]))
    if late is not None:
        text += 'if_missed = "skip"\n' if late == 0 else f'if_missed = "within {late} min"\n'
    return text, [minute, sum(2**day for day in days or range(7)), nl, over_s, late or 0]


def limits(draw, name, concentration):
    text, found = f"[{name}]\n", dict(NONE_OF_ITS_OWN)
    for key in draw(st.sets(st.sampled_from(sorted(LIMITS)))):
        written, value = (rate if key == "max_rate" else volume)(draw, concentration)
        if value:
            text += f"{key} = {written}\n"
            found[LIMITS[key]] = value
    return text, found


@st.composite
def programs(draw):
    """(the text of a program file, the document that it means, without its zone)"""
    concentration = draw(st.sampled_from([0, 1, 600_000, 10**12]))
    written = {0: "", 1: "1 ng/mL", 600_000: "0.6 mg/mL", 10**12: "1 g/uL"}[concentration]
    text = 'name = "any"\nutc_offset = "+01:00"\nfluid = { name = "water"'
    text += f', concentration = "{written}" }}\n' if written else " }\n"
    found = {"v": 1, "name": "any", "fluid": {"name": "water", "ng_per_ml": concentration}, "resume": "basal",
             "minimum_nl_per_h": 0, "periodic": [], "on_demand": [], "ends": {"after_s": 0, "volume_nl": 0},
             "low_nl": 0}
    if draw(maybe):
        found["resume"] = draw(st.sampled_from(["stopped", "basal"]))
        text += f'resume = "{found["resume"]}"\n'
    if draw(maybe):
        minimum, found["minimum_nl_per_h"] = rate(draw, concentration)
        text += f"minimum_rate = {minimum}\n"
    tables, found["days"], found["plans"] = schedule(draw, concentration)
    boluses = [bolus(draw, concentration) for _ in range(draw(st.integers(0, 4)))]
    found["boluses"] = [each for _, each in boluses]
    tables += "".join(each for each, _ in boluses)
    for name in ("limits", "soft_limits"):
        more, found[name] = limits(draw, name, concentration)
        tables += more
    if draw(maybe):
        over, over_s = duration(draw, 1, DAY_S)
        every, every_s = duration(draw, max(60, over_s + 1), 7 * DAY_S)
        dose, nl = volume(draw, concentration)
        tables += f"[periodic_bolus]\nvolume = {dose}\nover = {over}\nevery = {every}\n"
        found["periodic"] = [nl, over_s, every_s]
    if draw(maybe):
        over, over_s = duration(draw, 1, DAY_S)
        lockout, lockout_s = duration(draw, over_s, DAY_S)
        dose, nl = volume(draw, concentration)
        most = draw(st.integers(1, 96))
        tables += f"[on_demand]\nvolume = {dose}\nover = {over}\nlockout = {lockout}\nmax_per_24h = {most}\n"
        found["on_demand"] = [nl, over_s, lockout_s, most]
    if draw(maybe):
        after, found["ends"]["after_s"] = duration(draw, 1, 3660 * DAY_S)
        tables += f"[ends]\nafter = {after}\n"
        if draw(maybe):
            end, found["ends"]["volume_nl"] = volume(draw, concentration)
            tables += f"volume = {end}\n"
    if draw(maybe):
        low, found["low_nl"] = volume(draw, concentration)
        tables += f"[reservoir]\nlow = {low}\n"
    return text + tables, found


@pytest.mark.requirement("U-01")
@pytest.mark.requirement("U-02")
@settings(max_examples=150, deadline=None)
@given(program=programs())
def test_any_program_becomes_the_document_that_it_means(program):
    text, expected = program
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_program(write(Path(folder), text), START)
    document = json.loads(loaded.body)
    assert document.pop("zone") == {"name": "UTC+01:00", "first_offset_min": 60, "changes": []}
    assert document == expected
    taken = loaded.program                     # as the pump has read it
    assert (taken.plans, taken.boluses) == (expected["plans"], expected["boluses"])
    assert list(taken.limits.values()) == [expected["limits"][key] for key in LIMITS.values()]
    assert list(taken.periodic or []) == expected["periodic"]
    assert list(taken.on_demand or []) == expected["on_demand"]
