"""The table of requirements and tests says what it should, and a requirement without a test is a hole."""

from tests.trace import COMPLETE, known_requirements, report

KNOWN = {"T-01": "A rate schedule", "D-03": "The ledger counts", "F-01": "Start-up curve"}


def test_a_requirement_without_a_test_is_a_hole_where_its_group_is_complete():
    lines, holes = report({"T-01": {"test_zone::test_one": None}}, KNOWN)
    assert holes == ["D-03"]                            # F is not complete yet
    assert lines == ["T-01    1 tests  A rate schedule", "        test_zone::test_one",
                     "D-03    0 tests  The ledger counts", "F-01    0 tests  Start-up curve",
                     "1 of 3 requirements traced"]


def test_the_document_has_every_group():
    known = known_requirements()
    assert set(COMPLETE) < {number[0] for number in known} == set("TDBLJPACUF")
    assert all(words for words in known.values())
