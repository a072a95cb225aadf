"""The kinds of values that options of `pumpsim` take, and the places that they name for what is written."""

import re
from pathlib import Path

import click

from pumpsim.control import read_speed

UNITS_MS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


class Duration(click.ParamType):
    """Whole numbers with a unit: 90min, 167h, 7d."""

    name = "duration"

    def convert(self, value, param, ctx):
        match = re.fullmatch(r"([0-9]+) ?(ms|s|min|h|d)", str(value))
        if not match:
            self.fail(f"{value!r} is no duration; write a whole number and ms, s, min, h or d, such as 167h",
                      param, ctx)
        return int(match[1]) * UNITS_MS[match[2]]


class Speed(click.ParamType):
    name = "speed"

    def convert(self, value, param, ctx):
        try:
            return read_speed(value)
        except ValueError:
            self.fail(f"{value!r} is no speed; write a factor such as 60, 0 for time that stands still, or max",
                      param, ctx)


class UniqueId(click.ParamType):
    name = "id"

    def convert(self, value, param, ctx):
        if isinstance(value, bytes):
            return value
        if not re.fullmatch(r"[0-9a-fA-F]{16}", str(value)):
            self.fail(f"{value!r} is no unique id; write 16 hexadecimal digits, such as 53494d5055303032", param, ctx)
        return bytes.fromhex(value)


class Control(click.ParamType):
    """tcp:NUMBER, as a number."""

    name = "control"

    def convert(self, value, param, ctx):
        match = re.fullmatch(r"tcp:([0-9]{1,5})", str(value))
        if not match or int(match[1]) > 65535:
            self.fail(f"{value!r} is no control port; write tcp:NUMBER, such as tcp:4001", param, ctx)
        return int(match[1])


class PlaceError(Exception):
    """A place that cannot be written to; the message says what to do."""


def writable_folder(path, option):
    """Makes the folder where there is none; PlaceError where nothing can be written into it. Before the work begins
    that is to be kept there."""
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        trial = path / ".pumpsim"
        trial.touch()
        trial.unlink()
    except OSError as error:
        raise PlaceError(f"{path}: cannot be written to: {error.strerror}; choose another with {option}") from None


def writable_file(path, option):
    """The same of a file, which is empty then where there was none."""
    path = Path(path)
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
        path.open("ab").close()
    except OSError as error:
        raise PlaceError(f"{path}: cannot be written to: {error.strerror}; choose another with {option}") from None
