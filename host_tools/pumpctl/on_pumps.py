"""A command on one pump or on several: the options that choose them, one question for all, results pump by pump.

A command on pumps reads its own words first and returns a function of one pump. That one returns an Answer, or yields
on its way: a text is shown before anything is sent, a Change says what comes next. With several pumps all of them get
as far as their Change, one question names them all, and then each goes on. A pump that fails stops no other.

    @click.command(epilog=example('pumpctl prime "100 uL"'))
    @click.argument("volume")
    @on_pumps(changes=True)
    def prime(volume: str) -> One:
        nl = volume_nl("VOLUME", volume)

        def one(pump: Pump) -> Steps:
            yield Change(f"prime {volume_text(nl)}")
            state = pump.prime(nl)
            return Answer({"state": state, "volume_nl": nl}, lambda: f"the pump is {state} now")
        return one
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Generator
from contextlib import ExitStack
from typing import Any, NamedTuple

import click

from pumpctl.cli import PORT_HELP, PUMP_HELP, confirm_option, confirmed, json_option, or_before
from pumpctl.errors import USAGE, HostError, one_line
from pumpctl.targets import Target, Wanted, targets_of


class Answer(NamedTuple):
    """What a command found or did: values for --json, a function that makes the text, and the exit code."""

    values: dict[str, Any]
    text: Callable[[], str]
    exit_code: int = 0


class Change(NamedTuple):
    """What is about to be changed, in words that fit before "Go on?". `asks`: also where it is one pump only."""

    what: str
    asks: bool = False


Steps = Generator[str | Change, None, Answer]
One = Callable[[Any], Answer | Steps]


def pump_options(command: Callable) -> Callable:
    """--port, --pump and --all, which the command gets as one value, `wanted`; may stand before the command too."""
    @click.option("--all", "every", is_flag=True, callback=or_before,
                  help="All pumps: those that have a name, and those found on USB.")
    @click.option("--pump", "pumps", metavar="NAME", multiple=True, callback=or_before, help=PUMP_HELP,
                  shell_complete=_pump_names)
    @click.option("--port", metavar="PORT", callback=or_before, help=PORT_HELP)
    @functools.wraps(command)
    def with_wanted(*args: Any, port: str | None, pumps: tuple[str, ...], every: bool, **rest: Any) -> Any:
        return command(*args, wanted=Wanted(port, pumps, every), **rest)

    return with_wanted


def on_pumps(changes: bool = False, opens: bool = True) -> Callable[[Callable[..., One]], Callable[..., None]]:
    """Makes a command of a function that returns a function of one pump (`opens`), or of one Target. `changes`: there
    is a --yes that answers every question."""
    def decorate(command: Callable[..., One]) -> Callable[..., None]:
        @functools.wraps(command)
        def on_each(*args: Any, wanted: Wanted, as_json: bool, confirm: bool = False, **rest: Any) -> None:
            run_on(wanted, command(*args, **rest), as_json, confirm, opens)

        on_each = pump_options(json_option(on_each))
        return confirm_option(on_each) if changes else on_each

    return decorate


def run_on(wanted: Wanted, one: One, as_json: bool, confirm: bool = False, opens: bool = True) -> None:
    """Does it on every pump that is meant, and prints what came of it. Ends with the worst exit code."""
    targets = targets_of(wanted)
    with ExitStack() as held:
        turns = [_Turn(target, held, opens) for target in targets]
        if wanted.is_several:
            code = _in_turn(turns, one, as_json, confirm)
        else:
            code = _alone(turns[0], one, as_json, confirm)
    if code:
        raise click.exceptions.Exit(code)


class _Turn:
    """One pump's way through the command: as far as its Change, then to the end."""

    def __init__(self, target: Target, held: ExitStack, opens: bool):
        self.target = target
        self.change: Change | None = None
        self.answer: Answer | None = None
        self.error: HostError | click.ClickException | None = None
        self._held = held
        self._opens = opens
        self._pump: Any = target
        self._steps: Steps | None = None

    def begin(self, one: One, show: Callable[[str], None]) -> None:
        """Opens the pump and goes on until it has its answer or a Change."""
        if self._opens:
            from pumpctl.opening import opened

            self._pump = self._held.enter_context(opened(self.target))
        found = one(self._pump)
        if isinstance(found, Answer):
            self._take(found)
        else:
            self._steps = found
            self.go_on(show)

    def go_on(self, show: Callable[[str], None]) -> None:
        """Until its next Change or its answer."""
        self.change = None
        while self._steps is not None and self.change is None:
            try:
                step = next(self._steps)
            except StopIteration as end:
                self._take(end.value)
                return
            if isinstance(step, Change):
                self.change = step
            else:
                show(step)

    def _take(self, answer: Answer) -> None:
        self._steps = None
        board = {"board": self._pump.board} if self._opens else {}
        self.answer = answer._replace(values=answer.values | board)

    def tried(self, do: Callable[[], None]) -> None:
        """Keeps what goes wrong for later."""
        try:
            do()
        except (HostError, click.ClickException) as error:
            self.error = error

    @property
    def is_over(self) -> bool:
        return self.answer is not None or self.error is not None

    @property
    def exit_code(self) -> int:
        if isinstance(self.error, HostError):
            return self.error.exit_code
        return self.answer.exit_code if self.answer else USAGE

    @property
    def values(self) -> dict[str, Any]:
        """The answer's, or what went wrong in its place."""
        if self.answer is not None:
            return self.answer.values
        message = self.error.message if isinstance(self.error, HostError) else self.error.format_message()
        return {"error": message, "hint": getattr(self.error, "hint", ""), "exit_code": self.exit_code}


