"""The shape of the project, read from its files: who imports whom, whole numbers only, small files, a clean tree.

Every rule is a function from a source text to a list of complaints, and is shown to complain about a wrong text.
"""

import ast
import re
import subprocess
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"pump": "firmware/pump", "pico": "firmware/pico", "pumpsim": "sim/pumpsim", "pumpctl": "host_tools/pumpctl",
            "flowtest": "host_tools/flowtest", "pumpfiles": "host_tools/pumpfiles"}
SHARED_MODULES = {"struct", "binascii", "hashlib", "json"}
PICO_MODULES = {"array", "errno", "gc", "machine", "micropython", "os", "rp2", "select", "struct", "sys", "time",
                "uctypes", "vfs"}
PICO_OF_PUMP = {"pump.board", "pump.drivers", "pump.fittings", "pump.rig", "pump.settings", "pump.slots"}
TOP_LEVEL = {".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "README.md", "pyproject.toml",
             "requirements.lock", "firmware", "host_tools", "sim", "tests"}
LINES_MAX = 350
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|root|home|tmp|Users)/[\w.]")
REGISTRY = re.compile(r"registry\.\w+\.\w+|pypi\.org/simple|pythonhosted\.org|index[-]url|\"resolved\":", re.IGNORECASE)


def files_of(folder):
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts)


def tracked_files():
    """What is or would be committed."""
    said = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True,
                          capture_output=True, text=True).stdout
    return [ROOT / name for name in said.splitlines() if (ROOT / name).is_file()]


