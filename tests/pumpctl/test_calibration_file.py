"""The [calibration] of a rig file: what it changes, how it is written, and what is refused."""

import pytest

from pumpctl.calibration_file import write_calibration
from pumpfiles.errors import HostError, InputError
from pumpfiles.rig_file import load_rig
from tests.pumpfiles.files import EXAMPLES, RIG, changed, write

TABLE = '''\
[calibration]
volume_per_revolution = "335.0055 uL"
interval = ["334 uL", "336 uL"]
date = "2026-03-27"
method = "by hand"
'''
WAY = ("2026-11-25", "gravimetric")


def test_the_calibrated_volume_takes_the_place_of_the_heads_and_is_echoed(tmp_path):
    plain, calibrated = load_rig(write(tmp_path, RIG)), load_rig(write(tmp_path, RIG + TABLE))
    # pi/4 * 14.5 mm ** 2 * 2 mm = 330.2599 uL; 335.0055 uL are 335 005 500 pL, 101.44 % of it
    assert (plain.rig.pl_per_rev, plain.calibration) == (330_259_927, None)
    assert calibrated.rig.pl_per_rev == 335_005_500 and calibrated.geometry_pl == 330_259_927
    echo = dict(calibrated.canonical)
    assert echo["calibrated volume per revolution"] == (
        "335.0055 uL = 335005500 pL, of 2026-03-27; 101.44 % of the head's, and what counts")
    assert calibrated.calibration.accuracy_percent == 2


@pytest.mark.requirement("U-01")
@pytest.mark.parametrize("old, new, place, said", [
    ('"335.0055 uL"', '"335.0055"', "2:25", "a unit"),
    ('"335.0055 uL"', '"33.50055 uL"', "2:25", "within a factor of 2"),
    ('"335.0055 uL"', '"3,35 uL"', "2:25", "expected"),
    ('"335.0055 uL"', '"337 uL"', "3:12", "inside it"),
    ('["334 uL", "336 uL"]', '["334 uL"]', "3:12", "two volumes"),
    ('"2026-03-27"', '"27.3.2026"', "4:8", "a date"),
    ('"2026-03-27"', "2026-03-27", "4:8", "in quotes"),
    ("method", "metod", "5:1", "did you mean method"),
    ('"by hand"\n', '"by hand"\naccuracy = "0 %"\n', "6:12", "an accuracy"),
    ('"by hand"\n', '"by hand"\nhistory = [{ date = "2026-01-01" }]\n', "6:", "volume_per_revolution"),
])
def test_a_wrong_table_is_refused_with_its_place(tmp_path, old, new, place, said):
    line, _, column = place.partition(":")
    path = write(tmp_path, RIG + changed(TABLE, old, new))
    with pytest.raises(InputError) as refused:
        load_rig(path)
    assert f":{int(line) + RIG.count(chr(10))}:{column}" in str(refused.value) and said in str(refused.value)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("example", ["bench-1.toml", "peristaltic.toml"])
def test_all_else_in_the_file_stays_comments_too(tmp_path, example, newline):
    before = (EXAMPLES / example).read_text().replace("\n", newline).encode()
    path = tmp_path / "rig.toml"
    path.write_bytes(before)
    ul = load_rig(path).geometry_pl / 1e6
    for part in (1.01, 1.02, 1.03):
        rig = write_calibration(path, ul * part, (ul * part - 1, ul * part + 1), *WAY)
    assert path.read_bytes().startswith(before)
    assert path.read_bytes().count(b"\r\n") == (path.read_bytes().count(b"\n") if newline == "\r\n" else 0)
    assert rig.rig.pl_per_rev == pytest.approx(ul * 1.03e6, rel=1e-6)
    assert [float(each.nl_per_rev) / ul / 1000 for each in rig.calibration.history] == pytest.approx([1.02, 1.01],
                                                                                                  abs=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["rig.toml"]


def test_comments_inside_the_table_stay_and_the_accuracy_too(tmp_path):
    path = write(tmp_path, RIG + changed(TABLE, '"by hand"', '"by hand"   # with the old balance') +
                 'accuracy = "1.5 %" # as the lab wants it\n')
    write_calibration(path, 333, (332, 334), *WAY)
    text = path.read_text()
    assert "# with the old balance" in text and 'accuracy = "1.5 %" # as the lab wants it' in text
    assert load_rig(path).calibration.history[0].method == "by hand"
    assert load_rig(path).calibration.accuracy_percent == 1.5
    write_calibration(path, 333, (332, 334), *WAY, accuracy="3 %")
    assert load_rig(path).calibration.accuracy_percent == 3


@pytest.mark.parametrize("text", [
    'calibration = { volume_per_revolution = "330 uL", interval = ["329 uL", "331 uL"], date = "2026-01-01", '
    'method = "m" }\n' + RIG,
    RIG.replace("[motor]", TABLE + "[motor]") + '[[calibration.history]]\nvolume_per_revolution = "330 uL"\n'
    'interval = ["329 uL", "331 uL"]\ndate = "2025-01-01"\nmethod = "m"\n'])
def test_a_table_in_one_line_or_in_pieces_is_put_together(tmp_path, text):
    path = write(tmp_path, text)
    before = load_rig(path).calibration
    write_calibration(path, 333, (332, 334), *WAY)
    assert load_rig(path).calibration.history == [before.finding, *before.history]


def test_what_would_be_no_rig_is_not_written(tmp_path):
    path = write(tmp_path, RIG)
    before = path.read_bytes()
    with pytest.raises(HostError, match="would be no rig with it: found \"700 uL\", expected a volume within a factor"):
        write_calibration(path, 700, (699, 701), *WAY)
    assert path.read_bytes() == before and [each.name for each in tmp_path.iterdir()] == [path.name]
    with pytest.raises(InputError):
        write_calibration(write(tmp_path, "name = 1\n"), 330, (329, 331), *WAY)
