"""The demo as `make demo` runs it."""

import json
import subprocess
import sys
from pathlib import Path

from pumpctl.outputs import FILES

ROOT = Path(__file__).parents[2]


def test_the_demo_runs_a_week_and_says_where_to_look():
    done = subprocess.run([sys.executable, ROOT / "host_tools/examples/demo.py"], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    for typed in ("$ pumpsim serve --link pty:", "$ pumpctl check ", "$ pumpctl push ", "$ pumpctl clock set --to 2026",
                  "$ pumpctl start", "$ pumpsim advance 167h", "$ pumpctl stop", "$ pumpctl log pull --out out/demo"):
        assert typed in done.stdout
    assert "out/demo/report.html" in done.stdout.splitlines()[-1]
    folder = ROOT / "out/demo"
    assert {path.name for path in folder.iterdir()} >= set(FILES)
    summary = json.loads((folder / "summary.json").read_text())
    assert (summary["simulated_s"], summary["programmed_nl"], len(summary["days"])) == (601_200, 6_802_500, 7)
    assert abs(summary["programmed_nl"] - summary["delivered_nl"]) <= 104        # a step is 103.2 nL
    assert summary["wall_s"] > 0 and summary["speedup"] > 0
