"""How an error of the host is shown, and the one of a question. `HostError` itself stands with the readers of files,
which raise it too. Knows no command.
"""

from __future__ import annotations

from pumpfiles.errors import USAGE, HostError

__all__ = ["USAGE", "HostError", "NotConfirmedError", "one_line"]


def one_line(message: str, hint: str = "") -> str:
    """An error as it is shown: what happened, and what to do next."""
    text = " ".join(message.split()).rstrip(".")
    stop = "" if text.endswith("?") else "."
    return f"{text}{stop} {hint[:1].upper()}{hint[1:]}" if hint else text


class NotConfirmedError(HostError):
    """Something that needs a yes was not given one; nothing was sent."""
