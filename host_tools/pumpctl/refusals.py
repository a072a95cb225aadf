"""What a request to a pump can end in, other than what was asked for. Owns the hints; knows no transport."""

from __future__ import annotations

from pumpctl.errors import HostError


class PumpRefused(HostError):  # noqa: N818 - it reads as what happened
    """The pump refused a request and has changed nothing; `code` is one of pump.errors.CODES."""

    exit_code = 1

    def __init__(self, code: str, message: str):
        super().__init__(f"the pump refused: {message}", HINTS.get(code, "see: pumpctl status"))
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
