"""Where every key and value of a TOML text stands. Owns the syntax tree; knows no meaning and no refusal.

The standard tomllib gives values without places, the tree places without values. Both are joined by the path of a
value: ("schedule", 0, "segments", 2, "rate").
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

SHOWN_MAX = 60                # characters of the file in one message

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Place:
    """Line and column count from 1, the column in characters; `shown` is the text there, on one line."""

    line: int
    column: int
    shown: str


@dataclass
class Places:
    """By path: where the value stands, and where its key does. A table's value is its header or its braces."""

    lines: list[str]
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    unclear: Place | None = None          # the first place that the grammar does not understand

    def value(self, path: Path) -> Place:
        """The value's place, or that of the nearest thing around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(1, 1, "the file"))

    def key(self, path: Path) -> Place:
        return self.keys.get(path) or self.value(path)


def places_of(text: str) -> Places:
    """The places of a text that tomllib has read; newlines are \\n."""
    root = _parser().parse((text if text.endswith("\n") else text + "\n").encode()).root_node
    places = Places(text.split("\n"))
    if root.has_error:
        places.unclear = _place(places, _first_error(root))
    else:
        _Walk(places).document(root)
    return places


def shown(text: str) -> str:
    """A piece of the file for a message: its first line, not too long, without control characters."""
    first, newline, _ = text.partition("\n")
    cut = newline or len(first) > SHOWN_MAX
    first = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in first[:SHOWN_MAX])
    return first + (" ..." if cut else "")


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_toml.language()))


def _first_error(node: Node) -> Node:
    for child in node.children:
        if child.has_error or child.is_missing:
            return _first_error(child)
    return node


def _place(places: Places, node: Node) -> Place:
    row, column_bytes = node.start_point
    line = places.lines[row] if row < len(places.lines) else ""
    column = len(line.encode()[:column_bytes].decode())
    return Place(row + 1, column + 1, shown(node.text.decode()))


class _Walk:
    """Goes through the tree once and notes places by path."""

    def __init__(self, places: Places):
        self._places = places
        self._counts: dict[Path, int] = {}          # entries of the [[tables]] so far

    def document(self, root: Node) -> None:
        for node in root.named_children:
            if node.type == "pair":
                self._pair(node, ())
            elif node.type in ("table", "table_array_element"):
                self._table(node)

    def _table(self, node: Node) -> None:
        header = node.named_children[0]
        names = _names(header)
        path: Path = ()
        key_place = _place(self._places, header)
        bracket = _place(self._places, node)
        place = Place(bracket.line, bracket.column, bracket.shown.removesuffix(" ...").split("#")[0].rstrip())
        for name in names:
            path = self._inside(path) + (name,)
            self._places.keys.setdefault(path, key_place)
            self._places.values.setdefault(path, place)
        if node.type == "table_array_element":
            self._counts[path] = self._counts.get(path, 0) + 1
            path = self._inside(path)
            self._places.values[path] = place
        else:
            path = self._inside(path)
        for child in node.named_children[1:]:
            if child.type == "pair":
                self._pair(child, path)

    def _inside(self, path: Path) -> Path:
        """The path itself, or the latest entry where it is a [[table]]."""
        return path + (self._counts[path] - 1,) if path in self._counts else path

    def _pair(self, node: Node, path: Path) -> None:
        key, value = [child for child in node.named_children if child.type != "comment"]
        key_place = _place(self._places, key)
        for name in _names(key):
            path += (name,)
            self._places.keys.setdefault(path, key_place)
            self._places.values.setdefault(path, key_place)
        self._value(value, path)

    def _value(self, node: Node, path: Path) -> None:
        self._places.values[path] = _place(self._places, node)
        if node.type == "inline_table":
            for child in node.named_children:
                if child.type == "pair":
                    self._pair(child, path)
        elif node.type == "array":
            entries = [child for child in node.named_children if child.type != "comment"]
            for at, child in enumerate(entries):
                self._value(child, path + (at,))


def _names(key: Node) -> list[str]:
    """["a", "b c"] of the key a."b c"; tomllib itself reads the quotes."""
    names = []
    table = tomllib.loads(key.text.decode() + " = 0")
    while isinstance(table, dict):
        (name, table), = table.items()
        names.append(name)
    return names
