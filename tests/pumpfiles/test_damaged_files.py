"""Whatever a file holds, it is loaded or refused in one line: nothing else escapes (U-01)."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pumpfiles.errors import HostError, InputError
from pumpfiles.program_file import load_program
from pumpfiles.rig_file import load_rig
from tests.pumpfiles.files import EXAMPLES, RIG, START, changed

pytestmark = pytest.mark.requirement("U-01")

EVERYTHING = (EXAMPLES / "everything.toml").read_text(encoding="utf-8")
MORE_RIG = '''step = 5
[journal]
quantum = "5 min"
[line]
volume = "0.5 mL"
[prime]
rate = "20 mL/h"
[alarms]
auto_off = "12 h"
supply_low = "4.5 V"
pressure_limit = 12345
[service]
steps = 5000000
'''
FILES = {"program": (changed(EVERYTHING, 'time_zone = "Europe/Berlin"', 'utc_offset = "+01:00"'), load_program),
         "rig": (RIG + MORE_RIG, load_rig)}
PIECES = ["", '"', "'", "[", "]", "[[", "{", "}", "=", ",", ".", "#", "\n", "\r\n", "\0", "\\", "é", "💧", "0", "-1",
          "5 mL", "nan", "true", "1979-05-27", "[a.b]\n", "[[schedule]]\n", "[[bolus]]\n", "[ends]\n", "within ",
          "a.b = 1\n", '"""', "0x1f", "_"]


@settings(max_examples=400, deadline=None)
@given(kind=st.sampled_from(list(FILES)), data=st.data())
def test_a_damaged_file_is_loaded_or_refused(kind, data):
    text, load = FILES[kind]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.sampled_from([0, 1, 2, 8, 40]))
        text = text[:at] + data.draw(st.sampled_from(PIECES)) + text[at + length:]
    assert_loaded_or_refused(load, text.encode())


@settings(max_examples=100, deadline=None)
@given(kind=st.sampled_from(list(FILES)), raw=st.binary(max_size=60))
def test_any_bytes_are_refused(kind, raw):
    assert_loaded_or_refused(FILES[kind][1], raw)


def assert_loaded_or_refused(load, raw):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given.toml"
        path.write_bytes(raw)
        try:
            load(path, START) if load is load_program else load(path)
        except InputError as error:
            lines = raw.decode(errors="replace").replace("\r\n", "\n").split("\n")
            assert 1 <= error.line <= len(lines)
            assert 1 <= error.column <= len(lines[error.line - 1]) + 1
            assert str(error).isprintable()
        except HostError as error:
            raise AssertionError(f"refused without a place: {error}")
