"""The program: what to deliver. Owns the program document's fields and ranges; knows no rig and no limits."""

from pump.document import Reader, parse
from pump.errors import PumpError
from pump.schedule import LocalSchedule, Schedule
from pump.zone import MINUTES_PER_DAY, Zone

VERSION = 1
SIZE_MAX = 16384              # bytes of the document
CODE = "bad_program"
SEGMENTS_MAX = 96             # a day plan; 48 are required (T-01)
RATE_MAX = 1000000000         # nL/h; with it every product of the planner stays far inside 2**90
OFFSET_MAX_MIN = 1080         # 18 h east or west: more than any zone there is
CHANGES_MAX = 128             # of the UTC offset: 64 years of daylight saving


class Program:
    """Raises PumpError("bad_program") where the document is not one."""

    def __init__(self, body):
        take = Reader(parse(body, CODE), CODE, "program")
        take.integer("v", VERSION, VERSION)
        self.name = take.text("name")
        fluid = take.section("fluid")
        self.fluid = fluid.text("name")
        self.ng_per_ml = fluid.integer("ng_per_ml", 0, 1000000000000)      # 0: no concentration given
        fluid.done()
        self.zone_name, zone = _zone(take.section("zone"))
        self.days = take.integers("days", 7)
        self.plans = take.items("plans", 7)
        take.done()
        for plan in self.plans:
            _check_plan(plan)
        if len(self.days) != 7 or not all(0 <= day < len(self.plans) for day in self.days):
            take.refuse("days", "seven numbers of plans, Monday first")
        self.schedule = LocalSchedule(Schedule(self.days, self.plans), zone)


def _zone(take):
    name = take.text("name")
    first = take.integer("first_offset_min", -OFFSET_MAX_MIN, OFFSET_MAX_MIN)
    changes = take.integers("changes", 2 * CHANGES_MAX)
    take.done()
    for at in range(0, len(changes) - 1, 2):
        if at and changes[at] <= changes[at - 2]:
            take.refuse("changes", "ascending")
        if not -OFFSET_MAX_MIN <= changes[at + 1] <= OFFSET_MAX_MIN:
            take.refuse("changes", "offsets of at most 18 hours")
    if len(changes) % 2 or (changes and not 0 <= changes[0] <= changes[-2] < 1 << 30):
        take.refuse("changes", "pairs of UTC minute and offset")
    return name, Zone(first, changes)


def _check_plan(plan):
    if not isinstance(plan, list) or len(plan) % 2 or not 2 <= len(plan) <= 2 * SEGMENTS_MAX:
        raise PumpError(CODE, "a day plan must be 1 to %d pairs of minute and rate" % SEGMENTS_MAX)
    last = -1
    for at in range(0, len(plan), 2):
        minute, rate = plan[at], plan[at + 1]
        if type(minute) is not int or not last < minute < MINUTES_PER_DAY:
            raise PumpError(CODE, "minutes of a day plan must ascend from 0 to 1439")
        if type(rate) is not int or not 0 <= rate <= RATE_MAX:
            raise PumpError(CODE, "a rate must be an integer from 0 to %d nL/h" % RATE_MAX)
        last = minute
    if plan[0] != 0:
        raise PumpError(CODE, "a day plan must begin at minute 0")
