"""The [pins] of a rig file: which GPIO is wired to what. Owns which ones the Pico keeps for itself."""

from __future__ import annotations

from pump.rig import LED_PIN, PIN_DEFAULTS
from pumpctl.toml_source import Value

GPIO_LAST = 28
TAKEN_GPIO = {5: "is the driver's stall output", 6: "is the end switch", 8: "is the clock chip's SDA",
              9: "is the clock chip's SCL", 15: "is the maintenance jumper", 16: "is the buzzer",
              23: "switches the Pico's own supply", 24: "senses the Pico's USB supply", 26: "is the pressure sensor",
              LED_PIN: "is the Pico's LED, for led only"}


def read_pins(table: Value | None) -> dict[str, int]:
    """GPIO numbers by use: the Pico's defaults, and what the file says instead."""
    pins = dict(PIN_DEFAULTS)
    if table is None:
        return pins
    table.only(*PIN_DEFAULTS)
    for use in table.raw:
        value = table.take(use, "a GPIO number")
        pins[use] = value.integer(0, GPIO_LAST)
        if pins[use] in TAKEN_GPIO and (use, pins[use]) != ("led", LED_PIN):
            raise value.refusal(f"a free GPIO: {pins[use]} {TAKEN_GPIO[pins[use]]}")
    for use in reversed(table.raw):
        others = [other for other in pins if other != use and pins[other] == pins[use]]
        if others:
            raise table.take(use, "a GPIO number").refusal(f"a GPIO of its own: {pins[use]} is {others[0]}")
    return pins
