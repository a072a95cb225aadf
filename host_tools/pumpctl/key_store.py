"""The keys of pumps on this computer: one file a pump, or the system's keyring where there is one. Knows no pump.

A file is JSON with mode 0600 in the folder `keys` beside the user's configuration, named by the pump's unique id in
hex. Keys that have been sent and whose arrival is not known yet stand beside those in force, as `next`, so that no lost
reply locks anybody out. The keyring is used where the package `keyring` is installed and has a real backend.
"""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pump import protocol, seal
from pumpctl.errors import HostError
from pumpctl.user_config import config_path

FOLDER = "keys"
SERVICE = "pumpctl"           # the keyring's name for all of them
ROLES = (protocol.OPERATE, protocol.CHANGE)


class KeyFileError(HostError):
    """A file of keys cannot be read or written, or is none."""


@dataclass(frozen=True)
class PumpKeys:
    """32 bytes for each role; None for one that is not here."""

    operate: bytes | None
    program: bytes | None

    @classmethod
    def new(cls) -> PumpKeys:
        """From the system's source of secrets."""
        import secrets

        return cls(secrets.token_bytes(seal.KEY_SIZE), secrets.token_bytes(seal.KEY_SIZE))

    @classmethod
    def of_text(cls, text: str, where: object) -> PumpKeys:
        """What `text` made; KeyFileError where it is none."""
        try:
            found = json.loads(text)
            keys = [bytes.fromhex(found[role]) if role in found else None for role in ROLES]
        except (ValueError, TypeError, KeyError):
            keys = []
        if not any(keys) or any(key is not None and len(key) != seal.KEY_SIZE for key in keys):
            raise KeyFileError(f"{where} holds no keys of a pump", "give a file that pumpctl keys export has written")
        return cls(*keys)

    def as_dict(self) -> dict[str, str]:
        return {role: key.hex() for role in ROLES if (key := getattr(self, role))}

    def key_for(self, needs: str) -> tuple[str, bytes | None]:
        """(role, key) for what needs a role: that role's own, otherwise program's, which may do all."""
        if needs == protocol.OPERATE and self.operate:
            return protocol.OPERATE, self.operate
        return protocol.CHANGE, self.program

    @property
    def whole(self) -> bytes:
        """Both back to back, as a pump takes them."""
        assert self.operate and self.program
        return self.operate + self.program

    @property
    def roles(self) -> list[str]:
        return list(self.as_dict())


class KeyStore:
    def __init__(self, folder: Path | None = None, ring: Any = None):
        """folder: where the files are, by default beside the configuration; ring: a keyring backend, by default the
        system's, False for none."""
        self.folder = folder or config_path().parent / FOLDER
        self._ring_given = ring

    def of(self, unique_id: bytes) -> list[PumpKeys]:
        """The keys to try at a pump, those in force first; none where there are none."""
        text = self._read(unique_id)
        if text is None:
            return []
        found = [PumpKeys.of_text(text, self._where(unique_id))]
        later = json.loads(text).get("next")
        return found + ([PumpKeys.of_text(json.dumps(later), self._where(unique_id))] if later else [])

    def save(self, unique_id: bytes, keys: PumpKeys, later: PumpKeys | None = None) -> str:
        """Keeps them, in place of those there are; `later`: sent, and not known to be in force. Returns where."""
        text = json.dumps(keys.as_dict() | ({"next": later.as_dict()} if later else {}))
        ring = self._ring()
        if ring is not None:
            ring.set_password(SERVICE, unique_id.hex(), text)
            self._remove_file(unique_id)
            return "the system's keyring"
        write_secret(self._path(unique_id), text)
        return str(self._path(unique_id))

    def forget(self, unique_id: bytes) -> bool:
        """Removes them here; the pump keeps its own. False where there were none."""
        had = self._read(unique_id) is not None
        ring = self._ring()
        if ring is not None and ring.get_password(SERVICE, unique_id.hex()) is not None:
            ring.delete_password(SERVICE, unique_id.hex())
        self._remove_file(unique_id)
        return had

    def ids(self) -> list[bytes]:
        """Unique ids of the pumps whose keys are in files; a keyring cannot be listed."""
        names = sorted(path.stem for path in self.folder.glob("*.json")) if self.folder.is_dir() else []
        return [bytes.fromhex(name) for name in names if len(name) == 16 and all(c in "0123456789abcdef" for c in name)]

    def _path(self, unique_id: bytes) -> Path:
        return self.folder / f"{unique_id.hex()}.json"

    def _where(self, unique_id: bytes) -> str:
        path = self._path(unique_id)
        return str(path) if path.exists() else f"the keyring's entry {unique_id.hex()}"

    def _read(self, unique_id: bytes) -> str | None:
        path = self._path(unique_id)
        if path.exists():
            return read_secret(path)
        ring = self._ring()
        return None if ring is None else ring.get_password(SERVICE, unique_id.hex())

    def _remove_file(self, unique_id: bytes) -> None:
        self._path(unique_id).unlink(missing_ok=True)

    def _ring(self) -> Any:
        """The system's keyring, None where there is no package for it or no real backend behind it."""
        if self._ring_given is not None:
            return self._ring_given or None
        try:
            import keyring
        except ImportError:
            return None
        backend = keyring.get_keyring()
        return backend if backend.priority >= 1 else None


def write_secret(path: Path, text: str) -> None:
    """A file that nobody else can read, old or new at every moment; KeyFileError where it cannot be written."""
    beside = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.unlink(missing_ok=True)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(path)
    except OSError as error:
        raise KeyFileError(f"cannot write {path}: {error.strerror}", "nothing was changed on the pump")


def read_secret(path: Path) -> str:
    """Its text; KeyFileError where others could read it too, or it cannot be read."""
    try:
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise KeyFileError(f"others can read the keys in {path}", f"take that away with: chmod 600 {path}")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}",
                           "give a file that pumpctl keys export has written")
