"""A balance's CSV: what is read, and what is refused with its place."""

import pytest

from flowtest.flow import read_flow
from flowtest.readings import ReadingsError, read_table
from flowtest.water import Liquid


def table(folder, text, *needed):
    path = folder / "balance.csv"
    path.write_text(text, encoding="utf-8")
    return read_table(path, *needed)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_are_found_by_name_and_turned_into_one_unit(tmp_path, separator):
    text = "# a balance\nTime_min,note,mass_g\n0,tared,0.0001\n\n0.5,,1.5\n".replace(",", separator)
    read = table(tmp_path, text, "time_s", "mass_mg")
    assert list(read.columns["time_s"]) == [0, 30]
    assert list(read.columns["mass_mg"]) == [0.1, 1500]
    assert read.start is None


def test_times_of_a_clock_count_from_the_first(tmp_path):
    read = table(tmp_path, "time,mass_mg\n2026-03-29T01:59:30+01:00,0\n2026-03-29T03:00:30+02:00,1\n", "time_s")
    assert list(read.columns["time_s"]) == [0, 60]
    assert read.start.isoformat() == "2026-03-29T01:59:30+01:00"


@pytest.mark.parametrize("text, place, said", [
    ("", (1, 1), "column names such as time, time_s"),
    ("time_s,weight\n0,1\n", (1, 1), "one of mass_mg, mass_g too"),
    ("time_s,time_min,mass_mg\n0,0,1\n", (1, 1), "one column for time_s"),
    ("time_s,mass_mg\n", (2, 1), "at least one below"),
    ("time_s,mass_mg\n0,1\n30,1,5\n", (3, 1), "decimals have a point"),
    ("time_s;mass_mg\n0;1\n30;1,5\n", (3, 4), "found '1,5', expected a number"),
    ("time_s,mass_mg\n0,1\n30,1.5 mg\n", (3, 4), "no unit"),
    ("time_s,mass_mg\n0,1\n30,.5\n", (3, 4), "with a point"),
    ("time_s,mass_mg\n0,1\n30,5.\n", (3, 4), "with a point"),
    ("time_s,mass_mg\n0,nan\n", (2, 3), "found 'nan'"),
    ("time_s,mass_mg\n0,inf\n", (2, 3), "found 'inf'"),
    ("time_s,mass_mg\n0,1_0\n", (2, 3), "found '1_0'"),
    ("time_s,mass_mg\n0,\n", (2, 3), "found nothing"),
    ("time_s,mass_mg\n0,1\n30,2\n30,3\n", (4, 1), "a later time"),
    ("time,mass_mg\nnoon,1\n", (2, 1), "2026-03-27T06:30:00"),
    ("time,mass_mg\n2026-03-27T06:30,1\n2026-03-27T06:31Z,1\n", (3, 1), "a time such as"),
])
def test_a_wrong_file_is_refused_with_line_and_column(tmp_path, text, place, said):
    with pytest.raises(ReadingsError) as refused:
        table(tmp_path, text, "time_s", "mass_mg")
    assert refused.value.place == place
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_a_refusal_lists_no_more_than_eight_columns(tmp_path):
    with pytest.raises(ReadingsError, match=r"found the columns a0, a1, .*, a7 and 2 more, expected one of"):
        table(tmp_path, ",".join(f"a{at}" for at in range(10)) + "\n" + "1," * 9 + "1\n", "time_s")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "balance.csv").write_bytes(b"time_s,mass_mg\n0,1\n\xff\n")
    with pytest.raises(ReadingsError, match=r":3:1: found the byte 0xff, expected text in UTF-8"):
        read_table(tmp_path / "balance.csv")


def test_a_flow_takes_the_temperature_of_its_table(tmp_path):
    (tmp_path / "balance.csv").write_text("time_s,mass_mg,temperature_C\n0,5,24\n60,15,25\n120,25,26\n")
    flow, liquid, _ = read_flow(tmp_path / "balance.csv", Liquid(20))
    assert liquid.celsius == 25
    assert flow.total_ul == pytest.approx(20 * 1.0040, abs=0.001)        # Z of ISO 8655-6 at 25 degrees
    assert read_flow(tmp_path / "balance.csv", Liquid(20, mg_per_ul=1.0))[1].celsius == 20


def test_two_readings_are_no_flow(tmp_path):
    (tmp_path / "balance.csv").write_text("time_s,mass_mg\n0,5\n60,15\n")
    with pytest.raises(ReadingsError, match="at least 3"):
        read_flow(tmp_path / "balance.csv", Liquid())
