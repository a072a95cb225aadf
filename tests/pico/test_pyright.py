"""The firmware type-checks against the Pico's MicroPython stubs: names, signatures and attributes exist there.

`pump` holds attributes that are None until a rig or program is there, which pyright cannot follow; those two checks
are off for all, so that no file needs casts that would cost time on the device.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

FIRMWARE = Path(__file__).parents[2] / "firmware"


def stubs_folder():
    """Where the stub packages lie: beside the `rp2` stubs; MicroPython's own `stdlib` lies there too."""
    spec = importlib.util.find_spec("rp2")
    return Path(next(iter(spec.submodule_search_locations))).parent


def config(include, folder):
    stubs = stubs_folder()
    return {
        "include": [os.path.relpath(include, folder)],     # pyright takes no absolute path here
        "extraPaths": [str(FIRMWARE)],
        "stubPath": str(stubs),                  # time, os, gc ... of MicroPython before CPython's
        "typeshedPath": str(stubs),
        "pythonVersion": "3.11",
        "typeCheckingMode": "standard",
        "reportMissingModuleSource": False,      # the modules themselves are inside MicroPython
        "reportOptionalMemberAccess": False,
        "reportAttributeAccessIssue": "error",
    }


def check(include, folder):
    """pyright's diagnostics as text lines."""
    project = folder / "pyrightconfig.json"
    project.write_text(json.dumps(config(include, folder)))
    done = subprocess.run([sys.executable, "-m", "pyright", "--project", project, "--pythonpath", sys.executable,
                           "--outputjson"], capture_output=True, text=True, timeout=120)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"], done.stderr
    return ["%s:%d: %s" % (Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["message"])
            for one in report["generalDiagnostics"]]


def test_the_firmware_type_checks(tmp_path):
    assert check(FIRMWARE, tmp_path) == []


def test_a_name_that_micropython_lacks_is_found(tmp_path):
    (tmp_path / "wrong.py").write_text("import time\n\ntime.perf_counter()\n")
    assert [line.split(":")[:2] for line in check(tmp_path / "wrong.py", tmp_path)] == [["wrong.py", "3"]]
