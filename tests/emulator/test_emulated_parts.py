"""What is fitted is taken, and what is not costs nothing: pumps with other rigs on the emulated Pico."""

import pytest

from tests.emulator.test_emulated_pump import NOON_UTC_MS, UTC, boot_seconds
from tests.pumps import RIG, program

EVERYTHING = ["rgb", "buzzer", "ds3231", "limit", "diag", "hx711"]


def costs(boot, say, parts, name):
    """(boot in s with cache misses estimated, heap free while running)."""
    more = DRIVER if parts else {}
    stored = {"rig": dict(RIG, parts=parts, **more), "program": program(plans=[[0, 18_000_000]], zone=UTC)}
    boot_s = boot_seconds(boot(stored=stored, miss_cycles=45))
    pico = boot(stored=stored)
    if parts:
        pico.do("hx711", value=0)
        pico.do("tmc2209", answers=True)
    pico.until_usb()
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("ack")
    pico.ask("start")
    pico.run(3)
    status = pico.ask("status")
    assert status["state"] == "running", status
    say(f"{name}: boot {boot_s:.2f} s with cache misses estimated, heap free while running {status['memory_free']}")
    return boot_s, status["memory_free"]


def fitted(boot, parts, **more):
    """A pump that has been booted with these parts, its clock set."""
    pico = boot(stored={"rig": dict(RIG, parts=parts, **more), "program": program(plans=[[0, 36_000_000]], zone=UTC)})
    pico.until_usb()
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("ack")
    return pico


RGB_PINS = (18, 19, 20)


@pytest.mark.requirement("A-02")
@pytest.mark.parametrize("pattern, colour, hz", [(6, (1, 0, 0), 2), (5, (1, 1, 0), 0.5), (4, (0, 1, 1), 0)])
def test_alarms_have_their_colours(boot, pattern, colour, hz):
    pico = fitted(boot, ["rgb"])
    pico.ask("show", pattern=pattern, for_s=10)
    pico.run(0.1)                       # within the first light of any of them
    assert tuple(pico.do("output", pin=pin) for pin in RGB_PINS) == colour
    pico.do("record", pins=RGB_PINS)
    pico.do("edges")
    pico.run(8)
    found = pico.do("edges")
    lit = next(pin for pin, level in zip(RGB_PINS, colour, strict=True) if level)
    assert len([edge for edge in found if edge[1:] == [lit, 1]]) == 8 * hz
    assert {pin for _, pin, _ in found} <= {pin for pin, level in zip(RGB_PINS, colour, strict=True) if level}
    pico.run(3)                         # the test is over: a white flash of a stopped pump, every 3 s
    assert {pin for _, pin, level in pico.do("edges") if level} == set(RGB_PINS)
    assert pico.do("output", pin=25) is None    # the single lamp's pin is not touched


@pytest.mark.requirement("A-05")
def test_a_force_sensor_is_read_and_stops_the_pump(boot, say):
    pico = fitted(boot, ["hx711"], pressure_limit=8_400_000)
    pico.run(1)
    assert pico.ask("status")["alarms"] == ["pressure sensor"]          # it is not there
    pico.do("hx711", value=-5)
    pico.run(0.6)
    assert pico.ask("inputs")["pressure"] == 8_388_608 - 5
    pico.ask("ack")
    pico.ask("start")
    pico.run(2)
    pico.do("record", pins=[RIG["pins"]["step"]])
    pico.do("edges")
    pico.do("hx711", value=11_393)      # 8_400_001: one above the limit
    begun = pico.cycles
    pico.run(1)
    last_ms = max([cycle - begun for cycle, _, level in pico.do("edges") if level]) / 125_000
    say(f"force above the limit: the last step comes {last_ms:.0f} ms after it")
    assert last_ms <= 100 + 100                         # until the next conversion, and D-08's 100
    assert pico.ask("status")["reason"] == "occlusion"


@pytest.mark.requirement("A-05")
@pytest.mark.parametrize("value", [None, 0x7FFFFF], ids=["silent", "at the end of its range"])
def test_a_force_sensor_that_breaks_stops_the_pump(boot, value):
    pico = fitted(boot, ["hx711"])
    pico.do("hx711", value=1000)
    pico.run(0.6)
    pico.ask("ack")
    pico.ask("start")
    pico.run(1)
    assert pico.ask("status")["state"] == "running"
    pico.do("hx711", value=value)
    pico.run(1.2)
    status = pico.ask("status")
    assert (status["state"], status["alarms"]) == ("fault", ["pressure sensor"])


DRIVER = {"motor": {"driver": "TMC2209"}, "driver": [800, 400, 110, 16, 60, 400]}


@pytest.mark.requirement("P-01")
def test_a_driver_is_set_up_over_its_serial_line(boot, say):
    pico = boot(stored={"rig": dict(RIG, **DRIVER), "program": program(plans=[[0, 36_000_000]], zone=UTC)})
    pico.do("tmc2209", answers=True)
    pico.until_usb()
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    status = pico.ask("status")
    assert (status["state"], status["self_test"]) == ("stopped", [])
    found = {int(register): value for register, value in pico.do("registers").items()}
    # as tests/pico/test_tmc2209.py works them out; six writes, the first of them GSTAT's
    assert found == {0: 0x1C0, 1: 0, 2: 6, 0x10: 0x1190C, 0x14: 1875, 0x40: 60, 0x6C: 0x14020053}
    begun = pico.seconds
    pico.ask("start")
    say(f"start, with a look at the driver: {1000 * (pico.seconds - begun):.0f} ms")
    pico.run(1)
    assert pico.ask("status")["steps"] > 50


@pytest.mark.requirement("P-01")
def test_a_driver_without_its_supply_stops_the_pump_until_it_has_it(boot, say):
    pico = boot(stored={"rig": dict(RIG, **DRIVER), "program": program(plans=[[0, 36_000_000]], zone=UTC)})
    pico.do("tmc2209", answers=False)
    begun = pico.seconds
    pico.until_usb()
    status = pico.ask("status")
    say(f"boot with a silent driver: {pico.seconds - begun:.2f} s")
    assert (status["state"], status["self_test"]) == ("fault", ["driver"])
    pico.do("tmc2209", answers=True)
    pico.ask("ack")
    assert pico.ask("status")["state"] == "stopped"
    pico.do("tmc2209", answers=True)                    # off and on again: its settings are gone
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("start")
    assert pico.do("registers")["0"] == 0x1C0           # set up anew before a step was made


def test_status_has_supply_and_temperature(boot):
    status = fitted(boot, []).ask("status")
    # ADC 3: 2068 of 4096 is 33088 + 8 of 65535 or so, times 9.9 V: 4.999 V. ADC 4: 876 of 4096: 0.7059 V, 27 C
    assert (status["supply_mv"], status["chip_c"]) == (4999, 27)


@pytest.mark.figure
def test_what_is_not_fitted_costs_no_memory(boot, say, figure):
    boot_s, least = costs(boot, say, EVERYTHING, "everything fitted")
    _, most = costs(boot, say, [], "nothing but motor, button and lamp")
    assert most - least >= 2000
    figure("heap_parts", least)
    figure("boot_parts", boot_s)
