"""The figures of the README, measured on this machine: `make bench`. Nothing here passes or fails.

Machines differ and are noisy: every figure is a median, with the smallest and largest beside it. Of coverage and
mutants, which take minutes, it is what the last run of their own commands found.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import kept, pages, polls, soaking
from tests.bench.journals import journals
from tests.bench.peers import peers

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
EXAMPLES = ROOT / "host_tools" / "examples"


def line(name, values, unit, goal):
    low, middle, high = min(values), statistics.median(values), max(values)
    print(f"{name:44s} {middle:14,.1f} {unit:10s} ({low:,.1f} to {high:,.1f}, {len(values)} runs)  goal {goal}")


def timed_ms(command, runs):
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        found.append((time.perf_counter() - start) * 1000)
    return found


def simulated_year(folder, runs=3):
    """Speed of a year of the circadian example through `pumpctl simulate`, as its summary.json says."""
    speeds = []
    for _ in range(runs):
        subprocess.run([BIN / "pumpctl", "simulate", EXAMPLES / "circadian.toml", "--rig", EXAMPLES / "bench-1.toml",
                        "--start", "2026-03-27T00:00", "--days", "365", "--out", folder], check=True,
                       capture_output=True)
        speeds.append(json.loads((folder / "summary.json").read_text())["speedup"])
    line("a simulated year, firmware and journal", speeds, "x real", ">= 3,000,000")


def command_line(folder, runs=10):
    line("pumpctl --version", timed_ms([BIN / "pumpctl", "--version"], runs), "ms", "<= 100")
    port = folder / "pump"
    serve = subprocess.Popen([BIN / "pumpsim", "serve", "--link", f"pty:{port}", "--speed", "1"],
                             stdout=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if port.exists():
                break
            time.sleep(0.05)
        line("pumpctl status, simulated pump on a pty",
             timed_ms([BIN / "pumpctl", "status", "--port", port], runs), "ms", "<= 250")
    finally:
        serve.terminate()
        serve.wait(10)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulated_year(folder)
        peers(line)
        command_line(folder)
        journals(folder, line)
    pages.report(line)
    polls.report(line)
    soaking.report(line)
    kept.report()


if __name__ == "__main__":
    main()
