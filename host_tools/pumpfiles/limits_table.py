"""The four limits of a program: the tables [limits] and [soft_limits] (L-02, L-05). Owns their keys; judges nothing."""

from __future__ import annotations

from pump.limits import NAMES
from pumpfiles.quantity_value import Echo, rate_of, volume_of
from pumpfiles.toml_source import Value

# The keys of the file in the order of the document's names
KEYS = ("max_rate", "max_bolus", "max_1h", "max_24h")
KEY_OF_NAME = dict(zip(NAMES, KEYS, strict=True))


def read_limits(root: Value, name: str, concentration: Value | None, echo: Echo) -> dict[str, int]:
    """The table `name` of a program file as in the document: a limit left out is 0, none of its own."""
    limits = dict.fromkeys(NAMES, 0)
    table = root.maybe(name)
    if table is None:
        return limits
    table.only(*KEYS)
    for document_name, key in KEY_OF_NAME.items():
        value = table.maybe(key)
        if value is not None:
            read = rate_of if key == "max_rate" else volume_of
            limits[document_name] = read(value, concentration, echo, f"{name} {key}")
            if not limits[document_name]:           # in the document 0 would be no limit at all
                raise value.refusal("a limit above 0; leave the key out for none")
    return limits
