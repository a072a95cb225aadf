"""firmware/DESIGN.md names files, classes and functions that exist, and leaves out no file of the logic."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "firmware/DESIGN.md").read_text(encoding="utf-8")
ROOMS = TEXT.split("```")[1]
FOLDERS = ("firmware/pump", "host_tools/pumpctl", "host_tools/pumpfiles")


def defined():
    """Names of functions and classes, alone and behind their module or class."""
    found = set()
    for path in [path for folder in FOLDERS for path in (ROOT / folder).glob("*.py")]:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                found |= {node.name, f"{path.stem}.{node.name}"}
            if isinstance(node, ast.ClassDef):
                found |= {f"{node.name}.{part.name}" for part in node.body if isinstance(part, ast.FunctionDef)}
            if isinstance(node, ast.Assign):
                found |= {f"{path.stem}.{name.id}" for name in node.targets if isinstance(name, ast.Name)}
    return found


def test_every_file_of_the_logic_has_its_place():
    files = {path.name for path in (ROOT / "firmware/pump").glob("*.py")} - {"__init__.py"}
    told = set(re.findall(r"\b([a-z]+\.py)\b", ROOMS.split("pump/ ")[1]))
    assert told == files


def test_every_function_of_the_walks_exists():
    walks = TEXT.split("## Walks")[1]
    named = re.findall(r"`([A-Za-z_]+\.[a-z_]+)(?:\(.*?\))?`", walks)
    boards = {"stepper.put", "counter.steps", "storage.write"}
    assert len(named) > 40
    assert set(named) - boards <= defined()
