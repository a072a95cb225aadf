"""The terminal as the user has it: colour by the configuration, letters that it can show."""

from __future__ import annotations

import codecs
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

# What stands for a character that a console cannot show. A unit must not lose its letter: uL is no mL.
PLAIN = {"µ": "u", "·": ".", "…": "...", "°": " deg ", "▲": "^", "▼": "v", "●": "*", "│": "|", "─": "-"}


def plain_where_needed() -> None:
    """From now on output in an encoding that lacks a character has a plain one in its place instead of an error."""
    codecs.register_error("pumpctl", _plain)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and (stream.encoding or "").lower().replace("-", "") != "utf8":
            stream.reconfigure(errors="pumpctl")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(PLAIN.get(char, "?") for char in error.object[error.start:error.end]), error.end


def shows(text: str) -> bool:
    """True where standard output can show every character of it."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def wanted_colour() -> bool | None:
    """True or False where the user has said so (config colour, NO_COLOR); None: where there is a terminal.

    A configuration that cannot be read has nothing to say here: no command fails for its colour, `stop` least of all.
    """
    from pumpctl.user_config import ConfigError, UserConfig

    if os.environ.get("NO_COLOR"):
        return False
    try:
        return {"always": True, "never": False}.get(UserConfig.load().get("colour") or "")
    except ConfigError:
        return None


def console() -> Console:
    """Standard output for drawings and tables."""
    from rich.console import Console

    wanted = wanted_colour()
    return Console(no_color=wanted is False, force_terminal=True if wanted else None, highlight=False)
