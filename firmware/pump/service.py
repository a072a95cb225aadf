"""The service: what each message of the protocol does. One method a message, named like it in protocol.MESSAGES.

Each takes the monotonic ms of the poll, the request's id and the message's checked fields in the table's order, and
returns the reply's fields as (name, value) pairs. PumpError is a refusal: nothing has changed but the journal.
"""

from pump import board as contract
from pump import reasons, record
from pump.access import SESSION_MS
from pump.check import Check
from pump.errors import PumpError
from pump.limits import DAY_MS, HOUR_MS
from pump.protocol import FIRMWARE_VERSION
from pump.states import FAULT, PRIMING, RUNNING, STOPPED, SUSPENDED, WITHDRAWING
from pump.volumes import BOLUSES, DOSES, PRIMES, UNCERTAIN, WITHDRAWALS


class Service:
    def __init__(self, app):
        self._app = app

    # reading

    def hello(self, now_ms, request_id):
        """Who answers: board, versions, unique id (8 bytes, base64), boot number."""
        app = self._app
        return (("firmware", FIRMWARE_VERSION), ("journal", record.JOURNAL_VERSION),
                ("unique_id", app.board.unique_id), ("boot", app.parts.chronicle.boot), ("uptime_ms", now_ms),
                ("slot", app.board.firmware.slot), ("build", app.board.firmware.build),
                ("trial", app.update.is_trial))

    def status(self, now_ms, request_id):
        """State, volumes, clock, alarms, what is stored. Volumes in nL: delivered rounds down, uncertain up."""
        app = self._app
        parts, controller, clock = app.parts, app.controller, app.clock
        ledger, run = parts.delivery.ledger, controller.run
        ledger.count()
        utc_ms = clock.utc_ms(now_ms)
        schedule = parts.chronicle.local_schedule
        nl = parts.volumes.nl
        return (
            ("state", controller.state), ("reason", reasons.name(controller.reason)),
            ("alarms", parts.alarms.names()), ("unacknowledged", parts.alarms.unacknowledged != 0),
            ("self_test", parts.self_test.failures()),
            ("rate_nl_per_h", run.rate_nl_per_h),
            ("delivered_nl", nl(DOSES, ledger.dose_steps)), ("bolus_nl", nl(BOLUSES, run.bolus_steps(now_ms))),
            ("prime_nl", nl(PRIMES, ledger.prime_steps)), ("withdrawn_nl", nl(WITHDRAWALS, ledger.withdrawn_steps)),
            ("uncertain_nl", nl(UNCERTAIN, ledger.uncertain_steps)),
            ("programmed_nl", parts.delivery.programmed_pl(now_ms) // 1000),
            ("steps", ledger.dose_steps),
            ("last_1h_nl", self._used(now_ms, HOUR_MS)), ("last_24h_nl", self._used(now_ms, DAY_MS)),
            ("reservoir_nl", controller.level_nl()),
            ("bolus", run.bolus is not None), ("temporary", run.temporary is not None),
            ("lockout_s", -(-run.boluses.lockout_left_ms(now_ms, controller.program) // 1000)),
            ("boluses_left", run.boluses.left_today(now_ms, controller.program)),
            ("utc_ms", utc_ms),
            ("offset_min", schedule.offset_min(utc_ms) if schedule and utc_ms is not None else 0),
            ("program", self._name(app.program)), ("program_digest", app.program.digest),
            ("rig", self._name(app.rig)), ("rig_digest", app.rig.digest),
            ("first_seq", app.journal.first_seq if app.journal else 0),
            ("next_seq", app.journal.next_seq if app.journal else 0),
            ("memory_free", app.board.memory_free()),
            ("access", app.access.kind), ("session", app.access.role(now_ms)),
            ("busy", app.is_busy),
            ("supply_mv", app.board.supply.read_mv() or 0), ("chip_c", app.board.supply.read_chip_c()),
        )

    def inputs(self, now_ms, request_id):
        """What is active now of the inputs, not debounced, and what the sensors read."""
        board = self._app.board
        bits, names = board.inputs.read(), contract.INPUT_NAMES
        return (("active", [names[bit] for bit in range(len(names)) if bits >> bit & 1]),
                ("pressure", board.pressure.read()), ("supply_mv", board.supply.read_mv() or 0),
                ("chip_c", board.supply.read_chip_c()), ("rtc_utc_s", board.rtc.read_utc_s()))

    def document(self, now_ms, request_id, kind, at):
        """A piece of the rig or program in force: its digest, whole size, and bytes from `at` on."""
        staging = self._staging(kind)
        return (("digest", staging.digest), ("size", staging.size), ("data", staging.piece(at)))

    def log(self, now_ms, request_id, first, most):
        """Journal records from `first` on; where that is gone, from the oldest there is."""
        journal = self._app.journal
        if journal is None:
            raise PumpError("storage", "the journal cannot be read")
        first = max(first, journal.first_seq)
        records = journal.read(first, most)
        journal.pulled(first, len(records) // record.SIZE)
        return (("first", first), ("next_seq", journal.next_seq), ("records", records))

    def pulled(self, now_ms, request_id, next_seq, chain):
        """A host has every record before next_seq; the chain of the last of them shows that it is this journal's."""
        journal = self._app.journal
        if journal is None:
            raise PumpError("storage", "the journal cannot be read")
        if not journal.held(next_seq, chain):
            raise PumpError("bad_value", "no record %d with this chain" % (next_seq - 1))
        return (("unpulled", journal.unpulled()),)

    def challenge(self, now_ms, request_id):
        """What a host needs to know before it changes something: a nonce, whose keys, and how far the journal is."""
        app = self._app
        return (("nonce", app.access.challenge()), ("access", app.access.kind),
                ("locked_s", -(-app.access.locked_ms(now_ms) // 1000)), ("unique_id", app.board.unique_id),
                ("boot", app.parts.chronicle.boot), ("next_seq", app.journal.next_seq if app.journal else 0))

    # changing

    def login(self, now_ms, request_id, role, nonce):
        """Opens a session, if the line is sealed with the key of the role and the nonce."""
        self._app.access.login(now_ms, request_id, role, nonce)
        return (("session", role), ("timeout_s", SESSION_MS // 1000))

    def keys(self, now_ms, request_id, keys):
        """Other keys, 64 bytes, veiled where there have been keys before; none make an open pump."""
        self._app.access.set_keys(now_ms, request_id, keys)
        return (("access", self._app.access.kind),)

    def clock(self, now_ms, request_id, utc_ms):
        """Sets UTC, here and in a battery-backed clock."""
        self._app.controller.set_clock(now_ms, utc_ms, self._app.board.rtc)
        return (("utc_ms", utc_ms),)

    def maintenance(self, now_ms, request_id):
        """Ends the pump and gives the link to MicroPython's prompt until the next reset; stopped or at fault only."""
        if self._app.controller.state not in (STOPPED, FAULT):
            raise PumpError("bad_state", "stop the pump before its maintenance")
        self._app.update.hand_over(now_ms, request_id)
        return self._state()

    def stage(self, now_ms, request_id, kind, at, data):
        """Takes a piece of a new rig or program."""
        return (("size", self._staging(kind).stage(at, data)),)

    def commit(self, now_ms, request_id, kind, digest, confirm):
        """Makes the staged document the one in force, if its digest fits and the rig's limits hold.

        A generator, for the check takes long: it yields None every few ms, and the reply's fields at its end.
        """
        staging = self._staging(kind)
        document = staging.staged(digest)
        yield
        commit = self._commit_rig if kind == "rig" else self._commit_program
        yield from commit(staging, document, digest, confirm)

    def _commit_program(self, staging, document, digest, confirm):
        app = self._app
        if app.rig.document is None:
            raise PumpError("no_rig", "push a rig first: a program is checked against it")
        check = Check(document, app.rig.document)
        yield from check.steps()
        if check.beyond and not confirm:
            raise PumpError("soft_limit", "soft limit: %s; confirm to push it all the same" % check.beyond)
        generation = staging.commit(document)
        now_ms = app.clock.mono_ms
        app.parts.chronicle.stored(now_ms, record.EVENT_PROGRAM, digest, generation, bool(check.beyond))
        app.controller.use_program(now_ms, document, generation)
        yield (("generation", generation),)

    def _commit_rig(self, staging, rig, digest, _):
        app = self._app
        if app.controller.state in (RUNNING, SUSPENDED, PRIMING, WITHDRAWING):
            raise PumpError("bad_state", "stop the pump before its rig is changed")
        is_first = app.rig.document is None
        if app.program.document is not None:
            try:
                yield from Check(app.program.document, rig).steps()
            except PumpError:                       # it does not fit
                app.program.discard()               # before the rig: never is one in force that the other does not fit
        now_ms = app.clock.mono_ms
        if app.parts.volumes.expect(rig.ratio):         # the journal says first what a step moved until now
            app.controller.write_snapshot(now_ms)
        generation = staging.commit(rig)
        app.parts.chronicle.stored(now_ms, record.EVENT_RIG, digest, generation, False)
        app.controller.use_rig(now_ms, rig, app.program.document)
        if is_first:                                # a new rig is taken to be full
            app.parts.reservoir.set(rig.reservoir_nl, app.parts.delivery.ledger.out_steps)
        app.controller.write_snapshot(now_ms)
        yield (("generation", generation),)

    # operating

    def start(self, now_ms, request_id):
        """Begins the stored program's schedule."""
        self._require_driver()
        self._app.controller.start(now_ms)
        return self._state()

    def stop(self, now_ms, request_id):
        """Motor off, schedule ended. Always allowed."""
        self._app.controller.stop(now_ms)
        return self._state()

    def suspend(self, now_ms, request_id):
        """Motor off until resume."""
        self._app.controller.suspend(now_ms)
        return self._state()

    def resume(self, now_ms, request_id):
        """Goes on after suspend."""
        self._require_driver()
        self._app.controller.resume(now_ms)
        return self._state()

    def ack(self, now_ms, request_id):
        """Acknowledges all alarms; a fault whose cause is gone ends."""
        self._app.controller.acknowledge(now_ms)
        return self._state()

    def show(self, now_ms, request_id, pattern, for_s):
        """The indicator shows a pattern for a while, so that it can be looked at; while nothing moves."""
        if self._app.controller.state not in (STOPPED, FAULT):
            raise PumpError("bad_state", "stop the pump before its lamp is tested")
        self._app.show(pattern, now_ms + for_s * 1000)
        return (("pattern", pattern), ("for_s", for_s))

    def bolus(self, now_ms, request_id, volume_nl, over_s, confirm):
        """A bolus of this volume over this time, or with volume 0 the on-demand bolus of the program."""
        controller = self._app.controller
        if volume_nl and not over_s:
            raise PumpError("bad_value", "over_s must be at least 1")
        if volume_nl and controller.program:
            soft_nl = controller.program.soft_limits.max_bolus_nl
            if soft_nl and volume_nl > soft_nl and not confirm:
                raise PumpError("soft_limit", "above the soft max_bolus of %d nL: confirm to give it" % soft_nl)
        self._app.orders.bolus(now_ms, volume_nl, over_s, record.ACTOR_HOST, request_id)
        return self._state()

    def cancel(self, now_ms, request_id):
        """Ends the bolus under way; the basal rate goes on."""
        self._app.orders.cancel_bolus(now_ms)
        return self._state()

    def temp(self, now_ms, request_id, percent, rate_nl_per_h, for_s):
        """A percentage of the schedule, or with percent -1 an absolute rate, for a time; for_s 0 ends it."""
        self._app.orders.temporary_rate(now_ms, None if percent < 0 else percent, rate_nl_per_h, for_s)
        return self._state()

    def bridge(self, now_ms, request_id, volume_nl, over_s):
        """The volume of the line at the old dose's flow, in place of the schedule, after a change of fluid."""
        self._app.orders.temporary_rate(now_ms, None, volume_nl * 3600 // over_s, over_s, True)
        return self._state()

    def prime(self, now_ms, request_id, volume_nl):
        """Fills the line; an account of its own. Interrupts a bolus for good."""
        self._require_driver()
        self._app.orders.move(now_ms, PRIMING, volume_nl, request_id)
        return self._state()

    def withdraw(self, now_ms, request_id, volume_nl):
        """Runs the motor backwards; stopped only; an account of its own."""
        self._require_driver()
        self._app.orders.move(now_ms, WITHDRAWING, volume_nl, request_id)
        return self._state()

    def refill(self, now_ms, request_id, added_nl, withdrawn_nl):
        """The reservoir was filled; withdrawn_nl -1: it was not emptied before."""
        level_nl, difference_nl, is_off = self._app.orders.refill(
            now_ms, added_nl, None if withdrawn_nl < 0 else withdrawn_nl)
        return (("level_nl", level_nl), ("difference_nl", difference_nl), ("warning", is_off))

    def _require_driver(self):
        """PumpError where the motor's driver cannot be told its current and microsteps: it would make wrong steps."""
        if not self._app.board.driver.is_ready(self._app.controller.state != RUNNING):
            raise PumpError("bad_state", "the motor's driver does not answer: switch its supply on, then try again")

    def _state(self):
        return (("state", self._app.controller.state), ("steps", self._app.parts.delivery.ledger.dose_steps))

    def _staging(self, kind):
        if kind not in ("rig", "program"):
            raise PumpError("bad_value", "kind must be rig or program")
        return self._app.rig if kind == "rig" else self._app.program

    def _name(self, staging):
        return staging.document.name if staging.document else None

    def _used(self, now_ms, window_ms):
        parts = self._app.parts
        return parts.guard.used_nl(now_ms, window_ms, parts.delivery.ledger.upper_steps)
