"""A slice of `make fuzz`: whatever a device answers, a host ends with an answer or with one line; and what makes the
slice worth something: it sees a host that is broken."""

import pytest

from pump import record
from tests.fuzz.disturbed import FoundError
from tests.fuzz.host import by_replies

REPLIES = 200


def test_replies_changed_by_chance_end_in_an_answer_or_in_one_line():
    assert by_replies(REPLIES, seed=2) >= REPLIES


@pytest.mark.parametrize("module, name, broken", [
    ("pumpctl.replies", "checked", lambda reply, name, *types: reply[name]),                      # any field passes
    ("pumpctl.journal", "following", lambda raw, seq, chain: (len(raw) // record.SIZE, chain)),   # nothing is proven
])
def test_a_host_that_is_broken_is_seen(monkeypatch, module, name, broken):
    monkeypatch.setattr(f"{module}.{name}", broken)
    with pytest.raises(FoundError):
        by_replies(50 * REPLIES, seed=2)
