"""Plays a scenario: a simulated pump, an operator at its link, and the timeline. Judges nothing but the replies."""

import binascii
import hashlib
import json
from dataclasses import dataclass, field

from pump import protocol
from pump.errors import PumpError
from pumpsim import faults
from pumpsim.device import SimPump
from pumpsim.invariants.auditor import Auditor
from pumpsim.plant import Plant
from pumpsim.records import keep_records
from pumpsim.scenarios.watch import Watch
from pumpsim.scenarios.words import ScenarioError

SAMPLES = 400                 # of a picture
BREAKS_INSIDE = ("firmware_error", "flash_erase", "flash_program", "flash_read", "bit_flip")


@dataclass
class Played:
    """What came of it. Events: (ms of the pump's record, name, code, data); samples: see `Player._sample`."""

    pump: SimPump
    plant: Plant
    watch: Watch
    broken: dict                                        # invariant: (ms, happened), of each the first time
    slack_steps: int | None = 0                         # that the pump's account may be wrong by; None: any number
    wrong: list = field(default_factory=list)           # (ms, expected, happened)
    done: list = field(default_factory=list)            # (ms, text) of the timeline
    samples: list = field(default_factory=list)
    records: dict = field(default_factory=dict)         # by sequence number


class Player:
    def __init__(self, scenario, checks=(), with_samples=False):
        """checks: (ms, check(played)) that look at the pump at an instant."""
        self._scenario = scenario
        self._checks = checks
        self._with_samples = with_samples
        self._id = 0
        self._awaited = [entry for entry in scenario.timeline if entry.condition]
        rig = json.loads(scenario.rig)
        plant = Plant.of_rig(rig, **({"seed": scenario.seed} | scenario.plant))
        troubles = [entry.value.name for entry in scenario.timeline if entry.kind == "fault"]
        troubles += ["another program"] * (len(scenario.programs) > 1)
        self._auditor = Auditor(status_of, troubles)
        self._pump = SimPump(plant=plant, on_edges=lambda *edges: self._auditor.motor.on_edges(*edges))
        self._auditor.attach(self._pump)
        self.played = Played(self._pump, plant, Watch(self._pump), self._auditor.found)
        self._pump.on_polled = self._look

    def play(self):
        """Returns what came of it; ScenarioError where the rig or the program is refused, or a fault is."""
        scenario, pump = self._scenario, self._pump
        if scenario.has_clock:
            pump.rtc.fit()
        self._begin()
        for entry in scenario.timeline:
            if entry.condition is None:
                pump.at_ms(entry.ms, lambda entry=entry: self._do(entry))
            else:
                pump.when(faults.condition(**entry.condition), lambda entry=entry: pump.at_ms(
                    pump.now_ms, lambda: self._do(entry)))
        for ms, check in self._checks:
            pump.at_ms(ms, lambda check=check: check(self.played))
        if self._with_samples:
            for at in range(SAMPLES + 1):
                pump.at_ms(scenario.length_ms * at // SAMPLES, self._sample)
        pump.run_until(scenario.length_ms)
        if not scenario.loose:
            self.played.wrong += [(scenario.length_ms, f"{entry.text}: that it happens", "never")
                                  for entry in self._awaited]
        self._keep_records()
        self.played.slack_steps = self._auditor.slack_steps
        return self.played

    def _begin(self):
        scenario = self._scenario
        self._commit("rig", scenario.rig)
        self._commit("program", scenario.programs["program"])
        self._must("clock", utc_ms=scenario.time.start_utc_ms)
        self._must("ack")
        if scenario.running:
            self._must("start")

    def _look(self):
        self.played.watch.look()
        self._auditor.look()

    def _do(self, entry):
        pump, kind = self._pump, entry.kind
        self.played.done.append((pump.now_ms, entry.deed))
        self._awaited = [other for other in self._awaited if other is not entry]
        try:
            if kind == "do":
                self._request(entry)
            elif kind == "fault":
                self._auditor.meets(entry.value)
                pump.inject(entry.value, entry.fields["for_ms"])
            elif kind == "clear":
                pump.clear(entry.value)
            elif kind == "press":
                pump.press(entry.value)
            else:
                self._change_plant(kind, entry.value)
        except ValueError as error:
            if isinstance(error, ScenarioError):
                raise
            if self._scenario.loose:
                return
            raise ScenarioError(f"{entry.text}: {error}")

    def _change_plant(self, kind, value):
        plant = self.played.plant
        if kind == "set":
            plant.set(**value)
        elif kind == "bubble":
            plant.bubble(value)
        elif kind == "fluid":
            plant.change_fluid(value)
        else:
            plant.refill(value)

    def _request(self, entry):
        fields = dict(entry.fields)
        if entry.value == "pull":
            self._keep_records()
            return
        if entry.value == "program":
            got = self._send_document("program", self._scenario.programs[fields["name"]])
        else:
            if entry.value == "clock":
                error_ms = fields["error_ms"] - fields["back_ms"]
                fields = {"utc_ms": self._scenario.time.start_utc_ms + self._pump.now_ms + error_ms}
            got = self._ask(entry.value, **fields)
        if not self._is_right(got, entry.answer):
            self.played.wrong.append((self._pump.now_ms, f"{entry.text}: the answer {entry.answer}", got))

    def _is_right(self, got, wanted):
        """A loose scenario takes any answer, none too where one may be lost; never that of an error inside."""
        if not self._scenario.loose or got == wanted:
            return got == wanted
        pump = self._pump
        if got == "internal":
            return any(entry.kind == "fault" and entry.value.name in BREAKS_INSIDE for entry in self._scenario.timeline)
        return got != "none" or not pump.is_on or pump.is_starved or pump.has_cable

    def _commit(self, kind, body):
        got = self._send_document(kind, body)
        if got != "ok":
            raise ScenarioError(f"the pump refuses the {kind}: {got}")

    def _send_document(self, kind, body):
        for at in range(0, len(body), protocol.CHUNK_MAX):
            got = self._ask("stage", kind=kind, at=at, data=body[at:at + protocol.CHUNK_MAX])
            if got != "ok":
                return got
        return self._ask("commit", kind=kind, digest=hashlib.sha256(body).hexdigest(), confirm=1)

    def _must(self, do, **fields):
        got = self._ask(do, **fields)
        if got != "ok":
            raise ScenarioError(f"the pump refuses {do}: {got}")

    def _ask(self, do, **fields):
        """"ok", the code of a refusal, or "none" where no whole reply comes back at once."""
        reply = self._reply_to(do, **fields)
        if reply is None:
            return "none"
        return "ok" if "ok" in reply else reply["error"]["code"]

    def _reply_to(self, do, **fields):
        self._id += 1
        pump = self._pump
        pump.send(protocol.frame((("id", self._id), ("do", do), *fields.items())))
        pump.poll()
        for line in pump.receive().splitlines():
            try:
                message = protocol.unframe(line)[0]
            except PumpError:
                continue
            if message.get("id") in (self._id, None):
                return message
        return None

    def _keep_records(self):
        """All records that the journal still has."""
        if self._pump.app.journal is not None:
            keep_records(self._pump.app.journal, self.played.records)

    def _sample(self):
        """(ms, rate in nL/h, programmed nL, counted nL, plant's uL out, kPa). Without power the volumes stay as they
        were."""
        pump, plant, before = self._pump, self.played.plant, self.played.samples[-1:]
        pump.poll()                                     # the pump's own time is that of its last poll
        status = status_of(pump)
        if status:
            rate_nl_per_h = status["rate_nl_per_h"] if pump.state == "running" else 0
            said = (rate_nl_per_h, status["programmed_nl"], status["delivered_nl"])
        else:
            said = (0, *(before[0][2:4] if before else (0, 0)))
        self.played.samples.append((pump.now_ms, *said, plant.delivered_ul, plant.pressure_kpa))


def status_of(pump):
    """The pump's own status, by its own code, without the link: which may be broken. None without power."""
    if not pump.is_on or pump.is_starved:
        return None
    return dict(pump.app.service.status(pump.app.clock.mono_ms, 0))


def digest(records):
    """One text for a whole journal: two runs of a scenario have the same."""
    return binascii.hexlify(hashlib.sha256(b"".join(records.values())).digest()).decode()[:16]