def imports_of(source):
    """(module, True where importing the file does not import it) of every import: inside functions, and for types.

    `from pump import board` is "pump.board" too.
    """
    found = []

    def visit(node, inside):
        if isinstance(node, ast.Import):
            found.extend((alias.name, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names = [f"{module}.{alias.name}" for alias in node.names] if module in PACKAGES else [module]
            found.extend((name, inside) for name in names)
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_for_types(node)
        for child in ast.iter_child_nodes(node):
            visit(child, inside)

    visit(ast.parse(source), False)
    return found


def _is_for_types(node):
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def wrong_imports(package, source):
    """Imports that the layout forbids to a file of `package` ("" for one of none)."""
    return [name for name, inside in imports_of(source) if not _may_import(package, name, name.split(".")[0], inside)]


def _may_import(package, name, top, inside):
    if top == "":                                       # a relative import hides which package is meant
        return False
    if package == "pump":
        return top == "pump" or name in SHARED_MODULES
    if package == "pico":
        return top == "pico" or name in PICO_OF_PUMP or top in PICO_MODULES
    if package == "pumpsim":
        return top not in ("pumpctl", "pico")
    if package == "pumpctl":
        return top != "pico" and (top not in ("pumpsim", "flowtest") or inside)
    if package == "pumpfiles":                          # the files that a person writes, for host tools and simulator
        return top in ("pump", "pumpfiles") or top not in PACKAGES
    if package == "flowtest":                           # both sides' analysis: it knows neither of them, and no pump
        return top not in PACKAGES or top == "flowtest"
    return top != "pumpctl"


def modules():
    """Name: source, of all modules of the packages; a package's face is left out, it only hands names on."""
    return {".".join(path.relative_to((ROOT / folder).parent).with_suffix("").parts): path.read_text(encoding="utf-8")
            for folder in PACKAGES.values() for path in files_of(folder) if path.stem != "__init__"}


def circle_of(sources):
    """Modules that import each other in a loop, late imports and those for types included; [] where none do."""
    arrows = {}
    for name, source in sources.items():
        froms = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
        named = {f"{node.module}.{alias.name}" for node in froms for alias in node.names} | {
            imported for imported, _ in imports_of(source)}
        arrows[name] = named & sources.keys()
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def inexact_arithmetic(source):
    """Where a text could come to a float, or asks where it runs."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            found.append(f"line {node.lineno}: the literal {node.value}")
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            found.append(f"line {node.lineno}: /")
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow):
            found.append(f"line {node.lineno}: **, a float where the exponent is negative")
        if isinstance(node, ast.Name) and node.id in ("float", "complex", "round", "pow", "is_simulator"):
            found.append(f"line {node.lineno}: {node.id}")
        if isinstance(node, ast.Attribute) and node.attr in ("is_simulator", "implementation", "platform"):
            found.append(f"line {node.lineno}: .{node.attr}")
    modules = {name.split(".")[0] for name, _ in imports_of(source)}
    return found + sorted(modules & {"math", "cmath", "decimal", "fractions", "typing", "sys", "time"})


def work_on_import(source):
    """Statements outside functions that do more than name constants, functions and classes."""
    found = []

    def look(body):
        for node in body:
            if isinstance(node, ast.ClassDef):
                look(node.body)
            elif isinstance(node, ast.Assign):
                found.extend(f"line {node.lineno}: a call" for part in ast.walk(node.value) if _is_work(part))
            elif not _is_harmless(node):
                found.append(f"line {node.lineno}: {type(node).__name__}")

    look(ast.parse(source).body)
    return found


def _is_work(node):
    return isinstance(node, ast.Call | ast.ListComp | ast.DictComp | ast.SetComp | ast.GeneratorExp | ast.Await)


def _is_harmless(node):
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_docstring or isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef)


def too_long(source):
    count = len(source.splitlines())
    return [f"{count} lines"] if count > LINES_MAX else []


def machine_marks(text):
    """Paths of one machine and addresses of package registries."""
    return [match.group() for pattern in (MACHINE_PATH, REGISTRY) for match in pattern.finditer(text)]


def complaints(paths, rule):
    return {str(path.relative_to(ROOT)): found for path in paths if (found := rule(path.read_text(encoding="utf-8")))}


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_import_only_what_the_layout_allows(package):
    paths = files_of(PACKAGES[package])
    assert paths
    assert complaints(paths, lambda source: wrong_imports(package, source)) == {}


def test_no_modules_import_each_other_in_a_circle():
    found = modules()
    assert len(found) > 200
    assert circle_of(found) == []


def test_only_tests_the_examples_and_pumpctl_itself_import_pumpctl():
    paths = [path for path in tracked_files() if path.suffix == ".py"]
    allowed = [ROOT / "tests", ROOT / "host_tools"]
    others = [path for path in paths if not any(path.is_relative_to(folder) for folder in allowed)]
    assert complaints(others, lambda source: wrong_imports("", source)) == {}


def test_the_device_is_put_together_from_the_board_and_the_app_only():
    source = (ROOT / "firmware/main.py").read_text()
    allowed = {"pico.board", "pump.app", "pump", "gc", "sys"}
    assert {name for name, _ in imports_of(source)} <= allowed


def test_the_logic_counts_in_whole_numbers_and_does_not_ask_where_it_runs():
    assert complaints(files_of("firmware/pump"), inexact_arithmetic) == {}


def test_what_the_firmware_imports_late_is_wanted_by_few_or_once():
    """All else becomes one module (pumpctl/bundle.py): a boot's own part, which is forgotten, and parts of the board
    that a rig may have."""
    late = {(path.name, name) for path in files_of("firmware") for name, inside in imports_of(path.read_text())
            if inside and path.name != "board.py"}
    assert late == {("app.py", "pump.boot")}


def test_importing_the_logic_does_nothing():
    assert complaints(files_of("firmware/pump"), work_on_import) == {}


def test_files_stay_small():
    assert complaints([*files_of("firmware"), *files_of("host_tools"), *files_of("sim")], too_long) == {}


def test_tracked_files_name_no_machine_and_no_registry():
    found = {}
    for path in tracked_files():
        try:
            marks = machine_marks(path.read_text(encoding="utf-8"))
        except UnicodeDecodeError:                      # a picture
            continue
        if marks:
            found[str(path.relative_to(ROOT))] = marks
    assert found == {}


def test_the_top_level_holds_only_what_is_agreed():
    assert {path.relative_to(ROOT).parts[0] for path in tracked_files()} <= TOP_LEVEL


@pytest.mark.parametrize("package, source, named", [
    ("pump", "import time", "time"),
    ("pump", "from pico import board", "pico.board"),
    ("pump", "from . import board", "."),
    ("pump", "def f():\n    import os", "os"),
    ("pump", "try:\n    import ujson\nexcept ImportError:\n    pass", "ujson"),
    ("pico", "from pump.app import App", "pump.app"),
    ("pico", "from pump import planner", "pump.planner"),
    ("pico", "import pumpsim", "pumpsim"),
    ("pumpsim", "from pumpctl import link", "pumpctl.link"),
    ("pumpsim", "import pico.board", "pico.board"),
    ("pumpctl", "from pico.board import PicoBoard", "pico.board"),
    ("pumpctl", "from pumpsim import SimPump", "pumpsim.SimPump"),
    ("pumpctl", "class A:\n    import pumpsim", "pumpsim"),
    ("pumpctl", "if FAST:\n    import pumpsim", "pumpsim"),
    ("pumpctl", "from flowtest import water", "flowtest.water"),
    ("pumpfiles", "from pumpctl import link", "pumpctl.link"),
    ("pumpfiles", "def f():\n    from pumpsim import SimPump", "pumpsim.SimPump"),
    ("flowtest", "from pump import record", "pump.record"),
    ("flowtest", "def f():\n    from pumpsim import SimPump", "pumpsim.SimPump"),
    ("", "def f():\n    from pumpctl import link", "pumpctl.link"),
])
def test_a_wrong_import_is_found(package, source, named):
    assert wrong_imports(package, source) == [named]


@pytest.mark.parametrize("package, source", [
    ("pump", "import struct\nfrom pump import record\nfrom pump.errors import PumpError"),
    ("pico", "import rp2\nfrom pump import board\nfrom pico.link import Link"),
    ("pumpsim", "from pump.app import App\nimport socket"),
    ("pumpctl", "def run():\n    from pumpsim import SimPump\n    return SimPump"),
    ("pumpctl", "if TYPE_CHECKING:\n    from pumpsim import SimPump"),
    ("pumpctl", "def run():\n    from flowtest import water"),
    ("pumpsim", "from flowtest import water\nfrom pumpfiles.rig_file import load_rig\nimport numpy"),
    ("pumpfiles", "from pump.rig import Rig\nfrom pumpfiles import checks\nimport tree_sitter"),
    ("flowtest", "from flowtest import water\nimport numpy"),
])
def test_a_right_import_is_let_through(package, source):
    assert wrong_imports(package, source) == []


@pytest.mark.parametrize("source", ["from a import b", "def f():\n    import a.b",
                                    "if TYPE_CHECKING:\n    from a.b import C"])
def test_a_circle_is_found(source):
    assert circle_of({"a.b": "from a.c import D", "a.c": "from a import d", "a.d": source}) != []
    assert circle_of({"a.b": "from a.c import D", "a.c": "from a import d", "a.d": "import e"}) == []


@pytest.mark.parametrize("source", [
    "x = 1.5", "x = 1e3", "x = 2j", "x = a / b", "x /= 2", "x = 2 ** -1", "x **= y", "x = float('1')", "x = round(y)",
    "import math", "from math import gcd", "import typing", "from typing import Any", "import sys",
    "x = sys.implementation.name", "x = board.is_simulator", "if is_simulator(): pass",
])
def test_a_float_or_a_look_at_the_machine_is_found(source):
    assert inexact_arithmetic(source)


def test_whole_number_arithmetic_is_let_through():
    assert inexact_arithmetic("x = -(-a // b) % 7 + (1 << 30)\ny = '1.5 / 2'\nz = x * y & 3") == []


@pytest.mark.parametrize("source", [
    "print(1)", "x = f()", "X = [i for i in range(3)]", "for i in (): pass", "if True:\n    x = 1", "x: int = 1",
    "class A:\n    x = f()", "class A:\n    print(1)", "x += 1", "with a: pass", "del x", "assert x",
    "try:\n    import a\nexcept ImportError:\n    a = None",
])
def test_work_on_import_is_found(source):
    assert work_on_import(source)


def test_constants_functions_and_classes_are_let_through():
    constants = '"""Doc."""\nimport a\nX = (1 << 30) - 1\nT = {"a": (1, X)}\n'
    code = 'def f():\n    print(1)\nclass A:\n    """Doc."""\n    k = X\n    def f(self):\n        g()\n'
    assert work_on_import(constants + code) == []


def test_a_long_file_is_found():
    assert too_long("x\n" * (LINES_MAX + 1))
    assert not too_long("x\n" * LINES_MAX)


@pytest.mark.parametrize("text", [
    "open('/" + "tmp/calls')", "see /" + "work/main", "path = /" + "home/user/x", "/" + "root/.cache",
    "https://registry" + ".npmjs.org/x", "files.python" + "hosted.org", '"re' + 'solved": "x"', "--index" + "-url",
])
def test_a_machine_path_or_a_registry_is_found(text):
    assert machine_marks(text)


@pytest.mark.parametrize("text", ["/dev/ttyACM0", "out/demo/", "https://example.org/home/page", "work/main", "tmp / x"])
def test_ordinary_paths_are_let_through(text):
    assert machine_marks(text) == []
