"""A cut: a chip as the power left it, and what is known of the time before. Owns which operation, and how it was torn.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pumpsim.prover.documents import NL_PER_STEP, out_nl
from pumpsim.prover.plant import DOSE
from pumpsim.prover.witness import Known

# Ways to cut: what became of the operation
NOT_DONE = "n"
DONE = "d"
TORN = "t"
TWICE = "r"                   # torn, and the power goes once more while the pump recovers


@dataclass(frozen=True)
class Cut:
    """Pairs are (least, most): the motor goes on while an operation lasts."""

    image: bytearray
    ms: int
    rtc_offset_ms: int | None
    known: Known
    records: list
    written_ms: list
    doses: tuple[int, int]
    primes: tuple[int, int]
    withdrawn: tuple[int, int]
    levels: tuple                 # nL that the reservoir may hold
    doses_at: Callable            # dose steps made until an instant, in ms
    story: str                    # what happened to the operation


def torn(image, operation, way, dice):
    """Lets the operation of a cut happen to `image` as far as it does; says in words what happened."""
    if way == DONE:
        operation.apply(image)
        return f"{operation}: done"
    if way == NOT_DONE:
        return f"{operation}: not done"
    return f"{operation}: {operation.tear(image, dice)}"


def cut_of_stage(stage, image, at, way, dice):
    """The cut at operation `at` of a played stage; `image`: the chip before it, changed here."""
    moment, plant, witness = stage.witness.moments[at], stage.plant, stage.witness
    story = torn(image, stage.chip.operations[at], way, dice)
    later = moment.steps if way == NOT_DONE else moment.later_steps
    doses, primes, withdrawn = zip(moment.steps, later)
    levels = tuple(level + before - out_nl(later) for level, before in moment.known.levels)
    return Cut(image, moment.now_ms, moment.rtc_offset_ms, moment.known, _records(witness, moment.known),
               witness.written_ms, doses, primes, withdrawn, levels,
               lambda ms: plant.split(plant.edges_at(ms))[DOSE] if ms < moment.now_ms else doses[1], story)


def cut_of_recovery(cut, recovery, image, at, dice):
    """The second cut, at operation `at` of the recovery from a first one; `image`: the chip before it."""
    moment, plant, witness = recovery.witness.moments[at], recovery.plant, recovery.witness
    story = torn(image, recovery.chip.operations[at], TORN, dice)
    low, high = moment.steps[DOSE], moment.later_steps[DOSE]

    def doses_at(ms):
        if ms < cut.ms:
            return cut.doses_at(ms)
        return cut.doses[1] + (plant.edges_at(ms) if ms < moment.now_ms else high)

    return Cut(image, moment.now_ms, moment.rtc_offset_ms, moment.known, _records(witness, moment.known),
               witness.written_ms, (cut.doses[0] + low, cut.doses[1] + high), cut.primes, cut.withdrawn,
               tuple(level - steps * NL_PER_STEP for level in cut.levels for steps in (low, high)),
               doses_at, f"{cut.story}; then {story}")


def _records(witness, known):
    return witness.records[:max(known.begun_seq, known.told_seq)]
