"""The host's side of the bench pump: `from pumpctl import Pump`. Loads what is asked for, when it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pumpctl.errors import HostError
    from pumpctl.journal import JournalError
    from pumpctl.pump import Pump
    from pumpctl.refusals import PumpRefused, UncertainError
    from pumpctl.transport import NoConnectionError

__all__ = ["HostError", "JournalError", "NoConnectionError", "Pump", "PumpRefused", "UncertainError"]

_HOMES = {"HostError": "errors", "JournalError": "journal", "NoConnectionError": "transport", "Pump": "pump",
          "PumpRefused": "refusals", "UncertainError": "refusals"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(f"pumpctl.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'pumpctl' has no attribute {name!r}")
