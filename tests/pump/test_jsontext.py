"""Reading JSON strictly: what CPython's strict reader takes, less fractions, foreign letters and double keys."""

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pump import jsontext

SCALARS = st.none() | st.booleans() | st.integers(-(10**18 - 1), 10**18 - 1) | st.text(
    st.characters(exclude_categories=["Cs"]))
SHALLOW = st.lists(SCALARS | st.lists(SCALARS), max_size=4) | st.dictionaries(st.text(
    st.characters(exclude_categories=["Cs"])), SCALARS | st.lists(SCALARS), max_size=4)


@given(SHALLOW, st.sampled_from([None, 1]))
def test_what_the_standard_writes_is_read(value, indent):
    assert jsontext.loads(json.dumps(value, indent=indent).encode()) == value


@given(st.text(st.sampled_from('{}[]":,0123456789-.eEtrufalsn \\"\t\n'), max_size=12))
def test_nothing_is_taken_that_the_standard_refuses(text):
    try:
        value = jsontext.loads(text.encode())
    except ValueError:
        return
    assert value == json.loads(text)


@pytest.mark.parametrize("text", [
    b"", b" ", b"1 2", b"01", b"-", b"+1", b"1.0", b"1e3", b"NaN", b"[1,]", b"[,]", b"[1 2]", b"[1}", b'{"a":1]',
    b'{"a" 1}', b'{"a":1,}', b'{"a":1,"a":1}', b"{1:2}", b"{a:1}", b'"a', b'"\\"', b'"\\x"', b'"\\u12"', b'"\\u12g4"',
    b'"\\ud800"', b'"\\ud800\\u0041"', b'"\\udc00"', b'"a\nb"', b'"a\\n\nb"', b'"\x7f"', b'"\xc3\xa9"',
    b"[1\x0e]", b"[1_0]", b"[+1]", b"[01]", b"[1, 2_0]", b"[1,\x0b2]", b"[1,,2]", b"[1,2", b"[1.0]", b"[0x1]",
    b"[1," + b"9" * 19 + b"]", b'"\\n\xc3\xa9"', b"tru", b"truefalse", b"{}}", b"\xef\xbb\xbf{}", b'"\\u+123"', b'"\\',
])
def test_wrong_texts_are_refused(text):
    with pytest.raises(ValueError):
        jsontext.loads(text)


@pytest.mark.parametrize("text", ["[1,-2,30]", "[1, -2, 30]", "[ 1 ,-2\t,\r\n30 ]", "[1,  -2, 30]", "[1, -2,30]"])
def test_lists_of_numbers_may_be_spaced_in_any_way(text):
    assert jsontext.loads(text.encode()) == [1, -2, 30]


def test_long_lists_of_numbers_are_not_read_number_by_number():
    """A program's lists take a fifth of the time so: wherever they stand, written compactly or with spaces."""
    called = []
    sys.setprofile(lambda frame, event, _: called.append(frame.f_code.co_name) if event == "call" else None)
    try:
        read = jsontext.loads(b'{"a":[[1,-2,30],[4]],"b":[5, -6, 70]}')
    finally:
        sys.setprofile(None)
    assert read == {"a": [[1, -2, 30], [4]], "b": [5, -6, 70]}
    assert "_object" in called
    assert "_integer" not in called


def test_depth_and_digits_are_bounded():
    deepest = b"[" * jsontext.DEPTH_MAX + b"]" * jsontext.DEPTH_MAX
    assert jsontext.loads(deepest) == [[[[[[]]]]]]
    assert jsontext.loads(b'{"a":' * 6 + b"1" + b"}" * 6) == {"a": {"a": {"a": {"a": {"a": {"a": 1}}}}}}
    assert jsontext.loads(b"9" * jsontext.DIGITS_MAX) == 10**18 - 1
    for text in (b"[" + deepest + b"]", b'{"a":' + deepest + b"}", b"[" * 10_000, b"9" * (jsontext.DIGITS_MAX + 1)):
        with pytest.raises(ValueError):
            jsontext.loads(text)


def test_after_an_escaped_quote_a_text_is_read_as_strictly():
    assert jsontext.loads(b'"a\\"b"') == 'a"b'
    for raw in (b'"\\"\x01"', b'"\\"\x1f"', b'"\\"\x7f"', b'"\\"\xc3\xa9"'):
        with pytest.raises(ValueError, match="not printable"):
            jsontext.loads(raw)


@pytest.mark.parametrize("raw, text", [
    (b'"\\ud800\\udc00"', "\U00010000"), (b'"\\udbff\\udfff"', "\U0010ffff"), (b'"\\ud7ff\\ue000"', "\ud7ff\ue000"),
])
def test_pairs_of_escapes_reach_from_the_first_character_to_the_last(raw, text):
    assert jsontext.loads(raw) == text


@pytest.mark.parametrize("raw", [b'"\\ud800\\ue000"', b'"\\ud800\\udbff"', b'"\\ud800xxdc00"', b'"\\udfff"',
                                 b'"\\udbff"', b"[1,1000000000000000000]", b"[1,-1000000000000000000]", b"[1,2:]",
                                 b"[1,/2]"])
def test_what_lies_just_beyond_is_refused(raw):
    with pytest.raises(ValueError):
        jsontext.loads(raw)


def test_the_largest_numbers_are_read_in_a_list_too():
    assert jsontext.loads(b"[-999999999999999999,999999999999999999]") == [1 - 10**18, 10**18 - 1]
