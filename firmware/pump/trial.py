"""A trial: a program that ends after a set time or volume (U-05). Owns when and at how many dose steps the schedule was
started; setting the clock moves neither (T-05).
"""

from pump.run import NEVER_MS


class Trial:
    def __init__(self, clock):
        self._clock = clock
        self._start_ms = None           # on the monotonic clock; None while it is not known
        self._start_utc_s = 0           # of a schedule that was started before the last reset
        self.start_steps = 0            # dose steps by then
        self.mark = 0                   # which program it is of, for a snapshot

    def use(self, generation):
        """The program in force is this one of all that were committed; its trial begins, or is restored, after this."""
        self.mark = 1 + generation % 255

    def begin(self, now_ms, dose_steps):
        """A schedule starts now."""
        self._start_ms = now_ms
        self.start_steps = dose_steps

    def restore(self, start_utc_s, start_steps):
        """A schedule was started before a reset; 0 s where its time is not known."""
        self._start_utc_s = start_utc_s
        self.start_steps = start_steps

    def take_up(self):
        """The schedule from before the reset goes on; the clock is set."""
        if self._start_utc_s:
            self._start_ms = self._clock.mono_of_utc(self._start_utc_s * 1000)

    def start_utc_s(self):
        """UTC in s of the start, for a snapshot; 0 where it is not known."""
        if self._start_ms is None or not self._clock.is_set:
            return self._start_utc_s
        return max(1, self._clock.utc_ms(self._start_ms) // 1000)

    def end_of(self, program, ratio):
        """(monotonic ms, dose steps or None) at which the program ends, whichever comes first."""
        end_ms, end_steps = NEVER_MS, None
        if program.ends_after_s and self._start_ms is not None:
            end_ms = self._start_ms + program.ends_after_s * 1000
        if program.ends_volume_nl:
            end_steps = self.start_steps + ratio.steps_of_nl(program.ends_volume_nl)
        return end_ms, end_steps
