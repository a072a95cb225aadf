"""Readiness: what has to be there before something is done. Each lack is a refusal that says what to do about it."""

from pump.errors import PumpError


def require(controller, state):
    """PumpError where the pump is in another state."""
    if controller.state != state:
        raise PumpError("bad_state", "the pump is %s; this needs it %s" % (controller.state, state))


def require_rig(controller):
    """The rig; PumpError where there is none."""
    if controller.rig is None:
        raise PumpError("no_rig", "no valid rig is stored: push one")
    return controller.rig


def require_all(controller, clock):
    """PumpError where anything is missing that a schedule needs to be followed."""
    require_rig(controller)
    if controller.program is None:
        raise PumpError("no_program", "no valid program is stored: push one")
    if not clock.is_set:
        raise PumpError("clock_not_set", "the clock is not set: set it first")
    if not controller.level_nl():
        raise PumpError("empty", "the reservoir is empty by the count: refill it")
