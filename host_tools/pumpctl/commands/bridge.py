"""bridge: the line's volume at the old flow, after a change of fluid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpctl.cli import confirm_option, confirmed, connect, example, json_option, port_option, say, volume_text

if TYPE_CHECKING:
    from pump.rig import Rig
    from pumpctl.bridging import OldFlow
    from pumpctl.pump import Pump


@click.command(epilog=example("pumpctl bridge circadian-old.toml", "pumpctl bridge --yes"))
@click.argument("old", metavar="[OLD]", type=click.Path(path_type=Path), required=False)
@confirm_option("--yes")
@port_option
@json_option
def bridge(old: Path | None, confirm: bool, port: str | None, as_json: bool) -> None:
    """After a change of fluid: keep the old flow until the old fluid has left the line.

    OLD is the program file of the old fluid; left out, the journal tells what ran before the present program. Shows
    the arithmetic and asks. The pump must be running, with the new program.
    """
    from pumpctl.bridging import plan_bridge
    from pumpctl.durations import seconds
    from pumpctl.pulling import stored_program, stored_rig

    with connect(port) as pump:
        rig = stored_rig(pump)
        flow = _old_flow(old, pump, rig)
        plan = plan_bridge(rig.line_nl, flow, stored_program(pump))
        if not as_json:
            click.echo("\n".join(plan.lines))
        what = f"bridge: {volume_text(plan.volume_nl)} over {seconds(plan.over_s)}"
        confirmed(f"{what}, in place of the schedule", confirm, "--yes")
        state = pump.bridge(plan.volume_nl, plan.over_s)
        say(as_json, {"state": state, "volume_nl": plan.volume_nl, "over_s": plan.over_s, "arithmetic": plan.lines,
                      "board": pump.board}, lambda: f"{what}; the pump is {state} now")


def _old_flow(old: Path | None, pump: Pump, rig: Rig) -> OldFlow:
    from pumpctl.bridging import flow_of_journal, flow_of_program
    from pumpctl.errors import HostError

    if old is not None:
        from pumpctl.program_file import load_program

        return flow_of_program(load_program(old).program)
    flow = flow_of_journal(pump.records(), pump.status().program_digest, rig.ratio)
    if flow is None:
        raise HostError("the journal does not tell what ran before the present program",
                        "give the old program's file: pumpctl bridge OLD.toml")
    return flow
