"""The run: all cases, or some spread over them, on all cores. Every process plays a scenario once and keeps it."""

import os
import random
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache

from pumpsim.prover.case import cases_of
from pumpsim.prover.judge import BOOT
from pumpsim.prover.scenario import SCENARIOS, played
from pumpsim.prover.verdict import Verdict

CHUNK = 40                    # cases handed to a process at once


class ScenarioError(Exception):
    """A scenario does not come to its end; the text says where."""


@lru_cache(maxsize=1)
def stage_of(name):
    """The played scenario, the same one for all its cases; ScenarioError where the firmware refuses it."""
    try:
        return played(name)
    except Exception as error:
        raise ScenarioError(f"the scenario {name} cannot be played: {error!r}")


def all_cases(names=tuple(SCENARIOS)):
    """Every case of the scenarios, in order."""
    return [case for name in names for at in range(len(stage_of(name).chip.operations)) for case in cases_of(name, at)]


def spread(cases, count):
    """`count` of the cases, the same on every run."""
    return [cases[at] for at in sorted(random.Random(count).sample(range(len(cases)), min(count, len(cases))))]


def image_before(case):
    """The chip before the operation of a case; ValueError where the scenario has no such operation."""
    stage = stage_of(case.scenario)
    operations = stage.chip.operations
    if case.operation >= len(operations):
        raise ValueError(f"the scenario {case.scenario} has {len(operations)} operations; {case} is beyond them")
    image = bytearray(stage.first_image)
    for operation in operations[:case.operation]:
        operation.apply(image)
    return image


def run_cases(cases):
    """The verdict on cases of one scenario, in order of their operations."""
    verdict = Verdict()
    stage = stage_of(cases[0].scenario)
    image, at = image_before(cases[0]), cases[0].operation
    for case in cases:
        while at < case.operation:
            stage.chip.operations[at].apply(image)
            at += 1
        verdict.take(case, findings_of(case, stage, bytearray(image)))
    return verdict


def findings_of(case, stage, image):
    """What is wrong after a case, whatever the firmware does."""
    try:
        return case.run(stage, image)[1]
    except Exception as error:
        return [(BOOT, f"the case ends with {error!r}")]


def prove(cases, jobs=None, on_progress=lambda done: None):
    """The verdict on all `cases`; jobs: processes, by default one a core. Calls on_progress(cases done)."""
    chunks = _chunks(cases)
    verdict = Verdict()
    if jobs == 1:
        for chunk in chunks:
            verdict.add(run_cases(chunk))
            on_progress(verdict.cuts)
        return verdict
    with ProcessPoolExecutor(jobs or os.cpu_count()) as pool:
        for future in as_completed([pool.submit(run_cases, chunk) for chunk in chunks]):
            verdict.add(future.result())
            on_progress(verdict.cuts)
    verdict.failed.sort()
    return verdict


def _chunks(cases):
    """In order, none with two scenarios."""
    chunks = []
    for case in cases:
        if not chunks or len(chunks[-1]) == CHUNK or chunks[-1][0].scenario != case.scenario:
            chunks.append([])
        chunks[-1].append(case)
    return chunks
