"""How the pump stands after a record: its status, its journal and the edges there were agree (D-03, J-02, H-03)."""

from pump import record
from pump.alarms import STORAGE_FAULT, TABLE
from pump.ledger import WITHDRAWAL
from pump.transfer import UNCERTAIN

STATES = {record.EVENT_START: "running", record.EVENT_RESUME: "running", record.EVENT_RATE: "running",
          record.EVENT_DAY: "running", record.EVENT_CHECKPOINT: "running", record.EVENT_STOP: "stopped",
          record.EVENT_SUSPEND: "suspended", record.EVENT_FAULT: "fault", record.EVENT_ACK: "stopped"}
STORAGE = TABLE[STORAGE_FAULT][0]                       # at which nobody could write the state
MOVES = {1: "priming", 2: "withdrawing"}                # by a transfer's kind, where its phase is 0


class Standing:
    def __init__(self, motor):
        self._motor = motor
        self._dose = None             # of the last dose record
        self._state = None            # after the last record that says one
        self._lost_steps = 0          # of withdrawals that a power loss cut off: in their records only

    def take(self, event):
        if event.number in record.DOSE_EVENTS:
            self._dose = event.data(record.DOSE)
        if event.number in STATES and not (event.number == record.EVENT_STOP and _lasts(event)):
            self._state = STATES[event.number]
        elif event.number == record.EVENT_TRANSFER:
            self._state = None if event.code & 15 else MOVES[event.code >> 4]
            self._lost_steps += lost_steps(event.raw)
        elif event.number == record.EVENT_BOOT:
            self._state = None
        return ()

    def look(self, pump, status):
        """After the records of a poll have been taken; yields what is wrong."""
        if self._state and status["state"] != self._state and STORAGE not in status["alarms"]:
            yield "the state is the journal's", f"{status['state']}, the journal has {self._state}"
        self._state = None
        rig, ledger = pump.app.rig.document, pump.app.parts.delivery.ledger
        if status["next_seq"] != pump.app.journal.next_seq:
            yield "the status counts the journal's records", f"{status['next_seq']}, {pump.app.journal.next_seq}"
        yield from self._steps(status, ledger)
        if rig is not None:
            yield from self._volumes(status, ledger, rig)
        if status["state"] != "running" and (status["rate_nl_per_h"] or status["temporary"] or status["bolus"]):
            yield "nothing is given while not running", f"{status['state']} with {status['rate_nl_per_h']} nL/h"

    def _steps(self, status, ledger):
        if self._dose:
            confirmed, ahead = self._dose[0], self._dose[2]
            if not confirmed <= status["steps"] <= confirmed + ahead + self._motor.slack_steps:
                yield ("every dose step is authorised before it is made",
                       f"{status['steps']} steps, in the journal {confirmed} and {ahead} more")
        least = ledger.counted_steps - self._motor.slack_steps
        most = (ledger.counted_steps + self._motor.slack_steps + ledger.uncertain_steps + ledger.uncertain_prime_steps
                + self._lost_steps)
        if not least <= self._motor.made <= most:
            yield ("confirmed and uncertain cover the steps at every record",
                   f"{self._motor.made} edges on the step pin; the pump says {least} to {most}")

    def _volumes(self, status, ledger, rig):
        """To the nanolitre: delivered rounds down, uncertain up."""
        pl, steps_per_rev = rig.pl_per_rev, rig.steps_per_rev
        for name, steps, up in (("delivered_nl", ledger.dose_steps, 0), ("prime_nl", ledger.prime_steps, 0),
                                ("withdrawn_nl", ledger.withdrawn_steps, 0),
                                ("uncertain_nl", ledger.uncertain_steps, 1)):
            wanted = -(-steps * pl // (steps_per_rev * 1000)) if up else steps * pl // (steps_per_rev * 1000)
            if status[name] != wanted:
                yield "the status is the account in nL", f"{name} {status[name]}, the account has {wanted}"
        if not 0 <= status["reservoir_nl"] <= rig.reservoir_nl:
            yield "the reservoir's level is between empty and full", f"{status['reservoir_nl']} nL"
        if status["rate_nl_per_h"] > rig.limits.max_rate_nl_per_h:
            yield "no rate is above max_rate", f"the status has {status['rate_nl_per_h']} nL/h"


def _lasts(event):
    """A stop is logged at fault too, which lasts; and of the pump's own it is no more than the end of waiting for the
    clock after a reset: what an operator primes or withdraws meanwhile goes on."""
    state = event.pump.state
    return state == "fault" or (event.actor == record.ACTOR_PUMP and state in MOVES.values())


def lost_steps(raw):
    """Of a record: steps of a withdrawal that a power loss cut off, 0 of any other. No account holds them, for what may
    have come back must not be counted on (D-09)."""
    head = record.header(raw)
    if head[7] != record.EVENT_TRANSFER or head[10] != WITHDRAWAL * 16 + UNCERTAIN:
        return 0
    return record.data_of(raw, record.TRANSFER)[1]
