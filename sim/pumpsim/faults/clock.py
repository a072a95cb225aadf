"""Faults of the battery-backed clock. The pump reads it when it boots; what is wrong shows then."""

from pumpsim.faults.fault import Fault, fault, parameter


class _OfClock(Fault):
    def require(self, pump):
        if not pump.rtc.is_fitted:
            raise ValueError(f"{self.name} needs a battery-backed clock, and none is fitted; fit one: pump.rtc.fit(), "
                             "pumpsim serve --battery-clock")


@fault("clock_lost")
class ClockLost(_OfClock):
    """The battery of the clock is empty: its oscillator has stopped and its time is invalid, also after it is set."""

    parts = ("clock",)

    def apply(self, pump):
        pump.rtc.stop_oscillator()
        pump.rtc.has_stopped = True

    def clear(self, pump, kept):
        """A new battery: the clock runs once it is set."""
        pump.rtc.has_stopped = False


@fault("clock_jump")
class ClockJump(_OfClock):
    """The battery-backed clock shows another time all at once."""

    is_momentary = True
    seconds: int = parameter(3600, "s", "forward, or back below 0", -31_536_000, 31_536_000)

    def apply(self, pump):
        pump.rtc.jump(self.seconds)


@fault("clock_drift")
class ClockDrift(_OfClock):
    """The battery-backed clock runs fast or slow. A good one keeps within 2 ppm, a watch crystal within 100."""

    parts = ("clock",)
    ppm: int = parameter(100, "ppm", "how much it gains; below 0: loses", -100_000, 100_000)

    def apply(self, pump):
        pump.rtc.drift(self.ppm)

    def clear(self, pump, kept):
        pump.rtc.drift(0)
