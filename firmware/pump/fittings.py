"""The rig that a board comes up with: read from the storage before there is a pump. What is fitted follows from it."""

from pump.rig import SIZE_MAX, Rig
from pump.staging import Staging


def stored_rig(storage):
    """The stored rig; None where none is stored, valid or readable."""
    try:
        return Staging(storage, "rig", SIZE_MAX, Rig).load()
    except OSError:                     # the pump will say so; the board comes up all the same
        return None
