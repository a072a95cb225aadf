"""New keys for a pump, and none: what is kept here is written before the pump is told, so that no lost reply and no
crash leaves a pump with keys that nobody has. Owns that order; asks nobody and prints nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from pumpctl.errors import HostError
from pumpctl.key_store import KeyStore, PumpKeys
from pumpctl.pump import Pump
from pumpctl.refusals import NotDoneError, PumpRefused
from pumpctl.transport import NoConnectionError


class HasKeysError(HostError):
    """The pump has keys, or has none, and the other was asked for."""

    exit_code = 1


def make(pump: Pump, store: KeyStore) -> str:
    """Gives an open pump its first keys; returns where they are kept. HasKeysError where it has some."""
    if pump.status().access != "open":
        raise HasKeysError("the pump has keys already", "change them with: pumpctl keys rotate")
    return _change(pump, store, pump.hello().unique_bytes, None)


def rotate(pump: Pump, store: KeyStore) -> str:
    """Gives the pump other keys, within a session of the role program; returns where they are kept."""
    unique_id = pump.hello().unique_bytes
    if pump.status().access == "open":
        raise HasKeysError("the pump has no keys", "make some with: pumpctl keys make")
    former = store.of(unique_id)
    return _change(pump, store, unique_id, former[0] if former else None)


def remove(pump: Pump, store: KeyStore) -> None:
    """Makes the pump open, and forgets its keys here."""
    if pump.status().access == "open":
        raise HasKeysError("the pump has no keys: it is open")
    pump.set_keys(b"")
    store.forget(pump.hello().unique_bytes)


def _change(pump: Pump, store: KeyStore, unique_id: bytes, former: PumpKeys | None) -> str:
    new = PumpKeys.new()
    with _taken_back(store, unique_id, former):
        store.save(unique_id, former or new, new if former else None)
        pump.set_keys(new.whole)
    return store.save(unique_id, new)


@contextlib.contextmanager
def _taken_back(store: KeyStore, unique_id: bytes, former: PumpKeys | None) -> Iterator[None]:
    """What is kept is as before where the pump has certainly not taken the new keys. Where that is not known both
    are kept, and tried."""
    try:
        yield
    except (PumpRefused, NotDoneError, NoConnectionError):
        if former:
            store.save(unique_id, former)
        else:
            store.forget(unique_id)
        raise
