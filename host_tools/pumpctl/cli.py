"""The command line's root: the list of commands, each loaded when it is used, and what they share."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any

import click

from pumpctl.errors import NotConfirmedError

# name: (module under pumpctl.commands, what it does in a line)
COMMANDS = {
    "check": ("check", "Prove a program against a rig; nothing is sent."),
    "diff": ("diff", "Show what changes from one program to another."),
    "show": ("show", "Draw the week ahead: rates, boluses, clock changes, reservoir."),
    "push": ("push", "Check a program, or a rig, and send it."),
    "start": ("operate", "Begin the stored program."),
    "stop": ("operate", "Stop the motor and end the program."),
    "suspend": ("operate", "Stop the motor until resume."),
    "resume": ("operate", "Go on after suspend."),
    "ack": ("operate", "Acknowledge the alarms; a fault whose cause is gone ends."),
    "bolus": ("dosing", "Give a bolus, or the program's on-demand bolus."),
    "cancel": ("operate", "End the bolus under way."),
    "temp": ("dosing", "Another rate for a time, or off."),
    "prime": ("fluids", "Fill the line; not a dose."),
    "withdraw": ("fluids", "Run the motor backwards."),
    "refill": ("fluids", "Tell the pump that the reservoir was filled."),
    "bridge": ("bridge", "After a change of fluid: the line at the old flow."),
    "status": ("status", "Show what the pump does."),
    "monitor": ("monitor", "Watch pumps in the terminal."),
    "dashboard": ("dashboard", "Watch and operate pumps in the browser."),
    "clock": ("clock", "Set the pump's clock."),
    "log": ("log", "Pull the journal and make the dose log."),
    "calibrate": ("calibrate", "Weigh doses and fit the volume of a revolution."),
    "plot": ("plot", "Draw what was delivered, for chosen days."),
    "report": ("report", "Make a page about a period, from the archive."),
    "simulate": ("simulate", "Run a program on a simulated pump, here and at once."),
    "flash": ("flash", "Put the firmware of this clone onto a Pico, or update it."),
    "selftest": ("selftest", "Walk through the first-run checklist with you."),
    "keys": ("keys", "Who may operate and program a pump."),
    "maintenance": ("maintenance", "End the pump and get MicroPython's prompt."),
    "list": ("list", "Find pumps on USB and ask them who they are."),
    "config": ("config", "The names of your pumps, folders, colour."),
    "completion": ("completion", "Completion of words for your shell."),
}
EXIT_CODES = """\b
Exit codes: 0 done, 1 the pump refused, 2 wrong usage or input, or not confirmed,
3 no connection, nothing changed; 4 uncertain (sent, and not even the journal tells),
5 the pump's answer or journal makes no sense, 130 interrupted.

A bench prototype: never connect it to a person or an animal."""


class LazyGroup(click.Group):
    """Knows its commands by name and loads one when it runs, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"pumpctl.commands.{COMMANDS[name][0]}")
        return getattr(module, f"{name}_command" if name in ("list", "config") else name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def _version(ctx: click.Context, param: click.Parameter, wanted: bool) -> None:
    if wanted:
        from pump.protocol import FIRMWARE_VERSION

        click.echo(f"pumpctl {FIRMWARE_VERSION}")
        ctx.exit()


PORT_HELP = "Serial device, pty, or pyserial URL such as socket://127.0.0.1:4000; or set PUMPCTL_PORT."
PUMP_HELP = "A name of yours, or the beginning of a pump's id; again for more; or set PUMPCTL_PUMP."
JSON_HELP = "Print one JSON object instead of text."


def or_before(ctx: click.Context, param: click.Parameter, value: object) -> object:
    """The option as given after the command, otherwise as given before it."""
    return value or (ctx.find_root().params.get(param.name or "") if ctx.parent else None) or value


@click.group(cls=LazyGroup, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
@click.option("--port", metavar="PORT", help=PORT_HELP)
@click.option("--pump", "pumps", metavar="NAME", multiple=True, help=PUMP_HELP)
@click.option("--all", "every", is_flag=True, help="All pumps: those that have a name, and those found on USB.")
@click.option("--json", "as_json", is_flag=True, help=JSON_HELP)
def cli(port: str | None, pumps: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Program a bench pump, run it, and read its dose log.

    \b
    Example, with the only pump on USB, or --port, or --pump with a name:
      pumpctl check circadian.toml --rig bench.toml
      pumpctl push circadian.toml --rig bench.toml
      pumpctl clock set
      pumpctl start
      pumpctl log pull --out results

    --port, --pump, --all and --json may stand before the command or after it.
    """
    from pumpctl.console import wanted_colour

    click.get_current_context().color = wanted_colour()


json_option = click.option("--json", "as_json", is_flag=True, callback=or_before, help=JSON_HELP)


class RigPath(click.Path):
    """A rig's file, or its name without ".toml" in the folder that the configuration has as `rigs`."""

    def __init__(self) -> None:
        from pathlib import Path

        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = super().convert(value, param, ctx)
        if not path.exists() and path.parent == type(path)():
            from pumpctl.user_config import UserConfig

            folder = UserConfig.load().get("rigs")
            if folder:
                there = type(path)(folder).expanduser() / f"{path}.toml"
                return there if there.exists() else path
        return path


# Answers the command's question with yes
confirm_option = click.option("--yes", "--confirm", "confirm", is_flag=True, help="Do it without asking.")


def confirmed(question: str, confirm: bool, flag: str = "--yes") -> None:
    """Goes on where it was confirmed, by the flag or now on the terminal; NotConfirmedError otherwise."""
    import sys

    if confirm:
        return
    if not sys.stdin.isatty():
        raise NotConfirmedError(question, f"repeat it with {flag} if that is what you want")
    if not click.confirm(f"{question}. Go on?", err=True):
        raise NotConfirmedError("not confirmed; nothing was done")


def example(*lines: str) -> str:
    """A command's closing help: lines to try."""
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)


def say(as_json: bool, answer: dict[str, Any], text: Callable[[], str]) -> None:
    """Prints the answer as JSON, or the text for a person."""
    click.echo(json.dumps(answer) if as_json else text())


def lines_of(pairs: list[tuple[str, object]]) -> str:
    """"name  value" lines with the values below each other."""
    width = max(len(name) for name, _ in pairs)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in pairs)


def rate_text(nl_per_h: int) -> str:
    """"20 µL/h" of whole nL/h, exactly."""
    return f"{short(nl_per_h)} µL/h"


def volume_text(nl: int) -> str:
    """"6719.912 µL" of whole nL, exactly."""
    return f"{short(nl)} µL"


def short(nl: int) -> str:
    """Microlitres of whole nanolitres, without zeros at the end."""
    sign = "-" if nl < 0 else ""
    return f"{sign}{abs(nl) // 1000}.{abs(nl) % 1000:03d}".rstrip("0").rstrip(".")
