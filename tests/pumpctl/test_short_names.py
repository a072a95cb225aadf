"""Private names of the firmware are made short when it is compiled; there are enough of them, and they stay private."""

import ast
from pathlib import Path

import pytest

from pumpctl.short_names import is_private, short_name

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


def test_there_are_as_many_short_names_as_are_needed():
    names = [short_name(number) for number in range(3000)]
    assert len(set(names)) == 3000
    assert (names[0], names[51], names[52], names[103], names[104]) == ("_a", "_Z", "_aa", "_aZ", "_ba")
    assert all(map(is_private, names))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(FIRMWARE).as_posix())
def test_a_module_uses_no_private_name_of_another(path):
    # it would be called otherwise there
    source = path.read_text()
    assert private_names(source, False) - private_names(source, True) == set()
