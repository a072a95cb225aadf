"""simulate: a program on a simulated pump in this process, with the files that a real run would give."""

from __future__ import annotations

from pathlib import Path

import click

from pumpctl.cli import RigPath, example, json_option, say

DAYS_MAX = 3653               # ten years; the table of offsets reaches a little further


@click.command(epilog=example("pumpctl simulate circadian.toml --rig bench.toml \\",
                              "    --start 2026-03-27T00:00 --days 7 --out results"))
@click.argument("program", type=click.Path(path_type=Path))
@click.option("--rig", "rig_path", type=RigPath(), required=True, metavar="RIG",
              help="The rig's file.")
@click.option("--start", required=True, metavar="TIME", help="Local time of the start, such as 2026-03-27T00:00.")
@click.option("--days", type=click.IntRange(1, DAYS_MAX), default=7, show_default=True,
              help="Local calendar days; over the change to summer time 7 of them are 167 h.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="A folder for the files.")
@click.option("--no-refill", is_flag=True, help="Let the reservoir run empty; otherwise it is refilled below a fifth.")
@json_option
def simulate(program: Path, rig_path: Path, start: str, days: int, out: Path, no_refill: bool, as_json: bool) -> None:
    """Run PROGRAM on a simulated pump from a local time on, and write its dose log."""
    from datetime import datetime

    from pumpctl import outputs
    from pumpctl import simulate as simulation
    from pumpctl.errors import HostError
    from pumpctl.localtime import after_days, read_local
    from pumpctl.progress import progress
    from pumpctl.summary import Results
    from pumpctl.tables import show
    from pumpfiles.checks import check as prove
    from pumpfiles.program_file import load_program
    from pumpfiles.rig_file import load_rig

    try:
        moment = datetime.fromisoformat(start)
    except ValueError:
        raise HostError(f"--start {start!r} is no local time", "write it like 2026-03-27T00:00")
    rig = load_rig(rig_path)
    loaded = load_program(program, moment)
    prove(loaded, rig.rig)
    outputs.prepare(out)
    zone = loaded.program.schedule.zone
    start_ms = read_local(start, zone, loaded.program.zone_name)
    end_ms = after_days(zone, start_ms, days)
    with progress(f"simulating {days} days", end_ms - start_ms) as on_done:
        run = simulation.simulate(rig.body, loaded.body, start_ms, end_ms, on_done, not no_refill)
    results = Results(run)
    with progress("drawing", None):
        outputs.write_all(results, out)
    say(as_json, results.summary(), lambda: f"{show(results)}\n{_speed(results)}\n"
                                            f"written to {out}: {', '.join(outputs.FILES)}")


def _speed(results) -> str:
    summary = results.summary()
    return (f"{summary['simulated_s']:,} s simulated in {summary['wall_s']:.2f} s: "
            f"{summary['speedup']:,} times real time")
