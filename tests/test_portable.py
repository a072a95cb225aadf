"""Host tools and simulator run on Linux, macOS and Windows as far as their text can tell: no module or call of POSIX
outside of what asks for it first, files named by pathlib, text files with their encoding.

Every rule is a function from a source text to a list of complaints, and is shown to complain about a wrong text.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("host_tools", "sim")
POSIX_MODULES = {"fcntl", "termios", "tty", "pty", "pwd", "grp", "resource", "syslog", "posix", "curses"}
POSIX_OF_OS = {"fork", "forkpty", "openpty", "getuid", "geteuid", "getpgid", "setsid", "killpg", "mkfifo", "ttyname",
               "set_blocking", "uname", "wait", "waitpid"}
POSIX_SIGNALS = {"SIGKILL", "SIGHUP", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGSTOP", "SIGCONT", "SIGCHLD", "SIGWINCH",
                 "alarm", "setitimer", "pause"}
SIMULATED_PTY = ROOT / "sim/pumpsim/ports.py"


def files():
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def posix_only(source):
    """Modules of POSIX that are imported without asking whether they are there, and calls that only POSIX has.

    Asking is an `except ImportError` around the import, a branch on sys.platform, or hasattr(os, ...) and."""
    found = []

    def visit(node, asked):
        asked = asked or _asks(node)
        if isinstance(node, ast.Import | ast.ImportFrom) and not asked:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found.extend(name for name in names if name.split(".")[0] in POSIX_MODULES)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and not asked:
            if node.value.id == "os" and node.attr in POSIX_OF_OS:
                found.append(f"os.{node.attr}")
            if node.value.id == "signal" and node.attr in POSIX_SIGNALS:
                found.append(f"signal.{node.attr}")
        for child in ast.iter_child_nodes(node):
            visit(child, asked)

    visit(ast.parse(source), False)
    return found


def _asks(node):
    if isinstance(node, ast.Try):
        return any(isinstance(each.type, ast.Name) and each.type.id == "ImportError" for each in node.handlers)
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return ast.unparse(node.values[0]).startswith("hasattr(os, ")
    return isinstance(node, ast.If) and "platform" in ast.unparse(node.test)


def unnamed_encodings(source):
    """Text files that are opened, read or written in whatever encoding the machine happens to have."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        keywords = {keyword.arg for keyword in node.keywords}
        is_text = name in ("read_text", "write_text") or (name == "open" and _opens_text(node))
        if is_text and "encoding" not in keywords:
            found.append(f"line {node.lineno}: {name} without encoding")
    return found


def _opens_text(node):
    """True for open("name", "r"), path.open("w"), open("name"); not for another class's open."""
    is_builtin = isinstance(node.func, ast.Name)
    place = 1 if is_builtin else 0
    if len(node.args) > place:
        mode = node.args[place]
        return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and set(mode.value) <= set("rwax+")
    return is_builtin and bool(node.args)


def machine_paths(source):
    """Places that only one kind of system has."""
    return [node.value for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            and node.value.startswith(("/dev/null", "/proc/", "/etc/", "/usr/", "C:\\"))]


def complaints(rule, but=()):
    return {str(path.relative_to(ROOT)): found for path in files() if path not in but
            and (found := rule(path.read_text(encoding="utf-8")))}


def test_nothing_asks_for_posix_but_the_simulators_pty():
    assert complaints(posix_only, [SIMULATED_PTY]) == {}
    assert set(posix_only(SIMULATED_PTY.read_text(encoding="utf-8"))) == {
        "os.openpty", "os.set_blocking", "os.ttyname"}


def test_text_files_name_their_encoding():
    assert complaints(unnamed_encodings) == {}


def test_no_place_of_one_system_is_named():
    assert complaints(machine_paths) == {}


@pytest.mark.parametrize("source", [
    "import fcntl", "def f():\n    from termios import tcgetattr", "import os\nos.fork()",
    "import signal\nsignal.SIGKILL",
    "try:\n    import pty\nexcept ValueError:\n    pass", "if FAST:\n    import tty",
])
def test_a_call_of_posix_is_found(source):
    assert posix_only(source)


@pytest.mark.parametrize("source", [
    "try:\n    import fcntl\nexcept ImportError:\n    fcntl = None", "import os\nos.replace(a, b)",
    "import sys\nif sys.platform == 'win32':\n    import msvcrt\nelse:\n    import termios",
    "import signal\nsignal.SIGTERM", "import os\nx = hasattr(os, 'getuid') and os.getuid() == 0",
])
def test_what_every_system_has_or_is_asked_for_is_let_through(source):
    assert posix_only(source) == []


@pytest.mark.parametrize("source", ["open('a')", "open('a', 'w')", "p.open('r')", "p.read_text()", "p.write_text(x)"])
def test_an_encoding_left_out_is_found(source):
    assert unnamed_encodings(source)


@pytest.mark.parametrize("source", ["open('a', 'rb')", "p.open('wb')", "Pump.open(port)", "target.open()",
                                    "p.read_text(encoding='utf-8')", "open('a', encoding='utf-8')"])
def test_bytes_and_named_encodings_are_let_through(source):
    assert unnamed_encodings(source) == []


def test_a_place_of_one_system_is_found():
    assert machine_paths("x = '/proc/cpuinfo'") and not machine_paths("x = '/dev/ttyACM0'")
