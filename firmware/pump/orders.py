"""Orders: what an operator may ask for beyond start and stop: boluses, temporary rates, primes, withdrawals, refills.

Judges each order and has it carried out by the run, the transfer or the reservoir; owns no state of its own and
changes the pump's only through the controller. PumpError: refused, and nothing has moved.
"""

from pump import record
from pump.basal import Temporary
from pump.bolus import CANCELLED, HOST, ON_DEMAND, Bolus
from pump.boluses import BAD_STATE, DENIALS
from pump.errors import PumpError
from pump.readiness import require, require_rig
from pump.run import CHECKED_SLACK_STEPS
from pump.states import PRIMING, RUNNING, STOPPED, SUSPENDED, WITHDRAWING

NO_PERCENT = 65535            # in a record: the rate is absolute
NOT_MEASURED = (1 << 64) - 1  # in a record: a refill without emptying first


class Orders:
    def __init__(self, controller, parts):
        self._controller = controller
        self._chronicle = parts.chronicle
        self._reservoir = parts.reservoir
        self._ledger = parts.delivery.ledger
        self._run = parts.run
        self._transfer = parts.transfer

    def bolus(self, now_ms, volume_nl, over_s, actor, request_id):
        """A bolus of the host's volume, or with 0 the program's on-demand bolus. PumpError: denied, and logged."""
        controller = self._controller
        kind = HOST if volume_nl else ON_DEMAND
        if kind == ON_DEMAND and controller.program and controller.program.on_demand:
            volume_nl, over_s = controller.program.on_demand[:2]
        ratio = controller.rig.ratio if controller.rig else None
        if controller.state != RUNNING or ratio is None:
            if ratio is not None:
                denied = Bolus(kind, volume_nl, over_s * 1000, ratio)
                self._run.write_denied(now_ms, denied, actor, BAD_STATE, request_id)
            raise PumpError("bad_state", "the pump is %s; a bolus needs it running" % controller.state)
        denial = self._run.request(now_ms, Bolus(kind, volume_nl, over_s * 1000, ratio), actor, request_id)
        if denial:
            raise PumpError("denied", "the bolus was denied: " + DENIALS[denial])

    def cancel_bolus(self, now_ms):
        """Ends the bolus under way for good; the basal rate goes on."""
        if self._controller.state != RUNNING or self._run.bolus is None:
            raise PumpError("bad_state", "no bolus is under way")
        self._run.cancel_bolus(now_ms, CANCELLED, record.ACTOR_HOST)

    def temporary_rate(self, now_ms, percent, rate_nl_per_h, for_s, is_bridge=False):
        """A percentage of the schedule (None: an absolute rate) for a time; 0 s ends one that runs."""
        run = self._run
        require(self._controller, RUNNING)
        temporary = None
        if for_s:
            if percent is None and rate_nl_per_h > run.limits.max_rate_nl_per_h:
                raise PumpError("limit", "above max_rate, %d nL/h" % run.limits.max_rate_nl_per_h)
            temporary = Temporary(now_ms + for_s * 1000, percent, rate_nl_per_h)
            name = run.exceeded_by(now_ms, temporary.end_ms, run.bolus, temporary)
            if not name and percent is None:            # above the schedule, later below it: it may end in between
                name = run.exceeded_by(now_ms, temporary.end_ms, run.bolus, temporary.at_most(), CHECKED_SLACK_STEPS)
            if name:
                raise PumpError("limit", "this would exceed %s" % name)
        run.pause(now_ms)
        run.temporary = temporary
        self._chronicle.note(now_ms, record.EVENT_TEMPORARY, record.ACTOR_HOST, 1 if is_bridge else 0, record.TEMPORARY,
                             NO_PERCENT if percent is None else percent, rate_nl_per_h, for_s)
        run.begin(now_ms, record.EVENT_RATE, record.ACTOR_HOST)

    def move(self, now_ms, kind, volume_nl, request_id):
        """A prime (stopped, suspended or running) or a withdrawal (stopped only). A bolus is interrupted for good."""
        controller = self._controller
        states = (STOPPED, SUSPENDED, RUNNING) if kind == PRIMING else (STOPPED,)
        if controller.state not in states:
            raise PumpError("bad_state", "the pump is %s" % controller.state)
        rig = require_rig(controller)
        self._transfer.check(volume_nl, rig)
        room_nl = rig.reservoir_nl - controller.level_nl()
        if kind == WITHDRAWING and volume_nl > room_nl:
            raise PumpError("limit", "the reservoir has room for %d nL" % max(0, room_nl))
        controller.begin_transfer(now_ms, kind, volume_nl, request_id)

    def refill(self, now_ms, added_nl, withdrawn_nl):
        """(level after in nL, withdrawn less expected in nL, whether they are more than 5 % apart)."""
        rig = require_rig(self._controller)
        if self._controller.state == WITHDRAWING:       # what it has yet to bring back would not find room
            raise PumpError("bad_state", "the pump is withdrawing")
        room_nl = rig.reservoir_nl - (self._controller.level_nl() if withdrawn_nl is None else 0)
        if added_nl > room_nl:
            raise PumpError("limit", "the reservoir has room for %d nL; where it was emptied first, say what was "
                            "withdrawn" % max(0, room_nl))
        found = self._reservoir.refill(added_nl, withdrawn_nl, self._ledger.out_steps, rig.ratio)
        self._chronicle.note(now_ms, record.EVENT_REFILL, record.ACTOR_HOST, 1 if found[2] else 0, record.REFILL,
                             added_nl, NOT_MEASURED if withdrawn_nl is None else withdrawn_nl, found[0])
        self._controller.refilled(now_ms)
        return found
