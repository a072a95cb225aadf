"""The pump around a change of its firmware: stopped and handed over before it, awaited and judged after it.

Owns the waiting for a port that goes away and comes back. Sends no firmware.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pumpctl.errors import HostError
from pumpctl.probe import PROMPT, PUMP, SILENT, Found, probe
from pumpctl.pump import Pump
from pumpctl.refusals import UncertainError
from pumpctl.repl import Repl
from pumpctl.transport import NoConnectionError
from pumpctl.trial import failed_in_trial, unfit

if TYPE_CHECKING:
    from pumpctl.replies import Status

PROMPT_S = 15                 # from the pump's last reply to the prompt: a reset, and USB coming up anew
ANSWER_S = 30                 # from the reset to the first reply, a failed trial and the way back included
TRIAL_S = 20                  # from the first reply to the end of the trial: a host that asks makes it 2 s
ASK_EACH_S = 0.5
RESTING = ("stopped", "fault")
STOPPABLE = ("running", "suspended")
UNFIT_ALARMS = ("storage fault", "firmware error")


class FlashFailedError(HostError):
    """The new firmware did not prove itself."""

    exit_code = 1


class NotStoppedError(HostError):
    """The pump is at work, and may not be stopped for this."""

    exit_code = 1


@dataclass
class Before:
    """The pump as it was: its state, whether it has a rig and gives a bolus, and its clock with the host's monotonic
    second of it."""

    state: str
    has_rig: bool
    utc_ms: int | None
    at_s: float
    gives_bolus: bool = False

    def require_leave(self, may_stop: bool) -> None:
        """NotStoppedError where the pump is at what must not be cut off, or nobody said that it may be stopped."""
        if self.state in RESTING:
            return
        if self.state not in STOPPABLE:
            raise NotStoppedError(f"the pump is {self.state}", "run it again when that is over, or after pumpctl stop")
        if not may_stop:
            hints = ("repeat it with --stop to stop it, and to start it again afterwards", self.lost)
            raise NotStoppedError(f"the pump is {self.state}: an update takes it off its work for half a minute",
                                  "; ".join(filter(None, hints)))

    @property
    def lost(self) -> str:
        """What a stop ends for good, or ""."""
        return "the bolus that it gives now would be cut off" if self.gives_bolus else ""


def look(port: str, proves_key: bool = False) -> Before:
    """The pump before it is handed over; HostError where it takes no firmware. `proves_key`: opens the session that
    this takes, NoKeyError where its key is missing here; otherwise nothing is changed."""
    with Pump.open(port) as pump:
        status = pump.status()
        if status.board != "pico":
            raise HostError("this is a simulated pump: it takes no firmware", "give the port of a Pico")
        if proves_key:
            pump.admit("maintenance")
        return Before(status.state, status.rig is not None, status.utc_ms, time.monotonic(), status.bolus)


def hand_over(port: str, before: Before) -> None:
    """Stops the pump where it was at work, and makes it hand over to the prompt."""
    with Pump.open(port) as pump:
        if before.state not in RESTING:
            pump.stop()
        with suppress(UncertainError):  # it may have reset before its reply was through: the prompt will tell
            pump.maintenance()


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
            raise _returned(port, hello)
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


def take_up(pump: Pump, before: Before) -> str:
    """Sets the clock on from where it was and starts the schedule that ran; why not where it does not, or ""."""
    from pumpctl.pulling import stored_program

    status = pump.status()
    if before.utc_ms is not None and status.utc_ms is None:
        pump.clock_set(before.utc_ms + round((time.monotonic() - before.at_s) * 1000))
    if before.state == "suspended":
        return "the pump was suspended and is stopped now: pumpctl start begins its schedule"
    if before.state in RESTING or status.state == "running":
        return ""
    program = stored_program(pump)
    if program is not None and (program.ends_after_s or program.ends_volume_nl):
        return "the pump is not started again: its program is a trial, which would begin anew"
    pump.start()
    return ""


def put_back_to_work(port: str, before: Before) -> None:
    """After a failure: resets a board that is at its prompt, and the pump takes up what it did, if it answers."""
    with suppress(HostError):
        if await_pump(port, ASK_EACH_S).kind != PUMP:
            prompt_of(port, PROMPT_S).reset()
        if await_pump(port).kind == PUMP:
            with Pump.open(port) as pump:
                take_up(pump, before)


def remark(status: Status) -> str:
    """What of the self-test fails that no firmware causes, or ""."""
    if not status.self_test:
        return ""
    return f"the pump's self-test fails: {', '.join(status.self_test)}; see firmware/WIRING.md, First run"


def _returned(port: str, hello: dict[str, Any]) -> FlashFailedError:
    with Pump.open(port) as pump:
        failed = failed_in_trial(pump)
    why = f": its self-test failed ({', '.join(failed)})" if failed else ""
    return FlashFailedError(f"the new firmware did not prove itself{why}; the pump is back on the one before, "
                            f"{hello['firmware']} in slot {hello.get('slot')}",
                            "" if failed else "its journal says why: pumpctl log pull --out DIR")


def _require_fit(port: str) -> None:
    with Pump.open(port) as pump:
        status = pump.status()
    shown = [name for name in status.alarms if name in UNFIT_ALARMS]
    shown += [f"self-test failed ({name})" for name in unfit(status.self_test)]
    if shown:
        raise FlashFailedError(f"the new firmware runs and shows: {', '.join(shown)}", "see: pumpctl status")
