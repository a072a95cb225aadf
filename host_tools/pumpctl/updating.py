"""The pump around a change of its firmware: stopped and handed over before it, awaited and judged after it.

Owns the waiting for a port that goes away and comes back. Sends no firmware.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pumpctl.errors import HostError
from pumpctl.probe import PROMPT, PUMP, SILENT, Found, probe
from pumpctl.pump import Pump
from pumpctl.refusals import UncertainError
from pumpctl.repl import Repl
from pumpctl.transport import NoConnectionError

PROMPT_S = 15                 # from the pump's last reply to the prompt: a reset, and USB coming up anew
ANSWER_S = 30                 # from the reset to the first reply, a failed trial and the way back included
TRIAL_S = 20                  # from the first reply to the end of the trial: a host that asks makes it 2 s
ASK_EACH_S = 0.5
RESTING = ("stopped", "fault")
UNFIT_ALARMS = ("storage fault", "firmware error")


class FlashFailedError(HostError):
    """The new firmware did not prove itself."""

    exit_code = 1


class NotStoppedError(HostError):
    """The pump is at work, and nobody said that it may be stopped for this."""

    exit_code = 1


@dataclass
class Before:
    """The pump as it was: whether its schedule ran, and its clock with the host's monotonic second of that moment."""

    was_running: bool
    utc_ms: int | None
    at_s: float


def hand_over(port: str, may_stop: bool) -> Before:
    """Stops the pump where it runs and may be stopped, and makes it hand over to the prompt."""
    with Pump.open(port) as pump:
        status = pump.status()
        if status.board != "pico":
            raise HostError("this is a simulated pump: it takes no firmware", "give the port of a Pico")
        before = Before(status.state == "running", status.utc_ms, time.monotonic())
        if status.state not in RESTING:
            if not may_stop:
                raise NotStoppedError(f"the pump is {status.state}: an update takes it off its work for half a minute",
                                      "repeat it with --stop to stop it, and to start it again afterwards")
            pump.stop()
        with suppress(UncertainError):  # it may have reset before its reply was through: the prompt will tell
            pump.maintenance()
    return before


def has_rig(port: str) -> bool:
    with Pump.open(port) as pump:
        return pump.status().rig is not None


def prompt_of(port: str, within_s: float = 0) -> Repl:
    """The prompt at a port that may be away for a moment; NoConnectionError where none comes."""
    end = time.monotonic() + within_s
    while True:
        try:
            return Repl(port)
        except NoConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(ASK_EACH_S)


def await_pump(port: str, within_s: float | None = None) -> Found:
    """Asks until a pump answers, for ANSWER_S where nothing else is said; what was found last where none does."""
    end = time.monotonic() + (ANSWER_S if within_s is None else within_s)
    found = Found(SILENT)
    while time.monotonic() < end:
        try:
            found = probe(port, ASK_EACH_S)
        except NoConnectionError:
            time.sleep(ASK_EACH_S)
            continue
        if found.kind == PUMP:
            break
    return found


def judge(port: str, slot: str, build: str, has_old: bool) -> dict[str, Any]:
    """Waits until the new firmware has answered and is kept; returns its hello. FlashFailedError otherwise."""
    found = await_pump(port)
    end = time.monotonic() + TRIAL_S
    while found.kind == PUMP:
        hello = found.hello
        if (hello.get("slot"), hello.get("build")) != (slot, build):
            raise FlashFailedError(f"the new firmware did not prove itself; the pump is back on the one before, "
                                   f"{hello['firmware']} in slot {hello.get('slot')}",
                                   "its journal says why: pumpctl log pull --out DIR")
        if not hello["trial"]:
            _require_fit(port)
            return hello
        if time.monotonic() > end:
            break
        time.sleep(ASK_EACH_S)
        found = await_pump(port)
    if has_old:
        raise FlashFailedError("the new firmware does not answer", "switch the pump off and on within two minutes: it "
                                                                  "goes back to the one before")
    what = "does not start: MicroPython's prompt is there instead" if found.kind == PROMPT else "does not answer"
    raise FlashFailedError(f"the firmware {what}", "run it again; if it stays so, report it")


def take_up(pump: Pump, before: Before) -> bool:
    """Sets the clock on from where it was and starts the schedule that ran; False where it would begin a trial anew."""
    from pumpctl.pulling import stored_program

    if before.utc_ms is not None and pump.status().utc_ms is None:
        pump.clock_set(before.utc_ms + round((time.monotonic() - before.at_s) * 1000))
    if not before.was_running:
        return True
    program = stored_program(pump)
    if program is not None and (program.ends_after_s or program.ends_volume_nl):
        return False
    pump.start()
    return True


def put_back_to_work(port: str, before: Before) -> None:
    """After a failure: resets a board that is at its prompt, and the pump takes up what it did, if it answers."""
    with suppress(HostError):
        if await_pump(port, ASK_EACH_S).kind != PUMP:
            prompt_of(port, PROMPT_S).reset()
        if await_pump(port).kind == PUMP:
            with Pump.open(port) as pump:
                take_up(pump, before)


def _require_fit(port: str) -> None:
    with Pump.open(port) as pump:
        alarms = [name for name in pump.status().alarms if name in UNFIT_ALARMS]
    if alarms:
        raise FlashFailedError(f"the new firmware runs and shows: {', '.join(alarms)}", "see: pumpctl status")
