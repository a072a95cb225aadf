"""Files as they are read: every value knows its line and column, and what is no TOML is refused with them (U-01)."""

import tomllib

import pytest

from pumpfiles.errors import HostError, InputError
from pumpfiles.toml_places import places_of
from pumpfiles.toml_source import read_toml

pytestmark = pytest.mark.requirement("U-01")

TRICKY = '''\
# a comment with "quotes" = 1
plain = 1
"a key # with = signs" = "x # y"
größe = 2.5
dotted.inner.deep = true
inline = { first = "1", nested = { second = [ 10, 20 ] } }   # é
list = [
  "a",      # a comment, with commas
  { k = "µ", l = [ [ 1 ], [ 2, 3 ] ] },
]
[table]
k = 1979-05-27
[table.below."quoted one"]
k = 'literal "text"'
[[many]]
k = 1
[[many.inner]]
k = 2
[[many.inner]]
k = 3
[many.of]
k = 4
[[many]]
k = 5
[[many.inner]]
k = 6
'''.replace("größe", '"größe"')


def leaves(value, path=()):
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, path + (key,))]
    if isinstance(value, list):
        return [leaf for at, inner in enumerate(value) for leaf in leaves(inner, path + (at,))]
    return [(path, value)]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_at_every_place_stands_the_value(tmp_path, newline):
    file = tmp_path / "tricky.toml"
    file.write_bytes(TRICKY.replace("\n", newline).encode())
    raw = read_toml(file).raw
    assert raw == tomllib.loads(TRICKY)
    places = places_of(TRICKY)
    found = leaves(raw)
    assert len(found) == 20
    for path, value in found:
        place = places.values[path]
        text = TRICKY.split("\n")[place.line - 1][place.column - 1:]
        assert text.startswith(place.shown)
        assert tomllib.loads(f"x = {place.shown}") == {"x": value}


def test_keys_and_tables_have_places():
    places = places_of(TRICKY)
    second = places.key(("inline", "nested", "second"))
    assert (second.line, second.column, second.shown) == (6, 36, "second")
    assert places.value(("many", 1)).shown == "[[many]]"
    assert [places.value(("many", 0, "inner", at)).line for at in (0, 1)] == [17, 19]
    assert places.value(("table", "below")).line == 13
    assert places.value(("many", 1, "inner", 0, "missing")).line == 25         # the nearest thing around it


@pytest.mark.parametrize("text, line, column, found", [
    ("a = .5", 1, 5, ".5"),
    ("a = 1\nb = 5 mL/h\n", 2, 7, "mL/h"),
    ('a = [\n  { at = "00:00", rate = 20 uL/h },\n]', 2, 29, "uL/h"),
    ('é = "x"', 1, 1, "é"),
    ('"é" = x', 1, 7, "x"),
    ('a = "x\n', 1, 7, "the end of the file"),
    ("a = [\nb = 1\n", 2, 1, "b"),
    ("[a\nb = 1\n", 1, 3, "the end of the line"),
    ("a = [1,\n2\n\n", 2, 2, "the end of the file"),
    ("a = 1\n[a]\n", 2, 3, "]"),
    ("a", 1, 2, "the end of the file"),
    ('a = "\x01"', 1, 6, '\\x01"'),
])
def test_what_is_no_toml_is_refused_where_it_stops(tmp_path, text, line, column, found):
    file = tmp_path / "wrong.toml"
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        read_toml(file)
    error = caught.value
    assert (error.line, error.column, error.found) == (line, column, found)
    assert error.expected.startswith("valid TOML")
    assert "\n" not in str(error)


@pytest.mark.parametrize("raw, line, column, found", [
    (b"\xff", 1, 1, "the byte 0xff"),
    (b"a = 1\nb = \"\xc3\xa9\xff\"", 2, 7, "the byte 0xff"),
    (b"a = 1\nb = " + b"9" * 5000, 2, 5, "a number of thousands of digits"),
    (b"a = " + b"[" * 5000, 1, 1, "lists within lists within lists"),
])
def test_bytes_that_are_no_text_are_refused(tmp_path, raw, line, column, found):
    file = tmp_path / "wrong.toml"
    file.write_bytes(raw)
    with pytest.raises(InputError) as caught:
        read_toml(file)
    assert (caught.value.line, caught.value.column, caught.value.found) == (line, column, found)


def test_a_byte_order_mark_is_passed_over(tmp_path):
    file = tmp_path / "marked.toml"
    file.write_bytes(b"\xef\xbb\xbfa = 1\r\n")
    assert read_toml(file).raw == {"a": 1}


def test_a_file_that_cannot_be_read_is_refused_without_a_place(tmp_path):
    with pytest.raises(HostError, match="No such file"):
        read_toml(tmp_path / "missing.toml")
    with pytest.raises(HostError, match="directory"):
        read_toml(tmp_path)
    (tmp_path / "long.toml").write_text("# " + "x" * 1_000_000)
    with pytest.raises(HostError, match="more than 1000000 bytes"):
        read_toml(tmp_path / "long.toml")


def test_a_refusal_is_one_line_that_names_the_place():
    error = InputError("circadian.toml", 9, 24, '".5 mL/h"', "a number")
    assert str(error) == 'circadian.toml:9:24: found ".5 mL/h", expected a number'
    assert (error.path, error.line, error.column, error.found) == ("circadian.toml", 9, 24, '".5 mL/h"')
    assert isinstance(error, HostError)
