"""When something is to happen: a state, an alarm, a volume, a flash operation, a command, a pressure. Changes nothing.

`condition(state="running")` and the like. Counts begin when the condition is watched for.
"""

from pump import alarms


class Condition:
    """`begin(pump)` is called once, `holds(pump)` after every poll; `next_ms`: when to look before `until_ms`."""

    def begin(self, pump):
        """Notes where it starts from. ValueError, with what to do, where the pump can never come to it."""

    def holds(self, pump):
        raise NotImplementedError

    def next_ms(self, pump, until_ms):
        return until_ms


class InState(Condition):
    STATES = ("stopped", "running", "suspended", "priming", "withdrawing", "fault", "off")

    def __init__(self, state):
        if state not in self.STATES:
            raise ValueError(f"{state!r} is no state; it must be one of {', '.join(self.STATES)}")
        self._state = state

    def holds(self, pump):
        return pump.state == self._state


class Alarm(Condition):
    NAMES = tuple(name for name, *_ in alarms.TABLE if name)

    def __init__(self, name):
        if name not in self.NAMES:
            raise ValueError(f"{name!r} is no alarm; it must be one of {', '.join(self.NAMES)}")
        self._name = name

    def holds(self, pump):
        return pump.is_on and self._name in pump.app.parts.alarms.names()


class Steps(Condition):
    """So many edges on the step pin from now on; found to the millisecond."""

    def __init__(self, steps):
        self._left = whole("steps", steps)

    def begin(self, pump):
        self._stepper, self._from = pump.board.stepper, pump.board.stepper.edges()

    def holds(self, pump):
        self._follow(pump)
        return pump.board.stepper.edges() - self._from >= self._left

    def next_ms(self, pump, until_ms):
        self._follow(pump)
        stepper, wanted = pump.board.stepper, self._from + self._left
        if stepper.edges_until(until_ms) < wanted:
            return until_ms
        least_ms, most_ms = pump.now_ms, until_ms
        while most_ms - least_ms > 1:
            middle_ms = (least_ms + most_ms) // 2
            if stepper.edges_until(middle_ms) >= wanted:
                most_ms = middle_ms
            else:
                least_ms = middle_ms
        return most_ms

    def _follow(self, pump):
        """After a reset the count goes on with another stepper."""
        if pump.board.stepper is not self._stepper:
            self._left -= self._stepper.edges() - self._from
            self._stepper, self._from = pump.board.stepper, 0


class Delivered(Steps):
    """So many nL from now on, in steps of the rig that the pump has."""

    def __init__(self, nl):
        self._nl = whole("delivered_nl", nl)

    def begin(self, pump):
        rig = pump.app.controller.rig
        if rig is None:
            raise ValueError("delivered_nl needs a pump with a rig; push one first, or count steps")
        self._left = -(-self._nl * rig.steps_per_rev * 1000 // rig.pl_per_rev)
        super().begin(pump)


class FlashOperation(Condition):
    """The n-th page programmed or sector erased from now on; what happens, happens after it."""

    def __init__(self, number):
        self._number = whole("flash_operation", number)

    def begin(self, pump):
        self._from = pump.flash.operation_count

    def holds(self, pump):
        return pump.flash.operation_count - self._from >= self._number


class Command(Condition):
    """The n-th line of the host from now on."""

    def __init__(self, number):
        self._number = whole("command", number)

    def begin(self, pump):
        self._from = pump.lines_sent

    def holds(self, pump):
        return pump.lines_sent - self._from >= self._number


class PressureAbove(Condition):
    def __init__(self, kpa):
        if isinstance(kpa, bool) or not isinstance(kpa, int | float):
            raise ValueError(f"pressure_kpa must be a number, not {kpa!r}")
        self._kpa = kpa

    def begin(self, pump):
        if pump.plant is None:
            raise ValueError("pressure_kpa needs a plant; attach one: SimPump(plant=Plant(...))")
        pump.plant.is_watched = True

    def holds(self, pump):
        return pump.plant.pressure_kpa > self._kpa


KINDS = {"state": InState, "alarm": Alarm, "steps": Steps, "delivered_nl": Delivered,
         "flash_operation": FlashOperation, "command": Command, "pressure_kpa": PressureAbove}


def condition(**given):
    """The condition of one keyword: see KINDS. ValueError, with what to do, for anything else."""
    if len(given) != 1 or not set(given) <= set(KINDS):
        raise ValueError(f"a condition is one of {', '.join(KINDS)}; found {', '.join(map(str, given)) or 'none'}")
    (name, value), = given.items()
    return KINDS[name](value)


def whole(name, value):
    if type(value) is not int or value < 1:
        raise ValueError(f"{name} must be a whole number from 1 on, not {value!r}")
    return value
