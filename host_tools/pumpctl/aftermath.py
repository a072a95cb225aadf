"""What became of a request whose reply was lost, told from the records that follow it. Knows no pump and no link.

Pure: every request that changes something leaves a record that names it, by its id, by what it asked for, or by being
the only event of its kind that a host asks for. A refusal leaves a record with its id. Where there is neither, it was
not carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pump import access, bolus, record, update
from pumpctl import names
from pumpctl.refusals import PumpRefused

TRANSFER_OF = {"prime": 1, "withdraw": 2}


class UnknownError(Exception):
    """It cannot be told; the text says why."""


def outcome(do: str, values: dict[str, Any], number: int, raws: Iterable[bytes]) -> bytes | None:
    """The record of the request `do` with the id `number` having been carried out, None where it was not.

    `raws`: all records written after it may have been sent. PumpRefused where it was refused.
    """
    is_it = _tests(values, number).get(do)
    if is_it is None:
        raise UnknownError("this pumpctl does not know its records")
    denial = ""
    for raw in raws:
        head = record.header(raw)
        event, actor, code = head[7], head[8], head[10]
        if actor != record.ACTOR_HOST and do != "cancel":        # the end of a bolus is written by the pump
            continue
        if event == record.EVENT_DENIED and record.data_of(raw, record.REQUEST) == (_name(do), number):
            raise PumpRefused(names.error_name(code), denial or f"{do} was refused as {names.error_name(code)}")
        if event == record.EVENT_BOLUS and code & 15 == bolus.DENIED:
            denial = f"the bolus was denied: {names.denial_name(record.data_of(raw, record.BOLUS)[6])}"
        if is_it(raw, event, code):
            return raw
    return None


def _name(do: str) -> bytes:
    return do.encode().ljust(16, b"\0")


def _tests(values: dict[str, Any], number: int) -> dict[str, Callable[[bytes, int, int], bool]]:
    """For each request: whether a host's record of that event and code is the one that it leaves."""
    def data(raw: bytes, layout: str) -> tuple:
        return record.data_of(raw, layout)

    def plain(which: int) -> Callable[[bytes, int, int], bool]:
        return lambda raw, event, code: event == which

    def transfer(kind: int) -> Callable[[bytes, int, int], bool]:
        return lambda raw, event, code: (event == record.EVENT_TRANSFER and code == kind * 16
                                         and data(raw, record.TRANSFER)[3] == number)

    def temporary(is_bridge: int) -> Callable[[bytes, int, int], bool]:
        return lambda raw, event, code: event == record.EVENT_TEMPORARY and code == is_bridge

    image = {"rig": record.EVENT_RIG, "program": record.EVENT_PROGRAM}.get(str(values.get("kind")))
    return {
        "start": plain(record.EVENT_START), "stop": plain(record.EVENT_STOP),
        "suspend": plain(record.EVENT_SUSPEND), "resume": plain(record.EVENT_RESUME),
        "refill": plain(record.EVENT_REFILL),
        "ack": lambda raw, event, code: event == record.EVENT_ALARM and code == 0,
        "clock": lambda raw, event, code: (event == record.EVENT_CLOCK
                                           and data(raw, record.CLOCK)[1] == values["utc_ms"]),
        "commit": lambda raw, event, code: (event == image
                                            and data(raw, record.IMAGE)[0].hex() == values["digest"][:32]),
        "bolus": lambda raw, event, code: (event == record.EVENT_BOLUS and code & 15 == bolus.GRANTED
                                           and data(raw, record.BOLUS)[7] == number),
        "cancel": lambda raw, event, code: event == record.EVENT_BOLUS and code & 15 == bolus.CANCELLED,
        "temp": temporary(0), "bridge": temporary(1),
        "prime": transfer(TRANSFER_OF["prime"]), "withdraw": transfer(TRANSFER_OF["withdraw"]),
        "keys": lambda raw, event, code: (event == record.EVENT_ACCESS
                                          and code in (access.KEYS_SET, access.KEYS_REMOVED)
                                          and data(raw, record.ACCESS)[2] == number),
        "maintenance": lambda raw, event, code: (event == record.EVENT_FIRMWARE and code == update.HANDED_OVER
                                                 and data(raw, record.FIRMWARE)[2] == number),
    }


def reply_of(do: str, values: dict[str, Any], raw: bytes | None, status: dict[str, Any]) -> dict[str, Any]:
    """The fields that the lost reply had, as far as the record and the pump's status now tell them."""
    found = {"state": status.get("state"), "steps": status.get("steps"), "board": status.get("board"),
             "protocol": status.get("protocol")}
    if do == "commit" and raw:
        found["generation"] = record.data_of(raw, record.IMAGE)[1]
    if do == "clock":
        found["utc_ms"] = values["utc_ms"]
    if do == "keys":
        found["access"] = status.get("access")
    if do == "refill" and raw:
        found |= {"level_nl": record.data_of(raw, record.REFILL)[2], "difference_nl": None,
                  "warning": bool(record.header(raw)[10])}
    return found
