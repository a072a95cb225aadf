"""Private names of the firmware are made short when it is compiled; that changes nothing but the names."""

import ast
from pathlib import Path

import pytest

from pumpctl.short_names import is_private, shortened

FIRMWARE = Path(__file__).parents[2] / "firmware"
SOURCES = sorted(path for path in FIRMWARE.rglob("*.py") if path.name != "main.py")


def private_names(source, are_bound):
    """Private names in a source: those that it binds (defines, assigns, imports, takes), or all."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        name, binds = None, True
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = node.name
        elif isinstance(node, ast.arg):
            name = node.arg
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            binds = isinstance(node.ctx, ast.Store)
        if name and is_private(name) and (binds or not are_bound):
            found.add(name)
    return found


def test_private_names_become_short_wherever_they_stand_and_nothing_else_does():
    source = ('_FIRST = "_FIRST"  # _FIRST\n'
              "class Thing:\n"
              "    def __init__(self, _x):\n"
              "        self._second, _ = _x, _FIRST; self.third_ = self._second\n")
    assert shortened(source) == ('_a = "_FIRST"  # _FIRST\n'
                                 "class Thing:\n"
                                 "    def __init__(self, _b):\n"
                                 "        self._c, _ = _b, _a; self.third_ = self._c\n")


def test_there_are_as_many_short_names_as_are_needed():
    source = "".join(f"_name_{number} = {number}\n" for number in range(200))
    names = [line.split(" ")[0] for line in shortened(source).splitlines()]
    assert len(set(names)) == 200
    assert (names[0], names[51], names[52], names[103], names[104]) == ("_a", "_Z", "_aa", "_aZ", "_ba")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(FIRMWARE).as_posix())
def test_a_module_uses_no_private_name_of_another(path):
    # it would be called otherwise there
    source = path.read_text()
    assert private_names(source, False) - private_names(source, True) == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(FIRMWARE).as_posix())
def test_but_for_the_names_the_code_is_the_same(path):
    source = path.read_text()
    short = shortened(source)
    names = dict(zip(_names(source), _names(short), strict=True))
    assert len(set(names.values())) == len(names)                       # no two became one
    assert all(is_private(old) or old == new for old, new in names.items())
    assert [type(node) for node in ast.walk(ast.parse(source))] == [type(node) for node in ast.walk(ast.parse(short))]


def _names(source):
    """All names in the order of the syntax tree."""
    return [value for node in ast.walk(ast.parse(source)) for field, value in ast.iter_fields(node)
            if field in ("id", "attr", "arg", "name") and isinstance(value, str)]
