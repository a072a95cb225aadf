"""The scenarios whose flash operations are cut: what happens, and nothing of how it is judged."""

from pump.board import INPUT_LIMIT
from pump.journal import MAX_SEGMENTS, SEGMENT_RECORDS
from pumpsim.prover.documents import EVENING, MORNING, NIGHT, RIG, SLOWER_RIG, SMALL_RIG
from pumpsim.prover.stage import MINUTE_MS, START_UTC_MS, Stage

BEFORE_ROLL = 200             # records of the day before a segment is full; a multiple of 8


def fresh(stage):
    """A chip from the factory: formatting, first documents, first doses, a new program while it runs."""
    stage.push_rig(RIG)
    stage.push_program(MORNING)
    stage.set_clock(START_UTC_MS)
    stage.do("ack")
    stage.until("05:50")
    stage.do("start")
    stage.until("07:10")
    stage.do("bolus", volume_nl=0, over_s=0, confirm=0)
    stage.until("07:30")
    stage.push_program(EVENING)
    stage.until("08:30")


def day(stage):
    """From midnight to the next morning, with everything that can happen."""
    stage.push_rig(RIG)
    stage.push_program(MORNING)
    stage.set_clock(START_UTC_MS)
    stage.do("ack")
    stage.prime(500_000)
    stage.until("05:50")
    stage.do("start")
    _boluses(stage)
    _changes(stage)
    _interruptions(stage)
    stage.until("1 06:30")


def _boluses(stage):
    """On demand by the host and by button, denied, scheduled, by the host and suspended; a temporary rate."""
    stage.until("07:00")
    stage.do("bolus", volume_nl=0, over_s=0, confirm=0)
    stage.until("07:20")
    stage.click()                                    # within the lockout
    stage.until("08:20")
    stage.click()
    stage.until("09:10")
    stage.do("bolus", volume_nl=300_000, over_s=1800, confirm=0)
    stage.until("09:25")
    stage.do("suspend")
    stage.until("09:40")
    stage.do("resume")
    stage.do("bolus", volume_nl=500_000, over_s=60, confirm=0)         # 83 steps a second
    stage.until("10:00")
    stage.do("temp", percent=150, rate_nl_per_h=0, for_s=3600)


def _changes(stage):
    """A new program while running, the clock forward and back, a refill, a prime, new rigs while stopped."""
    stage.until("11:30")
    stage.push_program(EVENING)
    stage.until("12:50")
    stage.move_clock(3)
    stage.until("13:10")
    stage.do("bolus", volume_nl=0, over_s=0, confirm=0)
    stage.until("13:11")
    stage.move_clock(-30)
    stage.until("13:30")
    stage.move_clock(27)
    stage.until("14:00")
    stage.refill(1_500_000)
    stage.until("14:20")
    stage.prime(200_000)
    stage.until("15:30")
    stage.do("stop")
    stage.push_rig(SLOWER_RIG)
    stage.push_rig(SMALL_RIG, program_fits=False)
    stage.push_rig(RIG)
    stage.push_program(NIGHT)
    stage.withdraw(100_000)
    stage.prime(300_000)
    stage.do("start")


def _interruptions(stage):
    """Alarms that end a bolus or latch a fault, and a power cut in the middle of a bolus."""
    stage.until("17:00")
    stage.refused("bad_state", "start")
    stage.do("bolus", volume_nl=200_000, over_s=3600, confirm=0)
    stage.until("17:10")
    stage.supply(2_900)
    stage.until("17:20")
    stage.supply(5_000)
    stage.do("ack")
    stage.until("18:00")
    stage.do("bolus", volume_nl=200_000, over_s=1200, confirm=0)
    stage.until("18:04")
    stage.power_cycle(7 * MINUTE_MS)
    stage.until("19:40")
    stage.do("bolus", volume_nl=0, over_s=0, confirm=0)
    stage.until("21:30")
    stage.inputs(INPUT_LIMIT)
    stage.inputs(0)
    stage.until("21:45")
    stage.do("ack")
    stage.do("start")


# Name: (story, records in the journal before it). The oldest of 11 segments is dropped in the last one
SCENARIOS = {
    "fresh": (fresh, 0),
    "day": (day, SEGMENT_RECORDS - BEFORE_ROLL),
    "full": (day, MAX_SEGMENTS * SEGMENT_RECORDS - BEFORE_ROLL),
}


def played(name):
    """The stage after the scenario of this name; KeyError for none."""
    story, prefilled = SCENARIOS[name]
    stage = Stage(prefilled)
    story(stage)
    return stage
