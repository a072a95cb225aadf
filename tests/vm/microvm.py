"""The MicroPython VM as a function: files in, printed text out. Knows where pump/ is, and what a replay needs."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pumpctl.bundle import bundled
from pumpctl.firmware_image import module_sources
from tests import nodejs

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"


class VmError(Exception):
    """The program on the VM ended with an exception; the text is its traceback."""


def run(folder, main, files=(), texts=None, is_one_module=False):
    """Runs the module `main` (a file) on MicroPython with pump/ beside it; returns what it printed.

    `main` defines step(), which is called until it returns False. `folder` is an empty folder to build the VM's
    root in; `files` are put beside main, `texts` is {name: text} to be written there. `is_one_module`: pump/ as it
    goes to a Pico, see pumpctl/bundle.py. VmError for an exception; the test is skipped where there is no Node.
    """
    try:
        node, _ = nodejs.programs()
    except nodejs.NodeMissingError as missing:
        pytest.skip(str(missing))
    nodejs.install(HERE)
    if is_one_module:
        _put_bundle(folder, main)
    else:
        shutil.copytree(FIRMWARE / "pump", folder / "pump", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(main, folder / "main.py")
    for file in files:
        shutil.copy(file, folder)
    for name, text in (texts or {}).items():
        (folder / name).write_text(text, encoding="utf-8")
    done = subprocess.run([node, HERE / "vm.mjs", folder], capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise VmError(done.stdout + done.stderr)
    return done.stdout


def _put_bundle(folder, main):
    sources = {module: source for module, source in module_sources().items() if module.startswith("pump.")}
    made = bundled({**sources, "main": main.read_text()}, ["pump.app"])
    for module, source in made.items():
        path = folder / (module.replace(".", "/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")


def replay(folder, lines, is_one_module=False):
    """Replays a recorder's lines on MicroPython; returns the count it prints. VmError names the first difference."""
    calls = "".join(line + "\n" for line in lines)
    files = [HERE / "board_trace.py"]
    return run(folder, HERE / "board_replayer.py", files, {"calls": calls}, is_one_module).strip()