def _alone(turn: _Turn, one: One, as_json: bool, confirm: bool) -> int:
    show = (lambda text: None) if as_json else click.echo
    turn.begin(one, show)
    while turn.change is not None:
        if turn.change.asks:
            confirmed(turn.change.what, confirm)
        turn.go_on(show)
    assert turn.answer is not None
    click.echo(json.dumps(turn.answer.values) if as_json else turn.answer.text())
    return turn.answer.exit_code


def _in_turn(turns: list[_Turn], one: One, as_json: bool, confirm: bool) -> int:
    shown: set[str] = set()

    def show_for(turn: _Turn) -> Callable[[str], None]:
        def show(text: str) -> None:
            if not as_json:
                _head(turn, shown)
                click.echo(text)
        return show

    def go(turn: _Turn, do: Callable[[], None]) -> None:
        turn.tried(do)
        if not as_json and turn.is_over:
            _print(turn, shown)

    for turn in turns:
        go(turn, functools.partial(turn.begin, one, show_for(turn)))
    while waiting := [turn for turn in turns if not turn.is_over]:
        confirmed(_question(waiting), confirm)
        shown.clear()
        for turn in waiting:
            go(turn, functools.partial(turn.go_on, show_for(turn)))
    if as_json:
        click.echo(json.dumps({turn.target.name: turn.values for turn in turns}))
    return max(turn.exit_code for turn in turns)


def _question(waiting: list[_Turn]) -> str:
    """One question that names all pumps."""
    names = ", ".join(turn.target.name for turn in waiting)
    whats = {turn.change.what for turn in waiting if turn.change}
    if len(whats) == 1:
        return f"{whats.pop()}: on {names}"
    return "; ".join(f"{turn.target.name}: {turn.change.what}" for turn in waiting if turn.change)


def _head(turn: _Turn, shown: set[str]) -> None:
    if turn.target.name not in shown:
        shown.add(turn.target.name)
        click.secho(turn.target.name, bold=True)


def _print(turn: _Turn, shown: set[str]) -> None:
    if turn.answer is not None:
        _head(turn, shown)
        click.echo(turn.answer.text())
    else:
        click.echo(f"pumpctl: {turn.target.name}: {one_line(turn.values['error'], turn.values['hint'])}", err=True)


def _pump_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list:
    from pumpctl.completing import pump_names

    return pump_names(incomplete)

