"""The battery-backed clock, a modelled DS3231, gives the pump its time at power-up (T-07)."""

import pytest

UTC_S = 1_709_251_190                           # 2024-02-29T23:59:50Z, a leap day


def booted(pico):
    """The status after a power-up, and the second since the clock was fitted."""
    begun = pico.seconds
    pico.do("powerCycle")
    pico.until_usb()
    status = pico.ask("status")
    return status, pico.seconds - begun


def is_at(status, utc_s):
    """True where the pump's clock shows `utc_s`, up to the second that a DS3231 does not tell."""
    return utc_s - 1.1 <= status["utc_ms"] / 1000 <= utc_s + 0.1


@pytest.mark.requirement("T-07")
def test_a_clock_that_ran_gives_the_time(boot):
    pico = boot()
    pico.do("rtc", utcS=UTC_S, isStopped=False)

    status, passed_s = booted(pico)

    assert is_at(status, UTC_S + passed_s)
    assert "clock not set" not in status["alarms"]


@pytest.mark.requirement("T-07")
def test_a_clock_that_had_stopped_gives_none_until_it_is_set(boot):
    pico = boot()
    pico.do("rtc", utcS=UTC_S, isStopped=True)
    status, _ = booted(pico)
    assert status["utc_ms"] is None
    assert "clock not set" in status["alarms"]

    pico.ask("clock", utc_ms=UTC_S * 1000)              # 23:59:50 on a leap day
    set_s = pico.seconds
    pico.run(15)
    status, _ = booted(pico)

    assert is_at(status, UTC_S + pico.seconds - set_s)


def test_a_pump_without_one_boots_all_the_same(boot):
    pico = boot()
    status, passed_s = booted(pico)
    assert status["utc_ms"] is None
    assert passed_s < 1.5
    asked_s = pico.seconds
    pico.ask("clock", utc_ms=UTC_S * 1000)
    assert is_at(pico.ask("status"), UTC_S + pico.seconds - asked_s)
