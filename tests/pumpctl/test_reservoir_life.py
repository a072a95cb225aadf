"""How long a reservoir lasts with a program file, by the pump's own forecast (A-04, U-03)."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest

from pumpfiles.checks import reservoir_life
from pumpfiles.program_file import load_program
from pumpfiles.rig_file import load_rig
from tests.pumpfiles.files import EXAMPLES, RIG, write

pytestmark = [pytest.mark.requirement("A-04"), pytest.mark.requirement("U-03")]

FRIDAY = datetime(2026, 3, 27, tzinfo=timezone(timedelta(hours=1)))
PROGRAM = '''\
name = "any"
utc_offset = "+01:00"
[[schedule]]
segments = [{ at = "00:00", rate = "100 uL/h" }, { at = "12:00", rate = "0 uL/h" }]
[on_demand]
volume = "200 uL"
over = "2 min"
lockout = "1 h"
max_per_24h = 4
'''


def life(folder, text=PROGRAM, **options):
    rig = load_rig(write(folder, RIG)).rig
    return reservoir_life(load_program(write(folder, text), FRIDAY), rig, **options)


def test_a_full_reservoir_is_a_band_of_hours(tmp_path):
    # 10 mL; 1.2 mL a day by the schedule, until noon, and 0.8 mL on demand in the first 3 h of each day.
    # All: 2 mL a day, five days less the afternoon: 4 * 24 + 12 h. None: eight days leave 0.4 mL, which are 4 h.
    soonest, _, latest = life(tmp_path, start=FRIDAY)
    assert (soonest, latest) == (4 * 24 + 12, 8 * 24 + 4)


def test_the_typical_life_lies_between(tmp_path):
    # Half of each bolus is 100 uL: 1.6 mL a day, six days leave 0.4 mL. Of those are gone 100 at 0 h, at 1 h 100 of the
    # rate and 200 of boluses, 300 in all, and the last 100 by the rate until 2 h
    assert life(tmp_path, start=FRIDAY)[1] == 6 * 24 + 2


def test_the_level_and_the_time_of_the_start_count(tmp_path):
    # 50 uL without a bolus last half an hour from midnight on; from 10:00 UTC, 11:00 there, 150 uL last until 00:30
    assert life(tmp_path, start=FRIDAY, level_nl=50_000)[2] == Fraction(1, 2)
    assert life(tmp_path, start=datetime(2026, 3, 27, 10, tzinfo=UTC), level_nl=150_000)[2] == 13 + Fraction(1, 2)
    assert life(tmp_path, start=datetime(2026, 3, 27, 10), level_nl=150_000)[2] == 13 + Fraction(1, 2)     # UTC too


def test_nothing_is_said_beyond_a_year_or_the_programs_end(tmp_path):
    assert life(tmp_path, PROGRAM.replace("100 uL/h", "0 uL/h"), start=FRIDAY)[2] is None
    assert life(tmp_path, PROGRAM + '[ends]\nafter = "5 d"\n', start=FRIDAY) == (4 * 24 + 12, None, None)
    assert life(tmp_path)[2] is not None                                                # from now on


def test_the_example_of_everything():
    found = reservoir_life(load_program(EXAMPLES / "everything.toml", FRIDAY), load_rig(EXAMPLES / "bench-1.toml").rig,
                           FRIDAY)
    # A weekday: 6 h at 20, 2 h at 40 in the mean, 14 h at 60, 2 h at 20 are 1080 uL, two boluses 100, eight periodic
    # ones 40: 1220 uL. A day of the weekend: 24 + 50 + 40 = 114. From Friday through the second Sunday, ten days, that
    # is 6 * 1220 + 4 * 114 = 7776; Monday makes 8996, and Tuesday's 1220 are more than what is left of 10 mL.
    # With 4 * 10 uL a day on demand 9476 are gone by Monday night: Tuesday too, earlier.
    soonest, typical, latest = found
    assert 11 * 24 < soonest < typical < latest < 12 * 24
