"""Framing and the checked fields of requests: what is let through and what is refused (C-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pump import protocol
from pump.errors import PumpError

# json values as `dump` takes them: an object is a tuple of pairs with different keys
KEYS = st.text(st.characters(min_codepoint=97, max_codepoint=122), min_size=1, max_size=5)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-10**17, 10**17) | TEXTS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(KEYS, inner, max_size=3).map(lambda found: tuple(found.items())), max_leaves=8)


def code_of(action, *arguments):
    with pytest.raises(PumpError) as refusal:
        action(*arguments)
    return refusal.value.code


def plain(value):
    """What reading the dump of `value` must give."""
    if isinstance(value, tuple):
        return {key: plain(item) for key, item in value}
    return [plain(item) for item in value] if isinstance(value, list) else value


def test_a_line_is_json_then_its_crc_32_in_hex():
    # CRC-32 of the nine bytes 123456789 is CBF43926, the check value of the polynomial 0x04C11DB7 reflected
    assert protocol.frame(123456789) == b"123456789 *cbf43926\n"


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_what_was_framed_is_read_back(message):
    line = protocol.frame(tuple(message.items()))
    assert line.isascii() and line.count(b"\n") == 1
    try:
        assert protocol.unframe(line) == ({key: plain(value) for key, value in message.items()}, True)
    except PumpError as refusal:                        # nested deeper than the reader goes
        assert refusal.code == "bad_line" and max(line.count(b"["), line.count(b"{")) > 3


def test_bytes_travel_as_base64():
    assert protocol.dump(b"\x00\x01\xff") == '"AAH/"'
    assert protocol.dump(b"") == '""'


@pytest.mark.parametrize("text, json", [
    ('a"\\', '"a\\"\\\\"'), ("\n\r\t", '"\\n\\r\\t"'), ("\x00\x7f", '"\\u0000\\u007f"'), ("é€", '"\\u00e9\\u20ac"'),
    ('"', '"\\""'), ('~ "', '"~ \\""'), ("\uffff\U00010000", '"\\uffff\\ud800\\udc00"'),
    ("\U0001f600", '"\\ud83d\\ude00"'),                 # 0x1f600 - 0x10000 = 0xf600: 0x3d and 0x200
])
def test_anything_but_printable_ascii_is_escaped(text, json):
    assert protocol.dump(text) == json


@pytest.mark.requirement("C-01")
@pytest.mark.parametrize("place", range(len(b'{"do":"stop","id":7} *')))
def test_a_damaged_line_is_refused(place):
    line = bytearray(protocol.frame((("do", "stop"), ("id", 7))))
    line[place] ^= 1
    try:
        _, checked = protocol.unframe(bytes(line))
        assert not checked, "without its mark a line counts as typed, and may only read"
    except PumpError as refusal:
        assert refusal.code in ("bad_crc", "bad_line")


@pytest.mark.requirement("C-01")
@pytest.mark.parametrize("line", [
    b"", b" *00000000", b"stop", b"[]", b"1", b'"hello"', b'{"do":"stop"', b'{"do":"stop"} x', b"{'do':'stop'}",
    b'{"do":"stop","do":"stop"}', b'{"do":"stop",}', b'{"id":01}', b'{"id":1.0}', b'{"id":1e3}', b'{"id":NaN}', b"\xff",
    b'{"do":"st\xc3\xb6p"}', b'{"do":"a\tb"}', b"[" * 1000, b'{"a":' * 200,
])
def test_anything_but_one_json_object_is_refused(line):
    assert code_of(protocol.unframe, line) == "bad_line"


@pytest.mark.requirement("C-01")
def test_the_shortest_line_is_held_to_its_crc():
    assert code_of(protocol.unframe, b"1 *00000000") == "bad_crc"
    assert code_of(protocol.unframe, b"1 *83dcefb7") == "bad_line"         # what zlib.crc32(b"1") says


def test_a_line_may_be_typed_without_crc_and_with_space_around():
    assert protocol.unframe(b'  { "do" : "hello" }\r') == ({"do": "hello"}, False)


def field_of(name, key):
    return next(field for field in protocol.MESSAGES[name][1] if field[0] == key)


INTEGERS = [(name, key) for name, message in protocol.MESSAGES.items() for key, kind, *_ in message[1] if kind == "int"]


def a_request(name, **changes):
    """A right request of that name, with changes."""
    samples = {"kind": "rig", "digest": "0" * 64, "data": "AAEC", "chain": "0" * 16, "role": "operate",
               "nonce": "0" * 32, "keys": ""}
    fields = {field[0]: samples.get(field[0], field[2]) for field in protocol.MESSAGES[name][1]}
    return {"id": 1, "do": name} | fields | changes


@pytest.mark.parametrize("name, key", INTEGERS)
def test_whole_numbers_are_held_to_their_range(name, key):
    _, _, low, high = field_of(name, key)
    for value in (low, high):
        assert value in protocol.arguments(name, a_request(name, **{key: value}))
    for value in (low - 1, high + 1, True, None, str(low), [low], {}):
        assert code_of(protocol.arguments, name, a_request(name, **{key: value})) == "bad_value"


@pytest.mark.parametrize("text", ["", "ri", "programs", 5, None, ["rig"]])
def test_texts_are_held_to_their_length(text):
    assert code_of(protocol.arguments, "document", a_request("document", kind=text)) == "bad_value"


@pytest.mark.parametrize("text, data", [("AA==", b"\0"), ("/+A=", b"\xff\xe0"), ("A" * 682 + "==", bytes(511))])
def test_base64_is_read(text, data):
    assert protocol.arguments("stage", a_request("stage", data=text)) == ["rig", 0, data]


@pytest.mark.parametrize("text", ["", "A", "AA", "AAA", "AA=", "AB==", "AA==AA==", "AA==\n", "A A==", "AA-_", "é",
                                  "====", "A" * 684, 5])
def test_what_no_encoder_writes_as_base64_is_refused(text):
    # AB==: the four spare bits are not zero; 684 characters are 513 bytes
    with pytest.raises(PumpError, match=r"^data must ") as refusal:
        protocol.arguments("stage", a_request("stage", data=text))
    assert refusal.value.code == "bad_value"


@pytest.mark.parametrize("name", protocol.MESSAGES)
def test_a_request_has_exactly_its_fields(name):
    assert len(protocol.arguments(name, a_request(name))) == len(protocol.MESSAGES[name][1])
    assert code_of(protocol.arguments, name, a_request(name, extra=1)) == "bad_request"
    for key, *_ in protocol.MESSAGES[name][1]:
        missing = a_request(name)
        del missing[key]
        assert code_of(protocol.arguments, name, missing) == "bad_request"
        assert code_of(protocol.arguments, name, missing | {"other": 1}) == "bad_request"


def test_the_longest_requests_fit_a_line():
    for name in protocol.MESSAGES:
        fields = tuple((key, bytes(high) if kind == "data" else "x" * high if kind in ("text", "hex") else high)
                       for key, kind, _, high in protocol.MESSAGES[name][1])
        line = protocol.frame((("id", protocol.ID_MAX), ("do", name), *fields))
        assert len(line) - 1 <= protocol.LINE_MAX
