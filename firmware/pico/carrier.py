"""The carrier: DMA that moves words for ever without the interpreter. Knows no pump."""

import rp2

TRANSFERS = 0xFFFFFFFF                 # a channel's longest run; it hands over to the other then


def carry(source, target, treq, transfers=TRANSFERS):
    """One word from source to target, each an address or a state machine, whenever the request `treq` is there.

    Returns the two channels that do it; they start each other, so the chain never ends.
    """
    both = (rp2.DMA(), rp2.DMA())
    for own, other in ((0, 1), (1, 0)):
        dma = both[own]
        ctrl = dma.pack_ctrl(
            size=2, inc_read=False, inc_write=False, treq_sel=treq, irq_quiet=True, high_pri=True,
            chain_to=both[other].channel)  # pyright: ignore[reportAttributeAccessIssue] (not in the stubs)
        dma.config(read=source, write=target, count=transfers, ctrl=ctrl)
    both[0].active(1)
    return both
