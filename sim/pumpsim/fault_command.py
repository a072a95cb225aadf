"""What `pumpsim fault` says and does. Owns its words; the faults are pumpsim.faults, at the other end."""

import json

from pumpsim import faults
from pumpsim.control import ControlClient


def listed(port, as_json):
    """All faults in lines or as JSON; of a served simulation, where `port` is one, with what is active."""
    if port is None:
        found = [faults.described(name) for name in faults.names()]
    else:
        with ControlClient(port) as client:
            found = client.faults()
    return json.dumps(found) if as_json else "\n".join(line for fault in found for line in _lines(fault))


def apply(port, name, words, for_ms, clears, as_json):
    """Applies a fault or ends it (all without a name); says what is active then. ValueError where it cannot be done."""
    if port is None:
        raise ValueError("say which simulation: --control tcp:PORT, that of pumpsim serve")
    if clears and (words or for_ms is not None):
        raise ValueError("--clear takes a name only")
    with ControlClient(port) as client:
        if clears:
            active = client.clear(name or "all")
        else:
            active = client.fault(name, for_ms, **parameters_of(words))
    if as_json:
        return json.dumps({"active": active})
    return "active: " + (", ".join(_told(fault, values) for fault, values in active.items()) or "none")


def parameters_of(words):
    """The values of KEY=VALUE words; a number where it reads as one."""
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not key or not equals:
            raise ValueError(f"{word!r} is no parameter; write its name, = and its value, such as counts=900")
        found[key] = _value(value)
    return found


def _value(text):
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _lines(fault):
    mark = "" if fault.get("active") is None else "   ACTIVE"
    yield f"{fault['name']:24s}{fault['text']}{mark}"
    for about in fault["parameters"]:
        unit = f" {about['unit']}" if about["unit"] else ""
        if "choices" in about:
            which = ", ".join(map(str, about["choices"]))
        elif "least" in about:
            which = f"{about['least']} to {about['most']}{unit}"
        else:
            which = "text"
        needed = "needed" if about["default"] is None else f"{about['default']}{unit} if left out"
        yield f"    {about['name']:20s}{about['text']} ({which}; {needed})"


def _told(name, values):
    return name + "".join(f" {key}={value}" for key, value in values.items())
