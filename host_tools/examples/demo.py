"""The demo: a simulated pump behind a virtual serial port, programmed, run for seven days and read out.

Every command is the one that a person would type for a real pump; only `pumpsim` lines belong to the simulation.
`make demo` runs it. It ends the one process that it starts.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = Path(__file__).parent.relative_to(ROOT)
OUT = Path("out/demo")
START = "2026-03-27T00:00"    # a Friday; on Sunday the clocks go from 02:00 to 03:00
HOURS = 167                   # seven local days, one of them of 23 hours
READY_S = 15


class DemoError(Exception):
    pass


def run(*words):
    """Runs a command of this environment, showing the line that would be typed."""
    print(f"\n$ {shlex.join(words)}", flush=True)
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT)
    if done.returncode:
        raise DemoError(f"{words[0]} {words[1]} ended with exit code {done.returncode}")


def serve(port, log):
    """Starts the simulated pump; returns the process and its control port, once it is ready."""
    words = ("pumpsim", "serve", "--link", f"pty:{port}", "--speed", "0", "--control", "tcp:0")
    print(f"$ {shlex.join(words)} &", flush=True)
    child = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + READY_S
    while child.poll() is None and time.monotonic() < deadline:
        ready = re.search(r"^ready: .*control (tcp:\d+)", Path(log.name).read_text(encoding="utf-8"), re.MULTILINE)
        if ready:
            print(ready.string.strip(), flush=True)
            return child, ready[1]
        time.sleep(0.02)
    end(child)
    raise DemoError("the simulated pump did not start")


def end(child):
    """Asks our own child to stop, and waits for it."""
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def week(port, control):
    """A week on the pump behind `port`, and its dose log."""
    os.environ["PUMPCTL_PORT"] = port
    os.environ["PUMPCTL_ARCHIVE"] = f"{port}.sqlite"       # of this pump that lives for a minute, not your own
    print(f"\n$ export PUMPCTL_PORT={port} PUMPCTL_ARCHIVE={port}.sqlite")
    program, rig = str(EXAMPLES / "circadian.toml"), str(EXAMPLES / "bench-1.toml")
    run("pumpctl", "check", program, "--rig", rig)
    run("pumpctl", "push", program, "--rig", rig, "--start", START[:10])
    run("pumpctl", "clock", "set", "--to", START)
    run("pumpctl", "start")
    began = time.perf_counter()
    run("pumpsim", "advance", f"{HOURS}h", "--control", control)
    advance_s = time.perf_counter() - began
    run("pumpctl", "stop")
    run("pumpctl", "log", "pull", "--out", str(OUT))
    add_times(ROOT / OUT / "summary.json", advance_s)


def add_times(path, advance_s):
    """Completes the summary with what only we know: how much time was simulated, and in how long.

    wall_s is the pulling so far; with the simulation it is what `pumpctl simulate` reports.
    """
    summary = json.loads(path.read_text(encoding="utf-8"))
    summary["simulated_s"] = HOURS * 3600
    summary["wall_s"] = round(summary["wall_s"] + advance_s, 3)
    summary["speedup"] = round(summary["simulated_s"] / summary["wall_s"])
    path.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


def main():
    print("The commands are in .venv/bin; type them as they stand here.\n")
    with tempfile.TemporaryDirectory(prefix="bench-pump-") as folder:
        log_path = Path(folder) / "serve.log"
        with log_path.open("w", encoding="utf-8") as log:
            child = None
            try:
                child, control = serve(f"{folder}/pump", log)
                week(f"{folder}/pump", control)
            except DemoError as error:
                said = log_path.read_text(encoding="utf-8") or "(nothing)"
                print(f"\nThe demo failed: {error}. What the simulated pump said:\n{said}", file=sys.stderr)
                return 1
            finally:
                if child is not None:
                    end(child)
    print(f"\nLook at {OUT}/report.html in a browser; {OUT}/rates.png is its picture, {OUT}/doses.csv its numbers.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
