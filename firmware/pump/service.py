"""The service: what each message of the protocol does. One method a message, named like it in protocol.MESSAGES.

Each takes the monotonic ms of the poll and the message's checked fields in the table's order, and returns the reply's
fields as (name, value) pairs. PumpError is a refusal: nothing has changed.
"""

from pump import reasons, record
from pump.check import check_program
from pump.controller import RUNNING, SUSPENDED
from pump.errors import PumpError

FIRMWARE_VERSION = "0.1.0"


class Service:
    def __init__(self, app):
        self._app = app

    # reading

    def hello(self, now_ms):
        """Who answers: board, versions, unique id, boot number."""
        app = self._app
        return (("firmware", FIRMWARE_VERSION), ("journal", record.JOURNAL_VERSION),
                ("unique_id", app.board.unique_id), ("boot", app.chronicle.boot), ("uptime_ms", now_ms))

    def status(self, now_ms):
        """State, volumes, clock, what is stored. Volumes in nL: delivered rounds down, uncertain up."""
        app = self._app
        controller, ledger, clock = app.controller, app.delivery.ledger, app.clock
        utc_ms = clock.utc_ms(now_ms)
        schedule = app.chronicle.local_schedule
        return (
            ("state", controller.state), ("reason", reasons.NAMES[controller.reason]),
            ("rate_nl_per_h", controller.rate_nl_per_h),
            ("delivered_nl", self._nl(ledger.delivered_steps)),
            ("uncertain_nl", -self._nl(-ledger.uncertain_steps)),
            ("programmed_nl", app.delivery.programmed_pl(now_ms) // 1000),
            ("steps", ledger.delivered_steps),
            ("utc_ms", utc_ms),
            ("offset_min", schedule.offset_min(utc_ms) if schedule and utc_ms is not None else 0),
            ("program", self._name(app.program)), ("program_digest", app.program.digest),
            ("rig", self._name(app.rig)), ("rig_digest", app.rig.digest),
            ("first_seq", app.journal.first_seq if app.journal else 0),
            ("next_seq", app.journal.next_seq if app.journal else 0),
            ("memory_free", app.board.memory_free()),
        )

    def document(self, now_ms, kind, at):
        """A piece of the rig or program in force: its digest, whole size, and bytes from `at` on."""
        staging = self._staging(kind)
        return (("digest", staging.digest), ("size", len(staging.body or b"")), ("data", staging.piece(at)))

    def log(self, now_ms, first, most):
        """Journal records from `first` on; where that is gone, from the oldest there is."""
        journal = self._app.journal
        if journal is None:
            raise PumpError("storage", "the journal cannot be read")
        first = max(first, journal.first_seq)
        return (("first", first), ("next_seq", journal.next_seq), ("records", journal.read(first, most)))

    # changing

    def clock(self, now_ms, utc_ms):
        """Sets UTC."""
        self._app.controller.set_clock(now_ms, utc_ms)
        return (("utc_ms", utc_ms),)

    def stage(self, now_ms, kind, at, data):
        """Takes a piece of a new rig or program."""
        return (("size", self._staging(kind).stage(at, data)),)

    def commit(self, now_ms, kind, digest):
        """Makes the staged document the one in force, if its digest fits and the rig's limits hold."""
        app = self._app
        staging = self._staging(kind)
        document = staging.staged(digest)
        if kind == "rig":
            return self._commit_rig(now_ms, staging, document)
        if app.rig.document is None:
            raise PumpError("no_rig", "push a rig first: a program is checked against it")
        check_program(document, app.rig.document)
        generation = staging.commit(document)
        app.chronicle.stored(now_ms, record.EVENT_PROGRAM, digest, generation)
        app.controller.use_program(now_ms, document)
        return (("generation", generation),)

    def _commit_rig(self, now_ms, staging, rig):
        app = self._app
        if app.controller.state in (RUNNING, SUSPENDED):
            raise PumpError("bad_state", "stop the pump before its rig is changed")
        if app.program.document is not None:
            check_program(app.program.document, rig)
        generation = staging.commit(rig)
        app.chronicle.stored(now_ms, record.EVENT_RIG, staging.digest, generation)
        app.controller.use_rig(rig)
        return (("generation", generation),)

    # operating

    def start(self, now_ms):
        """Begins the stored program's schedule."""
        self._app.controller.start(now_ms)
        return self._state()

    def stop(self, now_ms):
        """Motor off, schedule ended. Always allowed."""
        self._app.controller.stop(now_ms)
        return self._state()

    def suspend(self, now_ms):
        """Motor off until resume."""
        self._app.controller.suspend(now_ms)
        return self._state()

    def resume(self, now_ms):
        """Goes on after suspend."""
        self._app.controller.resume(now_ms)
        return self._state()

    def ack(self, now_ms):
        """Acknowledges a latched fault."""
        self._app.controller.acknowledge(now_ms)
        return self._state()

    def _state(self):
        return (("state", self._app.controller.state), ("steps", self._app.delivery.ledger.delivered_steps))

    def _staging(self, kind):
        if kind not in ("rig", "program"):
            raise PumpError("bad_value", "kind must be rig or program")
        return self._app.rig if kind == "rig" else self._app.program

    def _name(self, staging):
        return staging.document.name if staging.document else None

    def _nl(self, steps):
        """Volume of steps in nL, rounded down (towards minus infinity), 0 without a rig."""
        rig = self._app.rig.document
        return rig.ratio.nl_of_steps(steps) if rig else 0
