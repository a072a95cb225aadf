"""What a request to a pump can end in, other than what was asked for. Owns the hints; knows no transport."""

from __future__ import annotations

from pumpctl.errors import HostError


class PumpRefused(HostError):  # noqa: N818 - it reads as what happened
    """The pump refused a request and has changed nothing; `code` is one of pump.errors.CODES."""

    exit_code = 1

    def __init__(self, code: str, message: str):
        super().__init__(f"the pump refused: {message}", _hint(code, message))
        self.code = code


class UncertainError(HostError):
    """No whole reply to a request that changes something: it may have been done, or not."""

    exit_code = 4


class NotReachedError(HostError):
    """The pump did not come into the state that was waited for."""

    exit_code = 1


class NotDoneError(HostError):
    """No reply came, and the pump's journal says that the request was not carried out."""

    exit_code = 3


class NoKeyError(HostError):
    """The pump wants a key that is not here, or not this one."""

    exit_code = 1


class IncompatibleError(HostError):
    """What answers makes no sense to this version of the host."""

    exit_code = 5


HINTS = {
    "bad_state": "see the state with: pumpctl status",
    "clock_not_set": "set it with: pumpctl clock set",
    "no_program": "send one with: pumpctl push FILE --rig RIG",
    "no_rig": "send one with: pumpctl push FILE --rig RIG",
    "limit": "ask for less, or correct the limits in the rig or program file",
    "soft_limit": "repeat it with --yes if that is what you want",
    "denied": "see lockout, boluses left and alarms with: pumpctl status",
    "no_session": "another program may have logged in at the same time: run it again; see pumpctl keys --help",
    "bad_key": "this pump has other keys: pumpctl keys import FILE; where they are lost, see pumpctl keys --help",
    "locked": "wait a minute; stop is allowed meanwhile: pumpctl stop",
    "empty": "fill it, then: pumpctl refill --added VOLUME",
    "digest": "send it again with: pumpctl push",
    "staging": "is another program sending at the same time? Then send again with: pumpctl push",
    "storage": "pull the journal while you can: pumpctl log pull --out DIR",
    "internal": "pull the journal with pumpctl log pull --out DIR and report it with the status",
}
# Of a denied bolus; the pump names the reason at the end of its message
DENIED_HINTS = {
    "busy": "one is under way: wait, or end it with pumpctl cancel",
    "lockout": "see how long it lasts with: pumpctl status",
    "daily_max": "see how many are left in 24 h with: pumpctl status",
    "limit": "ask for less, or wait; see the volumes of the last 1 h and 24 h with: pumpctl status",
    "alarm": "see which with pumpctl status; when its cause is gone: pumpctl ack",
    "not_configured": "the program has no on-demand bolus: say VOLUME and --over, or push a program that has one",
    "bad_state": "a bolus needs a running pump: pumpctl start",
    "bad_value": "ask for more than a step of the motor",
}


def _hint(code: str, message: str) -> str:
    """What to do after a refusal."""
    general = HINTS.get(code, "see: pumpctl status")
    return DENIED_HINTS.get(message.rpartition(": ")[2], general) if code == "denied" else general
