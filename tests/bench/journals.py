"""The journal's figures: a year of the circadian example pulled over TCP into an archive, proven and exported."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from pumpctl.archive import Archive
from pumpctl.archiving import pull_into
from pumpctl.pump import Pump
from pumpfiles.program_file import load_program
from pumpfiles.rig_file import load_rig
from tests.pumps import DAY_MS, START_UTC_MS
from tests.serving import served

BIN = Path(sys.executable).parent
EXAMPLES = Path(__file__).parents[2] / "host_tools" / "examples"
DAYS = 365
PULL_DAYS = 30                # the pump holds some 70 days
LOW_PART = 5                  # refilled below a fifth


def year_archived(path):
    """Pulls a simulated year, month by month; returns (records, seconds of pulling)."""
    rig = load_rig(EXAMPLES / "bench-1.toml")
    program = load_program(EXAMPLES / "circadian.toml", datetime(2026, 3, 27))
    count, spent_s = 0, 0.0
    with served("--control", "tcp:0") as serving, Pump.open(serving.port) as pump, Archive(path, True) as archive:
        pump.push_rig(rig.body)
        pump.push_program(program.body)
        pump.clock_set(START_UTC_MS)
        pump.ack()
        pump.start()
        for day in range(1, DAYS + 1):
            serving.control.advance(DAY_MS)
            status = pump.status()
            if status.reservoir_nl * LOW_PART < rig.rig.reservoir_nl:
                pump.refill(rig.rig.reservoir_nl - status.reservoir_nl)
            if day % PULL_DAYS == 0 or day == DAYS:
                began = time.perf_counter()
                count += pull_into(archive, pump).new
                spent_s += time.perf_counter() - began
    return count, spent_s


def exported_s(path, form, runs=5):
    """Seconds of whole `pumpctl log export` commands."""
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run([BIN / "pumpctl", "log", "export", path.with_suffix(f".{form}"), "--archive", path], check=True,
                       stdout=subprocess.DEVNULL)
        found.append(time.perf_counter() - began)
    return found


def reported_s(path, runs=3):
    """Seconds of whole `pumpctl report` commands."""
    found = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run([BIN / "pumpctl", "report", "--archive", path, "--out", path.with_suffix(".html")], check=True,
                       stdout=subprocess.DEVNULL)
        found.append(time.perf_counter() - began)
    return found


def verified_rates(path, runs=5):
    """Records per second as `pumpctl log verify` prints them."""
    said = [subprocess.run([BIN / "pumpctl", "log", "verify", path, "--json"], check=True, capture_output=True,
                           text=True, env=os.environ).stdout for _ in range(runs)]
    return [json.loads(text)["records_per_s"] for text in said]


def journals(folder, line):
    """Prints the figures with `line(name, values, unit, goal)`."""
    path = folder / "year.sqlite"
    count, spent_s = year_archived(path)
    line(f"a year's journal over TCP, {count:,} records", [count / spent_s], "records/s", "-")
    line("log verify of it", verified_rates(path), "records/s", ">= 100,000")
    line("pumpctl report of it", reported_s(path), "s", "<= 10")
    for form in ("csv", "jsonl", "parquet"):
        line(f"log export of it as {form}", exported_s(path, form), "s", "<= 2")
