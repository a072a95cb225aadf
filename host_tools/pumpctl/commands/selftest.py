"""selftest: the first-run checklist, walked through with whoever is at the pump."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from pumpctl.checklist import PASSED, STEPS, Checklist, Finding
from pumpctl.cli import confirm_option, example, json_option, say
from pumpctl.errors import HostError
from pumpctl.on_pumps import pump_options

if TYPE_CHECKING:
    from pumpctl.pump import Pump
    from pumpctl.targets import Wanted

NOT_ALL = 1                   # exit code


class Terminal:
    """Somebody at the pump who reads this terminal: questions go to standard error."""

    def agrees(self, question: str) -> bool:
        return click.confirm(question, err=True, default=None)

    def hears(self, text: str) -> None:
        click.echo(text, err=True)


@click.command(epilog=example("pumpctl selftest", 'pumpctl selftest --volume "20 uL"',
                              "pumpctl selftest pump forward backward --yes --json"))
@click.argument("steps", nargs=-1, type=click.Choice(STEPS), metavar="[STEP]...")
@click.option("--volume", metavar="VOLUME",
              help="Of each motion; otherwise what a revolution moves, or the part of one that a minute primes.")
@confirm_option
@pump_options
@json_option
def selftest(steps: tuple[str, ...], volume: str | None, confirm: bool, wanted: Wanted, as_json: bool) -> None:
    """Walk through the first-run checklist: each STEP looks by itself, or asks you. All of them where none is named.

    \b
    pump      its own self-test, inputs at rest     limit     the limit switch, by hand
    clock     the battery-backed one                pressure  the sensor at rest and pressed
    lamp      its patterns, and the colours         forward   a revolution that pushes
    buzzer    two beeps a second                    backward  a revolution that sucks
    button, stop  by hand

    The pump has to be stopped, with the rig pushed and no tube at a vessel that matters. The motor moves only by a yes,
    asked for each way; --yes gives both beforehand. Without a terminal nobody is asked: what needs somebody is skipped.
    Exit code 0 where all passed, 1 where one failed or was skipped.
    """
    from pumpctl.entries import volume_nl
    from pumpctl.opening import opened
    from pumpctl.targets import target_of

    turn_nl = volume_nl("--volume", volume) if volume else None
    with opened(target_of(wanted)) as pump:
        found, rig_name = _walked(pump, steps, turn_nl, confirm, as_json)
        passed = all(each.result == PASSED for each in found)
        answer = {"passed": passed, "rig": rig_name, "board": pump.board, "steps": [each._asdict() for each in found]}
    say(as_json, answer, lambda: _end(found))
    if not passed:
        raise click.exceptions.Exit(NOT_ALL)


def _walked(pump: Pump, steps: tuple[str, ...], turn_nl: int | None, may_move: bool,
            as_json: bool) -> tuple[list[Finding], str]:
    state = pump.status().state
    if state not in ("stopped", "fault"):
        raise HostError(f"the pump is {state}", "the checklist needs it at rest: pumpctl stop")
    rig = pump.rig()
    person = Terminal() if sys.stdin.isatty() else None
    checklist = Checklist(pump, rig, person, may_move, turn_nl)
    absent = [step for step in steps if step not in checklist.steps()]
    if absent:
        raise HostError(f"the pump's rig {rig.name!r} has no part for the step {absent[0]}",
                        "name what is fitted in [parts] of the rig file, and push it")
    return [_done(checklist, step, as_json) for step in checklist.steps() if step in (steps or STEPS)], rig.name


def _done(checklist: Checklist, step: str, as_json: bool) -> Finding:
    found = checklist.do(step)
    if not as_json:
        click.echo(f"{found.step:<8}  {found.result:<7}  {found.text}")
    return found


def _end(found: list[Finding]) -> str:
    missing = [each.step for each in found if each.result != PASSED]
    if not missing:
        return f"all {len(found)} steps passed"
    return f"{len(missing)} of {len(found)} steps did not pass; again with: pumpctl selftest {' '.join(missing)}"
