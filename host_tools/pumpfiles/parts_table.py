"""The [parts] of a rig file: what is fitted besides motor and button. Owns the file's words for the pump's names."""

from __future__ import annotations

from pump.rig import PARTS_1
from pumpfiles.quantity_value import Echo
from pumpfiles.toml_source import Value

NONE = "none"
# key: {word: the pump's name of the part, "" for none}; what is left out is not fitted
CHOICES = {
    "lamp": {"single": "", "rgb": "rgb", "leds": "leds"},
    "buzzer": {NONE: "", "passive": "buzzer"},
    "clock": {NONE: "", "ds3231": "ds3231"},
    "limit": {NONE: "", "switch": "limit"},
    "stall": {NONE: "", "diag": "diag"},
    "pressure": {NONE: "", "adc": "adc", "hx711": "hx711"},
}


def read_parts(table: Value | None, has_pressure_limit: bool, echo: Echo) -> list[str]:
    """The pump's names of what is fitted. A file without the table has what every pump had before there was one."""
    if table is None:
        parts = [*PARTS_1, *(["adc"] if has_pressure_limit else [])]
        echo.lines.append(("parts", f"not given, so {', '.join(parts)}"))
        return parts
    table.only(*CHOICES)
    parts = []
    for key, words in CHOICES.items():
        value = table.maybe(key)
        if value is None:
            continue
        expected = "one of " + ", ".join(f'"{word}"' for word in words)
        if not isinstance(value.raw, str) or value.raw not in words:
            raise value.refusal(expected)
        if words[value.raw]:
            parts.append(words[value.raw])
    echo.lines.append(("parts", ", ".join(parts) or "none but motor, button and lamp"))
    return parts

