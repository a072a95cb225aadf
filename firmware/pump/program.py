"""The program: what to deliver. Owns the program document's fields and ranges; knows no rig."""

from pump.document import Reader, parse
from pump.errors import PumpError
from pump.limits import HIGHEST, read_limits
from pump.schedule import FIELDS, LocalSchedule, Schedule
from pump.zone import MINUTES_PER_DAY, Zone

VERSION = 1
SIZE_MAX = 16384              # bytes of the document
CODE = "bad_program"
SEGMENTS_MAX = 96             # a day plan; 48 are required (T-01)
RATE_MAX = 1000000000         # nL/h; with it every product of the planner stays far inside 2**100
OFFSET_MAX_MIN = 1080         # 18 h east or west: more than any zone there is
CHANGES_MAX = 128             # of the UTC offset: 64 years of daylight saving
BOLUSES_MAX = 16
DAY_S = 86400
ENDS_MAX_S = 10 * 366 * DAY_S

_VOLUME = (1, HIGHEST)
# minute of the day, weekday mask (Monday 1 ... Sunday 64), volume nL, over s, latest start in minutes late (0: skip)
_BOLUS = ((0, MINUTES_PER_DAY - 1), (1, 127), _VOLUME, (1, DAY_S), (0, MINUTES_PER_DAY))
# volume nL, over s, every s: B-05 wants every > over
_PERIODIC = (_VOLUME, (1, DAY_S), (60, 7 * DAY_S))
# volume nL, over s, lockout s from start to start, most per rolling 24 h
_ON_DEMAND = (_VOLUME, (1, DAY_S), (1, DAY_S), (1, 96))


class Program:
    """Raises PumpError("bad_program") where the document is not one. Volumes in nL, rates in nL/h, times in s."""

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
        self.plans = take.items("plans", 1, 7)
        for plan in self.plans:
            _check_plan(plan)
        if len(self.days) != 7 or not all(0 <= day < len(self.plans) for day in self.days):
            take.refuse("days", "seven numbers of plans, Monday first")
        self.schedule = LocalSchedule(Schedule(self.days, self.plans), zone)
        self._read_boluses(take)
        self.limits = read_limits(take.section("limits"))
        self.soft_limits = read_limits(take.section("soft_limits"))
        ends = take.section("ends")
        self.ends_after_s = ends.integer("after_s", 0, ENDS_MAX_S)         # 0: no end
        self.ends_volume_nl = ends.integer("volume_nl", 0, HIGHEST)
        ends.done()
        self.low_nl = take.integer("low_nl", 0, HIGHEST)
        self.minimum_nl_per_h = take.integer("minimum_nl_per_h", 0, RATE_MAX)
        self.resume = take.flag("resume", ("stopped", "basal"))
        take.done()

    def _read_boluses(self, take):
        self.boluses = take.items("boluses", 0, BOLUSES_MAX)
        for bolus in self.boluses:
            take.check_record("boluses", bolus, _BOLUS)
        self.periodic = take.record("periodic", _PERIODIC)
        if self.periodic and self.periodic[2] <= self.periodic[1]:
            take.refuse("periodic", "further apart than one lasts (B-05)")
        self.on_demand = take.record("on_demand", _ON_DEMAND)
        if self.on_demand and self.on_demand[2] < self.on_demand[1]:
            take.refuse("on_demand", "locked out for at least as long as one lasts (B-05)")

    def appointments(self):
        """(minute of the day, weekday mask) of each scheduled bolus."""
        return [(bolus[0], bolus[1]) for bolus in self.boluses]


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
    if not isinstance(plan, list) or len(plan) % FIELDS or not FIELDS <= len(plan) <= FIELDS * SEGMENTS_MAX:
        raise PumpError(CODE, "a day plan must be 1 to %d times minute, rate, end rate" % SEGMENTS_MAX)
    last = -1
    for at in range(0, len(plan), FIELDS):
        minute = plan[at]
        if type(minute) is not int or not last < minute < MINUTES_PER_DAY:
            raise PumpError(CODE, "minutes of a day plan must ascend from 0 to 1439")
        for rate in plan[at + 1:at + FIELDS]:
            if type(rate) is not int or not 0 <= rate <= RATE_MAX:
                raise PumpError(CODE, "a rate must be an integer from 0 to %d nL/h" % RATE_MAX)
        last = minute
    if plan[0] != 0:
        raise PumpError(CODE, "a day plan must begin at minute 0")
