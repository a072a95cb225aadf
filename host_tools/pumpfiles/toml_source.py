"""A TOML file as it is read: values that know where they stand. Owns refusals by shape; knows no program and no rig."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path as FilePath

from pumpfiles.errors import HostError, InputError
from pumpfiles.toml_places import Path, Places, places_of, shown

SIZE_MAX = 1_000_000          # bytes: a program has some thousand
AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
WORD = re.compile(r"[^\s,}\]#]+|.")
DIGITS = re.compile(r"[0-9_]{1000,}|$")
QUOTES = "(texts and quantities stand in quotes)"


def read_toml(path: object) -> Value:
    """The root table of a file. HostError where it cannot be read, InputError where it is no TOML."""
    text = _text(path)
    try:
        table = tomllib.loads(text)
        places = places_of(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax(path, text, str(error))
    except ValueError:                            # Python does not read integers of thousands of digits
        raise _too_long(path, text)
    except RecursionError:
        raise InputError(path, 1, 1, "lists within lists within lists", "TOML of a few levels")
    if places.unclear:
        at = places.unclear
        raise InputError(path, at.line, at.column, at.shown, f"valid TOML {QUOTES}")
    return Value(path, places, (), table)


def _text(path: object) -> str:
    try:
        with FilePath(path).open("rb") as file:
            raw = file.read(SIZE_MAX + 1)
    except (OSError, ValueError) as error:
        raise HostError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}")
    if len(raw) > SIZE_MAX:
        raise HostError(f"{path}: more than {SIZE_MAX} bytes", "programs and rigs are short TOML files")
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = raw[:error.start].decode("utf-8-sig", errors="replace")
        line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
        raise InputError(path, line, column, f"the byte {raw[error.start]:#04x}", "text in UTF-8")


def _syntax(path: object, text: str, message: str) -> InputError:
    lines = text.split("\n")
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    at = AT.search(message)
    if at and at[1]:
        line, column = int(at[1]), int(at[2])
    else:
        line, column = len(lines), len(lines[-1]) + 1
    word = WORD.match(lines[line - 1], column - 1) if line <= len(lines) else None
    found = shown(word[0]) if word else ("the end of the line" if line < len(lines) else "the end of the file")
    said = AT.sub("", message)
    return InputError(path, line, column, found, f"valid TOML: {said[:1].lower()}{said[1:]} {QUOTES}")


def _too_long(path: object, text: str) -> InputError:
    before = text[:DIGITS.search(text).start()]
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    return InputError(path, line, column, "a number of thousands of digits", "a shorter one")


class Value:
    """A value of the file with its place. Its methods refuse what it is not; `raw` is what tomllib made of it."""

    def __init__(self, file: object, places: Places, path: Path, raw: object):
        self.file = file
        self.raw = raw
        self._places = places
        self._path = path

    @property
    def line(self) -> int:
        return self._places.value(self._path).line

    @property
    def shown(self) -> str:
        """The value as the file has it."""
        return self._places.value(self._path).shown

    def refusal(self, expected: str, found: str = "") -> InputError:
        place = self._places.value(self._path)
        return InputError(self.file, place.line, place.column, found or place.shown, expected)

    def refusal_of_key(self, key: str, expected: str) -> InputError:
        place = self._places.key(self._path + (key,))
        return InputError(self.file, place.line, place.column, f"the key {shown(key)}", expected)

    def text(self, expected: str) -> str:
        if not isinstance(self.raw, str):
            raise self.refusal(f"{expected}, in quotes")
        return self.raw

    def name(self) -> str:
        """A text of 1 to 64 printable characters."""
        text = self.text("a name")
        if not 1 <= len(text) <= 64 or not text.isprintable():
            raise self.refusal("a name of 1 to 64 printable characters")
        return text

    def integer(self, low: int, high: int, unit: str = "") -> int:
        """A whole number, low <= value <= high, written without quotes."""
        if type(self.raw) is not int or not low <= self.raw <= high:
            raise self.refusal(f"a whole number from {low} to {high}{unit and ' ' + unit}")
        return self.raw

    def entries(self, expected: str) -> list[Value]:
        """The values of a list that is not empty."""
        if not isinstance(self.raw, list) or not self.raw:
            raise self.refusal(expected)
        return [self._inner(at, entry) for at, entry in enumerate(self.raw)]

    def only(self, *known: str) -> Value:
        """This table, which may have the known keys only."""
        if not isinstance(self.raw, dict):
            raise self.refusal(f"a table with {' and '.join(known)}")
        for key in self.raw:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = f" (did you mean {near[0]}?)" if near else ""
                raise self.refusal_of_key(key, f"one of {', '.join(known)}{hint}")
        return self

    def has(self, key: str) -> bool:
        return key in self.raw

    def take(self, key: str, expected: str) -> Value:
        """The value at a key of this table, which must be there."""
        if key not in self.raw:
            found = f"{self.shown} without {key}" if self._path else f"no {key}"
            raise self.refusal(f"{key}, {expected}", found)
        return self._inner(key, self.raw[key])

    def maybe(self, key: str) -> Value | None:
        return self._inner(key, self.raw[key]) if key in self.raw else None

    def _inner(self, key: str | int, raw: object) -> Value:
        return Value(self.file, self._places, self._path + (key,), raw)
