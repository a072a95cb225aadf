"""What the user has set for good: the pumps' names and ports, folders, colour. Owns the file and its keys.

A TOML file in the user's configuration folder; the environment's PUMPCTL_CONFIG names another. Comments in it stay.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from pumpctl.errors import HostError

FILE_NAME = "config.toml"
COLOURS = ("auto", "always", "never")
NAME = re.compile(r"[A-Za-z0-9_-]+")
# key: what it sets. NAME stands for a pump's name.
KEYS = {
    "pumps.NAME": "the port of a pump that you call NAME, or its unique id in hex (see pumpctl list)",
    "pump": "the pump to talk to where none is named",
    "rigs": "a folder with rig files: --rig bench-1 is bench-1.toml there",
    "archive": "the archive of journals",
    "colour": f"one of {', '.join(COLOURS)}",
}
HINT = "see: pumpctl config --help"


class ConfigError(HostError):
    """The configuration cannot be read, written, or has no such key."""


def config_path() -> Path:
    """The file, whether it is there or not."""
    named = os.environ.get("PUMPCTL_CONFIG")
    if named:
        return Path(named)
    from platformdirs import user_config_path

    return user_config_path("pumpctl", appauthor=False) / FILE_NAME


class UserConfig:
    """What is set, as texts by key: "pumps.left", "archive". Keys that this version does not know are passed over."""

    def __init__(self, values: dict[str, str]):
        self.values = values

    @classmethod
    def load(cls) -> UserConfig:
        """The user's, empty where there is no file; ConfigError where it cannot be understood."""
        path = config_path()
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return cls({})
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}", HINT)
        return cls(_flat(path, _parsed(path, text)))

    def get(self, key: str) -> str | None:
        return self.values.get(key)

    @property
    def pumps(self) -> dict[str, str]:
        """Name: port or id."""
        return {key.partition(".")[2]: value for key, value in self.values.items() if key.startswith("pumps.")}


def set_value(key: str, value: str | None) -> str | None:
    """Writes a key, None removes it; what else stands in the file stays as it is. ConfigError for a wrong one. Returns
    the value as it is written: a path so that it leads there from every folder."""
    import tomlkit

    check_key(key)
    if value is not None:
        _check_value(key, value)
        value = _lasting(key, value)
    path = config_path()
    UserConfig.load()                                # a file that cannot be understood is not overwritten
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    table: Any = document
    name = key
    if key.startswith("pumps."):
        name = key.partition(".")[2]
        table = document.setdefault("pumps", tomlkit.table())
    if value is not None:
        table[name] = value
    elif name not in table:
        raise ConfigError(f"{key} is not set", "see what is: pumpctl config list")
    else:
        del table[name]
    _write(path, tomlkit.dumps(document))
    return value


def _lasting(key: str, value: str) -> str:
    """A path that begins in the present folder as one that does not."""
    is_path = key in ("rigs", "archive") or (key.startswith("pumps.") and os.path.exists(value))
    return os.path.abspath(value) if is_path and not value.startswith("~") else value


def check_key(key: str) -> None:
    """ConfigError where there is no such key."""
    head, dot, name = key.partition(".")
    if key not in KEYS or "." in key:
        if head != "pumps" or not dot:
            raise ConfigError(f"no key {key!r} in the configuration", f"the keys are {', '.join(KEYS)}")
        if not NAME.fullmatch(name):
            raise ConfigError(f"{name!r} is no name for a pump", "use letters, digits, - and _")


def _check_value(key: str, value: str) -> None:
    if not value.strip():
        raise ConfigError(f"{key} would be empty", f"remove it with: pumpctl config unset {key}")
    if key == "colour" and value not in COLOURS:
        raise ConfigError(f"colour {value!r} is not known", f"it is one of {', '.join(COLOURS)}")


def _parsed(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}", "correct it in an editor, or remove it")


def _flat(path: Path, document: dict[str, Any]) -> dict[str, str]:
    """The known keys of the file; ConfigError where one is no text."""
    pumps = document.get("pumps", {})
    if not isinstance(pumps, dict):
        raise ConfigError(f"{path}: pumps must be a table of names",
                          'write [pumps], and below it left = "/dev/ttyACM0"')
    found = {key: document[key] for key in KEYS if key in document} | {f"pumps.{name}": pumps[name] for name in pumps}
    for key, value in found.items():
        if not isinstance(value, str):
            raise ConfigError(f"{path}: {key} must be a text in quotes", f"set it with: pumpctl config set {key} VALUE")
        if key == "colour":
            _check_value(key, value)
    return found


def _write(path: Path, text: str) -> None:
    """In one step: whoever reads meanwhile sees the old file or the new one."""
    beside = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}", "name another file with PUMPCTL_CONFIG")
