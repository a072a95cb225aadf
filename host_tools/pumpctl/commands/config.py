"""config: what the user sets for good. The file and its keys are user_config.py's."""

from __future__ import annotations

from typing import Any

import click

from pumpctl.cli import example, json_option, lines_of, say
from pumpctl.user_config import KEYS

KEY_HELP = "\b\nKeys:\n" + "\n".join(f"  {key:<12}{meaning}" for key, meaning in KEYS.items())


def _keys(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from pumpctl.completing import config_keys

    return config_keys(incomplete)


key_argument = click.argument("key", shell_complete=_keys)


@click.group("config", epilog=KEY_HELP + "\n\n" + example("pumpctl config set pumps.left /dev/ttyACM0",
                                                        "pumpctl config set pumps.sim socket://127.0.0.1:4000",
                                                        "pumpctl status --pump left --pump sim"))
def config_command() -> None:
    """Names of pumps, folders, colour: set once, in a TOML file in your configuration folder."""


@config_command.command("list", epilog=example("pumpctl config list", "pumpctl config list --json"))
@json_option
def list_values(as_json: bool) -> None:
    """Show all that is set."""
    from pumpctl.user_config import UserConfig, config_path

    found = UserConfig.load().values
    say(as_json, found, lambda: lines_of(list(found.items())) if found else f"nothing is set in {config_path()}")


@config_command.command(epilog=example("pumpctl config get pumps.left"))
@key_argument
@json_option
def get(key: str, as_json: bool) -> None:
    """Show the value of KEY."""
    from pumpctl.user_config import ConfigError, UserConfig, check_key

    check_key(key)
    value = UserConfig.load().get(key)
    if value is None:
        raise ConfigError(f"{key} is not set", f"set it with: pumpctl config set {key} VALUE")
    say(as_json, {key: value}, lambda: value)


@config_command.command("set", epilog=example("pumpctl config set pumps.left /dev/ttyACM0",
                                              "pumpctl config set colour never"))
@key_argument
@click.argument("value")
@json_option
def set_key(key: str, value: str, as_json: bool) -> None:
    """Set KEY to VALUE."""
    _set(key, value, as_json)


@config_command.command(epilog=example("pumpctl config unset pumps.left"))
@key_argument
@json_option
def unset(key: str, as_json: bool) -> None:
    """Remove KEY."""
    _set(key, None, as_json)


def _set(key: str, value: str | None, as_json: bool) -> None:
    from pumpctl.user_config import config_path, set_value

    written = set_value(key, value)
    answer: dict[str, Any] = {key: written}
    say(as_json, answer, lambda: f"{key} is {written} in {config_path()}" if value else f"{key} is no longer set")


@config_command.command(epilog=example("pumpctl config path"))
@json_option
def path(as_json: bool) -> None:
    """Show where the file is."""
    from pumpctl.user_config import config_path

    say(as_json, {"path": str(config_path())}, lambda: str(config_path()))
