"""Why the pump is in its state, in words."""

from pump import alarms, reasons


def test_from_64_on_reasons_are_alarms():
    assert [reasons.name(number) for number in (0, 1, 7)] == ["", "power-up", "button"]
    assert [reasons.name(64 + number) for number in range(len(alarms.TABLE))] == [row[0] for row in alarms.TABLE]
