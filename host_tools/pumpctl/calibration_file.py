"""Writing a calibration into a rig file: all else in it, comments too, stays as it is. Owns the table's look."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import tomlkit
from tomlkit.items import Table

from pumpfiles.errors import HostError, InputError
from pumpfiles.rig_file import RigFile, load_rig

HISTORY_MAX = 100
HEAD = "by pumpctl calibrate: what a revolution delivers, in place of [head]"
NOTE = "of 95 %"
ACCURACY_DEFAULT = "2 %"      # as calibration_table.py has it


def write_calibration(path: Path, ul_per_rev: float, interval_ul: tuple[float, float], date: str, method: str,
                      accuracy: str | None = None) -> RigFile:
    """Makes this the calibration of the rig file; the one before it becomes the head of its history.

    The new text is read as a rig before it takes the file's place, at once: whatever goes wrong, the old file is
    there. Returns the rig as it is now; HostError where the file cannot be written or would be no rig any more.
    """
    finding = {"volume_per_revolution": _volume(ul_per_rev), "interval": [_volume(each) for each in interval_ul],
               "date": date, "method": method}
    load_rig(path)                                # refuses what tomlkit would stumble over
    try:
        document = tomlkit.parse(path.read_bytes().decode("utf-8-sig"))
        _put(document, finding, accuracy)
        text = tomlkit.dumps(document)
        return _replace(path, re.sub("\r?\n", "\r\n", text) if "\r\n" in text else text)
    except InputError as error:
        raise HostError(f"{path} would be no rig with it: found {error.found}, expected {error.expected}",
                        "the rig file is unchanged; look at the readings")
    except OSError as error:
        raise HostError(f"cannot write {path}: {error.strerror}", "the rig file is unchanged; make it writable")


def _volume(ul: float) -> str:
    """Seven significant digits, never an exponent."""
    digits = max(0, 6 - len(str(int(ul)))) if ul >= 1 else 9
    text = f"{ul:.{digits}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + " uL"


def _put(document: tomlkit.TOMLDocument, finding: dict, accuracy: str | None) -> None:
    old = document["calibration"].unwrap() if "calibration" in document else {}
    values = finding | {"accuracy": accuracy or old.get("accuracy", ACCURACY_DEFAULT)}
    past = [old, *old.get("history", [])][:HISTORY_MAX] if old else []
    if isinstance(document.get("calibration"), Table):
        document["calibration"].pop("history", None)
        document["calibration"].update(values)
    else:                                         # none yet, or written in one line or in pieces
        if old:
            document.remove("calibration")
        elif not document.as_string().endswith("\n\n"):
            document.add(tomlkit.nl())
        document["calibration"] = _table(values).comment(HEAD).add(tomlkit.nl())
    table = document["calibration"]
    table["interval"].comment(NOTE)
    if past:
        table["history"] = tomlkit.aot()
        for each in past:
            table["history"].append(_table({name: each[name] for name in finding}))


def _table(finding: dict) -> Table:
    table = tomlkit.table()
    table.update(finding)
    return table


def _replace(path: Path, text: str) -> RigFile:
    path = path.resolve()                         # a link stays a link
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".toml", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(new, path.stat().st_mode & 0o777)
        rig = load_rig(new)
        os.replace(new, path)
        return rig
    finally:
        new.unlink(missing_ok=True)
