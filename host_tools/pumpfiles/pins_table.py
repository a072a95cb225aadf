"""The [pins] of a rig file: which GPIO is wired to what. Owns which ones the Pico keeps for itself."""

from __future__ import annotations

from pump.drivers import ULN2003
from pump.rig import COIL_PINS, LED_PIN, PARTS, PIN_DEFAULTS, UART_PINS
from pumpfiles.toml_source import Value

GPIO_LAST = 28
TAKEN_GPIO = {5: "is a driver's stall output", 6: "is an end switch", 7: "is the stop switch",
              15: "is the maintenance jumper", 23: "switches the Pico's own supply", 24: "senses the Pico's USB supply",
              LED_PIN: "is the Pico's LED, for led only"}
TAKEN_BY = {"rgb": "is the RGB LED", "leds": "is one of the three LEDs", "buzzer": "is the buzzer",
            "ds3231": "is the clock chip", "limit": "is the end switch", "diag": "is the driver's stall output",
            "adc": "is the pressure sensor", "hx711": "is the HX711"}


def read_pins(table: Value | None, parts: list[str], driver: str, has_uart: bool) -> dict[str, int]:
    """GPIO numbers by use: the Pico's defaults, and what the file says instead. `parts` are fitted, and have theirs;
    so has the motor's `driver`.
    """
    taken = dict(TAKEN_GPIO)
    for part in parts:
        taken.update(dict.fromkeys(PARTS[part], TAKEN_BY[part]))
    if has_uart:
        taken.update(dict.fromkeys(UART_PINS, "is the driver's serial line"))
    if driver == ULN2003:
        taken.update(dict.fromkeys(COIL_PINS, "is one of the motor's four coils"))
    pins = dict(PIN_DEFAULTS)
    if table is None:
        return pins
    table.only(*PIN_DEFAULTS)
    for use in table.raw:
        value = table.take(use, "a GPIO number")
        pins[use] = value.integer(0, GPIO_LAST)
        if pins[use] in taken and (use, pins[use]) != ("led", LED_PIN):
            raise value.refusal(f"a free GPIO: {pins[use]} {taken[pins[use]]}")
    for use in reversed(table.raw):
        others = [other for other in pins if other != use and pins[other] == pins[use]]
        if others:
            raise table.take(use, "a GPIO number").refusal(f"a GPIO of its own: {pins[use]} is {others[0]}")
    return pins
