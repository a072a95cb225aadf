"""A slice of `make fuzz`: lines of any content change nothing on a running pump with keys, and are all answered (C-01);
and what makes the slice worth something: it sees a firmware that is broken."""

from itertools import islice

import pytest

from tests.fuzz.__main__ import GROWN_MAX, by_chance, by_hypothesis
from tests.fuzz.disturbed import Disturbed, FoundError
from tests.fuzz.mutants import Mutants

LINES = 12_000
FEW = 3000


@pytest.mark.requirement("C-01")
@pytest.mark.requirement("C-02")
def test_lines_by_chance_change_nothing_and_nothing_grows():
    sent, grown = by_chance(LINES, seed=2)
    assert sent >= LINES and grown <= GROWN_MAX


@pytest.mark.requirement("C-01")
def test_lines_of_hypothesis_change_nothing():
    assert by_hypothesis(400) >= 200


def some(target, seed=3, count=FEW):
    for line in islice(Mutants(seed, target.sealed), count):
        target.feed(line)
    target.look()


def test_many_lines_are_answered_with_ok_and_most_are_not():
    target = Disturbed()
    some(target)
    assert target.lines // 100 < target.granted < target.lines // 2


@pytest.mark.parametrize("module, name, broken", [
    ("pump.access.Access", "admit", lambda *_: None),                              # no session needed
    ("pump.seal", "is_same", lambda one, other: len(one) == len(other)),           # any seal will do
    ("pump.desk.Desk", "_request_id", lambda self, message: message["id"]),        # an exception
    ("pump.desk.Desk", "_refusal", lambda *_: b""),                                # no reply
    ("pump.desk", "REPLIES_KEPT", 10_000),                                         # grows
    ("pump.lines.LineReader", "_finish", lambda self, lines: lines.append(bytes(self._line))),       # never ends a line
])
def test_a_firmware_that_is_broken_is_seen(monkeypatch, module, name, broken):
    target = Disturbed()
    monkeypatch.setattr(f"{module}.{name}", broken)
    with pytest.raises((FoundError, AssertionError)):
        some(target, count=2 * FEW)
