"""One case told at length: what the pump was doing, what the cut did, what was found. For people."""

from pump import record
from pumpsim.prover.case import WAY_NAMES
from pumpsim.prover.run import image_before, stage_of

RECORDS_SHOWN = 6


def retold(case):
    """(lines, findings) of a case; ValueError where its scenario has no such operation."""
    image = image_before(case)
    stage = stage_of(case.scenario)
    moment = stage.witness.moments[case.operation]
    known = moment.known
    story, findings = case.run(stage, image)
    lines = [f"{case}: scenario {case.scenario}, operation {case.operation} of {len(stage.chip.operations)}, "
             f"{WAY_NAMES[case.way]}",
             f"at {moment.now_ms / 3_600_000:.4f} h; steps of doses, primes, withdrawals {moment.steps}, when the "
             f"operation is over {moment.later_steps}",
             f"records before {known.durable_seq} are written, before {known.told_seq} pulled, before "
             f"{known.begun_seq} begun; the newest:"]
    lines += [f"  {_described(raw)}" for raw in stage.witness.records[:known.begun_seq][-RECORDS_SHOWN:]]
    lines.append(story)
    lines += [f"{kind}: {text}" for kind, text in findings] or ["nothing wrong"]
    return lines, findings


def _described(raw):
    head = record.header(raw)
    text = f"{head[0]} {record.EVENT_NAMES[head[7]]} by {record.ACTOR_NAMES[head[8]]}, UTC {head[1]}.{head[3]:03d}"
    if head[7] in record.DOSE_EVENTS:
        confirmed, _, ahead, rate, _ = record.data_of(raw, record.DOSE)
        text += f": {confirmed} steps confirmed, {ahead} ahead, {rate} nL/h"
    return text
