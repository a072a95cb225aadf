"""The loss of power in the middle of a flash operation: how it reaches the simulation through the firmware."""


class PowerCut(BaseException):
    """Raised by the storage, past the firmware, which handles Exception only: to it, the world just ends here."""
