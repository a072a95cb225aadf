"""One run of `pumpctl flash`, from the look at the port to the pump at work again. Owns the order and the way back.

What the rig, the program and the keys forbid is refused before the pump is stopped. Whatever fails after that: the
firmware that runs then takes up what was done before, as far as it answers.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pumpctl import flashing, updating
from pumpctl.errors import HostError, one_line
from pumpctl.firmware_image import FirmwareImage
from pumpctl.key_store import KeyStore
from pumpctl.keys_job import make
from pumpctl.pico_board import GET
from pumpctl.probe import PUMP, SILENT, Found
from pumpctl.progress import progress
from pumpctl.pump import Pump
from pumpctl.pushing import POWER_CYCLE, prepare
from pumpctl.transport import NoConnectionError

if TYPE_CHECKING:
    from pumpctl.pushing import Push
    from pumpctl.repl import Repl
    from pumpfiles.program_file import ProgramFile
    from pumpfiles.rig_file import RigFile


CUT_BOLUS = "the bolus that the pump gave was cut off and is not taken up again: pumpctl log pull tells how much it was"


@dataclass
class Outcome:
    """What was done, or in a dry run would be. Versions are (version, build, slot); `old` is None on a bare Pico."""

    image: FirmwareImage
    old: tuple[str, str, str] | None = None
    slot: str = ""
    micropython: str = ""
    sent_bytes: int = 0
    free_bytes: int | None = None     # room on the flash; None where nobody has looked
    seconds_without_answer: float = 0.0
    documents: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    keys: str = ""            # where those that were made are kept
    state: str = ""

    @property
    def is_current(self) -> bool:
        return self.old is not None and self.old[1] == self.image.build


class FlashJob:
    """`found`: who is at `port` now. `rig` and `program` have been checked and fit each other."""

    def __init__(self, port: str, image: FirmwareImage, found: Found, rig: RigFile | None, program: ProgramFile | None):
        self._port = port
        self._image = image
        self._rig = rig
        self._program = program
        self._hello = found.hello if found.kind == PUMP else None
        self._was_silent = found.kind == SILENT
        self.outcome = Outcome(image)
        if self._hello:
            self.outcome.old = (self._hello["firmware"], self._hello.get("build", ""), self._hello.get("slot", ""))

    def plan(self) -> Push | None:
        """What rig and program would change in the pump that answers; None where nobody answers yet. Changes nothing.

        HostError where the program in the pump would be lost.
        """
        if self._hello is None or self._rig is None:
            return None
        with Pump.open(self._port) as pump:
            return self._prepared(pump)

    def dry_run(self, may_stop: bool) -> Outcome:
        """Looks and changes nothing; refuses what the run would refuse, but for a missing --stop or key."""
        out = self.outcome
        if self._hello is None:
            self._dry_at_prompt()
        elif self.outcome.is_current:
            out.slot = self._hello.get("slot", "")
        else:
            before = updating.look(self._port)
            self._require_rig(before.has_rig)
            out.slot = flashing.target_of(self._hello.get("slot", ""))
            out.sent_bytes = len(self._image.slot_file)
            out.state = before.state
            try:
                before.require_leave(may_stop)
            except updating.NotStoppedError as error:
                out.notes.append(one_line(error.message, error.hint))
            else:
                self._note(before.lost)
        plan = self.plan()
        if plan:
            sends = {"rig": plan.sends_rig, "program": plan.sends_program}
            out.documents = [kind for kind, is_sent in sends.items() if is_sent]
        return out

    def _dry_at_prompt(self) -> None:
        with self._prompt() as repl:
            found = self._survey(repl)
            self.outcome.free_bytes = found.free_bytes
            if not found.has(self._image):
                flashing.require_room(repl, found, self._image)
                self.outcome.sent_bytes = flashing.to_send(found, self._image)
        given = (("rig", self._rig), ("program", self._program))
        self.outcome.documents = [kind for kind, file in given if file]

    def run(self, may_stop: bool, stays_open: bool = False) -> Outcome:
        """Does it; `may_stop`: a running pump may be stopped for it, and is started again; `stays_open`: a first
        installation makes no keys."""
        with ExitStack() as undo:
            before = None
            if self._hello is None:
                self._from_prompt(began_s=time.monotonic())
            elif not self.outcome.is_current:
                before = updating.look(self._port, proves_key=True)
                self._require_rig(before.has_rig)
                before.require_leave(may_stop)
                self.plan()
                undo.callback(updating.put_back_to_work, self._port, before)
                updating.hand_over(self._port, before)
                self._from_prompt(began_s=time.monotonic(), within_s=updating.PROMPT_S)
            with Pump.open(self._port) as pump:
                self._send_documents(pump)
                self._note(updating.take_up(pump, before) if before else "")
                self._note(CUT_BOLUS if before and before.gives_bolus else "")
                undo.pop_all()
                if pump.status().access == "open":
                    self._make_keys(pump, stays_open)
                status = pump.status()
                self._note(updating.remark(status))
                self.outcome.state = status.state
        return self.outcome

    def _note(self, text: str) -> None:
        if text:
            self.outcome.notes.append(text)

    def _make_keys(self, pump: Pump, stays_open: bool) -> None:
        """At a first installation; a pump that is open stays so when it is updated."""
        if self.outcome.old is None and not stays_open:
            self.outcome.keys = make(pump, KeyStore())
        else:
            self.outcome.notes.append("the pump is open: whoever is at its port may change everything "
                                      "(pumpctl keys make)")

    def _from_prompt(self, began_s: float, within_s: float = 0) -> None:
        """Installs where the firmware is another, resets, and waits until it is kept."""
        with self._prompt(within_s) as repl:
            found = self._survey(repl)
            if found.has(self._image):
                flashing.settle(repl, found)
            else:
                with progress("sending the firmware", len(self._image.slot_file)) as on_bytes:
                    self.outcome.sent_bytes = flashing.install(repl, found, self._image, on_bytes)
            repl.reset()
        updating.await_pump(self._port)
        self.outcome.seconds_without_answer = round(time.monotonic() - began_s, 1)
        updating.judge(self._port, self.outcome.slot, self._image.build, bool(found.slot))

    def _prompt(self, within_s: float = 0) -> Repl:
        try:
            return updating.prompt_of(self._port, within_s)
        except NoConnectionError:
            if self._was_silent:
                raise NoConnectionError(f"neither a pump nor MicroPython answers on {self._port}", GET)
            raise

    def _survey(self, repl: Repl) -> flashing.Survey:
        found = flashing.survey(repl)
        self._require_rig(found.has_rig)
        version, _, build = found.label.partition(" ")
        if found.slot:
            self.outcome.old = (version, build, found.slot)
        self.outcome.slot = found.slot if found.has(self._image) else found.target
        self.outcome.micropython = found.micropython
        return found

    def _require_rig(self, has_rig: bool) -> None:
        if not has_rig and self._rig is None:
            raise HostError("no rig is stored on this Pico", "give the rig's file with --rig")

    def _send_documents(self, pump: Pump) -> None:
        if self._rig is None:
            return
        sent = self._prepared(pump).send(pump)
        self.outcome.documents = sent.kinds
        self._note(POWER_CYCLE if sent.power_cycle else "")

    def _prepared(self, pump: Pump) -> Push:
        plan = prepare(pump, self._program, self._rig)
        if plan.misfit and plan.before:
            raise HostError(f"the program {plan.before.name} in the pump does not fit this rig and would be lost: "
                            f"{plan.misfit}", "give one that does with --program, or send the rig with pumpctl push")
        return plan
