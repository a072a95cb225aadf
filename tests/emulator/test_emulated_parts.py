"""What is fitted is taken, and what is not costs nothing: boots with other rigs on the emulated Pico."""


from tests.emulator.test_emulated_pump import NOON_UTC_MS, UTC, boot_seconds
from tests.pumps import RIG, program

FREE_LEAST = 100_000
BOOT_S_MOST = 1.5
EVERYTHING = ["rgb", "buzzer", "ds3231", "limit", "diag", "adc"]


def costs(boot, say, parts, name):
    """(boot in s with cache misses estimated, heap free while running)."""
    stored = {"rig": dict(RIG, parts=parts), "program": program(plans=[[0, 18_000_000]], zone=UTC)}
    boot_s = boot_seconds(boot(stored=stored, miss_cycles=45))
    pico = boot(stored=stored)
    pico.until_usb()
    pico.ask("clock", utc_ms=NOON_UTC_MS)
    pico.ask("ack")
    pico.ask("start")
    pico.run(3)
    status = pico.ask("status")
    assert status["state"] == "running", status
    say(f"{name}: boot {boot_s:.2f} s with cache misses estimated, heap free while running {status['memory_free']}")
    return boot_s, status["memory_free"]


def test_what_is_not_fitted_costs_no_memory(boot, say):
    _, least = costs(boot, say, EVERYTHING, "everything fitted")
    _, most = costs(boot, say, [], "nothing but motor, button and lamp")
    assert most - least >= 2000
    assert least >= FREE_LEAST
