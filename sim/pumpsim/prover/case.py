"""A case: one cut of one operation of one scenario, told by its id alone: "day-123-t7". Owns the dice of a case."""

import random
import re
from dataclasses import dataclass

from pumpsim.prover.cut import DONE, NOT_DONE, TORN, TWICE, cut_of_recovery, cut_of_stage
from pumpsim.prover.recovery import Recovery
from pumpsim.prover.schedule import DAY_MS, HOUR_MS, MINUTE_MS

# Ways to cut each operation, and how often; even numbers have a battery-backed clock
WAYS = {NOT_DONE: 2, DONE: 2, TORN: 10, TWICE: 4}
WAY_NAMES = {NOT_DONE: "not done", DONE: "done, then cut", TORN: "torn", TWICE: "torn, and cut again"}
OFF_MS = (0, 1500, 90_000, 47 * MINUTE_MS, 5 * HOUR_MS, DAY_MS + HOUR_MS)


@dataclass(frozen=True)
class Case:
    scenario: str
    operation: int
    way: str
    number: int

    def __str__(self):
        return f"{self.scenario}-{self.operation}-{self.way}{self.number}"

    def run(self, stage, image):
        """Cuts, boots and judges. `image`: the chip before the operation, changed here. Returns (story, findings)."""
        dice = random.Random(str(self))
        first_way = TORN if self.way == TWICE else self.way
        cut = cut_of_stage(stage, image, self.operation, first_way, dice)
        has_rtc = self.number % 2 == 0 or self.way == TWICE
        off_ms = dice.choice(OFF_MS)
        recovery = Recovery(cut, off_ms, has_rtc, self.number == 0)
        before = bytes(cut.image) if self.way == TWICE else None
        recovery.judge()
        story = f"{cut.story}; off for {off_ms} ms, {'with' if has_rtc else 'without'} a battery-backed clock"
        if self.way != TWICE or recovery.findings or not recovery.chip.operations:
            return story, recovery.findings
        at = dice.randrange(len(recovery.chip.operations))
        image = bytearray(before)
        for operation in recovery.chip.operations[:at]:
            operation.apply(image)
        second = cut_of_recovery(cut, recovery, image, at, dice)
        off_ms = dice.choice(OFF_MS[:3])
        again = Recovery(second, off_ms, True, self.number == 0)
        again.judge()
        return f"{story}; operation {at} of the recovery: {second.story}; off for {off_ms} ms", again.findings


def cases_of(scenario, operation):
    """All cases of one operation."""
    return [Case(scenario, operation, way, number) for way, count in WAYS.items() for number in range(count)]


def case_of(text, scenarios):
    """The case of an id; ValueError for anything else."""
    match = re.fullmatch(r"([a-z]+)-(\d+)-([ndtr])(\d+)", text)
    if not match or match[1] not in scenarios:
        raise ValueError(f"{text!r} is no case; an id looks like day-123-t7, and prove prints those that fail")
    return Case(match[1], int(match[2]), match[3], int(match[4]))
