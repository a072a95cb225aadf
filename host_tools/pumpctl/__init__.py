"""The host's side of the bench pump: `from pumpctl import Pump`. Loads what is asked for, when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pumpctl.pump import Pump

__all__ = ["Pump"]


def __getattr__(name: str) -> object:
    if name == "Pump":
        from pumpctl.pump import Pump

        return Pump
    raise AttributeError(f"module 'pumpctl' has no attribute {name!r}")
