"""A transfer: a prime or a withdrawal, outside the schedule and in accounts of their own (D-06, D-09). Owns the one
under way; knows no state machine but where to go back to.
"""

from pump import record
from pump.errors import PumpError
from pump.ledger import PRIME, WITHDRAWAL

SETTLE_MS = 250
INTERRUPTED = 4               # phases of the record
UNCERTAIN = 5                 # a power loss cut it off
KINDS = ("priming", "withdrawing")     # the record's high nibble of `code` is the index + 1


class Transfer:
    def __init__(self, delivery, chronicle):
        self._delivery = delivery
        self._chronicle = chronicle
        self.back_to = None
        self.is_under_way = False
        self._kind = None
        self._volume_nl = 0
        self._steps = 0
        self._end_ms = 0
        self._request_id = 0

    def check(self, volume_nl, rig):
        """PumpError where a prime or withdrawal of this volume is more than the rig allows, or less than a step."""
        if volume_nl > rig.max_prime_nl:
            raise PumpError("limit", "at most %d nL at once" % rig.max_prime_nl)
        if not rig.ratio.steps_of_nl(volume_nl):
            raise PumpError("bad_value", "less than one step")

    def begin(self, now_ms, kind, volume_nl, rig, request_id, back_to):
        """Authorises the whole volume in the journal, then moves."""
        self._kind = kind
        self._volume_nl = volume_nl
        self._request_id = request_id
        self.back_to = back_to
        self.is_under_way = True
        self._steps = rig.ratio.steps_of_nl(volume_nl)
        account = PRIME if kind == KINDS[0] else WITHDRAWAL
        self._write(now_ms, 0, 0)
        self._end_ms = self._delivery.begin_transfer(now_ms, account, self._steps, rig.prime_nl_per_h)

    def advance(self, now_ms):
        """Feeds the motor; returns the ms of the next need, or None when it is over."""
        feed_ms = self._delivery.feed(now_ms)
        if now_ms < self._end_ms:
            return self._end_ms if feed_ms is None else min(feed_ms, self._end_ms)
        done = self._delivery.ledger.count() >= self._delivery.transfer_steps
        return None if done or now_ms >= self._end_ms + SETTLE_MS else now_ms + 1

    def end(self, now_ms, outcome):
        """Halts and writes what was moved; returns the steps missed. outcome 0: by itself."""
        missed = self._delivery.end_transfer()
        self.is_under_way = False
        self._write(now_ms, outcome + 1, self._steps - missed)
        return missed

    def _write(self, now_ms, phase, moved_steps):
        self._chronicle.note(now_ms, record.EVENT_TRANSFER, record.ACTOR_HOST,
                             (KINDS.index(self._kind) + 1) * 16 + phase, record.TRANSFER, self._volume_nl, self._steps,
                             moved_steps, self._request_id)
