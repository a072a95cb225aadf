"""What a fault is: a name, a line that says what it does, parameters with units, and how to apply and end it.

Faults are found by name in the one registry; a class becomes one by the decorator `fault`.
"""

from dataclasses import MISSING, dataclass, field, fields
from typing import ClassVar, dataclass_transform

_KINDS = {}                   # class by name, in the order of their files


class Fault:
    """An instance is a fault with its parameters, not yet applied; ValueError, with what to do, where they are none."""

    name: ClassVar[str]
    parts: ClassVar[tuple] = ()           # what it takes possession of: no two active faults have the same
    is_momentary: ClassVar[bool] = False  # it happens and is over: nothing to end

    def __post_init__(self):
        for part in fields(self):
            _check(self.name, part, getattr(self, part.name))

    @property
    def key(self):
        """By which it is active and cleared: a fault that is active already is refused."""
        return self.name

    @property
    def own_ms(self):
        """How long it lasts by itself; None: until it is cleared."""
        return None

    def require(self, pump):
        """ValueError, with what to do, where it would change nothing on this SimPump now."""

    def apply(self, pump):
        """Does it to a SimPump; returns what `clear` needs to know. ValueError, with what to do, where it cannot."""
        raise NotImplementedError

    def clear(self, pump, kept):
        """Ends it; `kept`: what `apply` returned."""

    def values(self):
        """The parameters by name."""
        return {part.name: getattr(self, part.name) for part in fields(self)}


def parameter(default, unit, text, least=None, most=None, choices=None):
    """A field of a fault: default value (MISSING: it must be given), unit ("" for none), what it is, and the range or
    the choices."""
    return field(default=default, metadata={"unit": unit, "text": text, "least": least, "most": most,
                                            "choices": choices})


@dataclass_transform(frozen_default=True, field_specifiers=(parameter,))
def fault(name):
    """Registers a class of faults under `name`; its docstring's first line is what the fault's list says."""
    def register(kind):
        kind = dataclass(frozen=True)(kind)
        kind.name = name
        _KINDS[name] = kind
        return kind
    return register


def names():
    return list(_KINDS)


def make(name, parameters=None):
    """The fault of this name; ValueError, with what to do, for an unknown one or parameters that are none."""
    if name not in _KINDS:
        raise ValueError(f"{name!r} is no fault; choose one of {', '.join(_KINDS)}")
    kind = _KINDS[name]
    known = {part.name: part for part in fields(kind)}
    parameters = parameters or {}
    for key in parameters:
        if key not in known:
            raise ValueError(f"{name} has no parameter {key!r}; it takes {', '.join(known) or 'none'}")
    for part in known.values():
        if part.default is MISSING and part.name not in parameters:
            raise ValueError(f"{name} needs {part.name}: {part.metadata['text']}")
    return kind(**parameters)


def _check(name, part, value):
    about = part.metadata
    unit = f" {about['unit']}" if about["unit"] else ""
    if about["choices"]:
        if value not in about["choices"]:
            raise ValueError(f"{part.name} of {name} must be one of {', '.join(map(str, about['choices']))}")
        return
    if part.type is str:
        if not isinstance(value, str):
            example = "" if part.default is MISSING else f" such as {part.default!r}"
            raise ValueError(f"{part.name} of {name} must be a text{example}")
        return
    is_number = isinstance(value, int) or (part.type is float and isinstance(value, float))
    if not is_number or isinstance(value, bool) or not about["least"] <= value <= about["most"]:
        whole = "a number" if part.type is float else "a whole number"
        raise ValueError(f"{part.name} of {name} must be {whole} from {about['least']} to {about['most']}{unit}")


def described(name):
    """A fault as a dictionary for lists and programs: text, whether it is momentary, and its parameters."""
    kind = _KINDS[name]
    return {"name": name, "text": kind.__doc__.splitlines()[0], "momentary": kind.is_momentary,
            "parameters": [{"name": part.name, "default": None if part.default is MISSING else part.default,
                            **{key: value for key, value in part.metadata.items() if value is not None}}
                           for part in fields(kind)]}
