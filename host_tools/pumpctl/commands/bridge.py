"""bridge: the line's volume at the old flow, after a change of fluid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpctl.cli import example, volume_text
from pumpctl.on_pumps import Answer, Change, One, Steps, on_pumps

if TYPE_CHECKING:
    from pump.rig import Rig
    from pumpctl.bridging import OldFlow
    from pumpctl.pump import Pump


@click.command(epilog=example("pumpctl bridge circadian-old.toml", "pumpctl bridge --yes"))
@click.argument("old", metavar="[OLD]", type=click.Path(path_type=Path), required=False)
@on_pumps(changes=True)
def bridge(old: Path | None) -> One:
    """After a change of fluid: keep the old flow until the old fluid has left the line.

    OLD is the program file of the old fluid; left out, the journal tells what ran before the present program. Shows
    the arithmetic and asks. The pump must be running, with the new program.
    """
    from pumpctl.bridging import plan_bridge
    from pumpctl.durations import seconds
    from pumpctl.pulling import stored_program, stored_rig

    def one(pump: Pump) -> Steps:
        rig = stored_rig(pump)
        flow = _old_flow(old, pump, rig)
        plan = plan_bridge(rig.line_nl, flow, stored_program(pump))
        yield "\n".join(plan.lines)
        what = f"bridge: {volume_text(plan.volume_nl)} over {seconds(plan.over_s)}"
        yield Change(f"{what}, in place of the schedule", asks=True)
        state = pump.bridge(plan.volume_nl, plan.over_s)
        return Answer({"state": state, "volume_nl": plan.volume_nl, "over_s": plan.over_s, "arithmetic": plan.lines},
                      lambda: f"{what}; the pump is {state} now")
    return one


def _old_flow(old: Path | None, pump: Pump, rig: Rig) -> OldFlow:
    from pumpctl.bridging import flow_of_journal, flow_of_program
    from pumpctl.errors import HostError

    if old is not None:
        from pumpfiles.program_file import load_program

        return flow_of_program(load_program(old).program)
    flow = flow_of_journal(pump.records(), pump.status().program_digest, rig.ratio)
    if flow is None:
        raise HostError("the journal does not tell what ran before the present program",
                        "give the old program's file: pumpctl bridge OLD.toml")
    return flow
