"""How much of a pump's life a soak plays in a core-hour, and how much sooner two processes have it than one."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PUMPSIM = Path(sys.executable).parent / "pumpsim"
YEARS, SEED = 1, 9


def soaked(jobs):
    """(pump-years a core-hour by the computing time of its processes, seconds of the whole command)."""
    with tempfile.TemporaryDirectory() as out:
        began = time.perf_counter()
        command = [PUMPSIM, "soak", "--years", str(YEARS), "--seed", str(SEED), "--jobs", str(jobs), "--out", out]
        said = subprocess.run([*command, "--json"], check=True, capture_output=True, text=True).stdout
        spent_s = time.perf_counter() - began
    return json.loads(said)["years_per_core_hour"], spent_s


def report(line):
    took_s = {}
    for jobs, name in ((1, "one process"), (2, "two processes")):
        figure, took_s[jobs] = soaked(jobs)
        line(f"soak, pump-years, {name}", [figure], "/core-hour", "-")
    print(f"{'soak, the whole command, two for one':44s} {took_s[1] / took_s[2]:14.2f} times as fast")
