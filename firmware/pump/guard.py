"""The guard: judges the rolling limits by what was counted. Has none of the planner's state (L-01, L-03, B-03).

It keeps samples of counted steps (uncertain ones included) over 24 h. A dose to come is walked ahead with them, exactly
as the static check walks a program; what was delivered is held against the limits while running.
"""

from pump.history import History
from pump.limits import DAY_MS
from pump.volume import GRAINS_PER_NL
from pump.window import Window, walk


class Guard:
    def __init__(self):
        self.history = History()
        self._limits = None
        self._ratio = None
        self.total_steps = 0            # counted and uncertain, as of the last sample

    def use(self, limits, ratio):
        """Judges by these from now on. What was counted at another ratio keeps its volume (L-03)."""
        before = self._ratio
        if before is not None and not before.equals(ratio):
            self.history.recount(ratio, before, self.total_steps)
        self._limits = limits
        self._ratio = ratio

    def sample(self, ms, total_steps):
        """At `ms`, total_steps had been counted in all, uncertain ones included."""
        self.history.add(ms, total_steps)
        self.history.forget_before(ms - DAY_MS)
        self.total_steps = total_steps

    def exceeded(self, now_ms, total_steps):
        """The name of a rolling limit that was exceeded for certain by now, or None."""
        for window_ms, limit_nl, name in self._limits.windows():
            certain = total_steps - self.history.most_at(now_ms - window_ms)
            if certain > self._ratio.steps_of_nl(limit_nl) + self.history.loose_steps:
                return name
        return None

    def denies(self, now_ms, make_source, end_ms, slack_steps):
        """The name of the first rolling limit that would be exceeded before end_ms + its window, or None.

        `slack_steps` are allowed beyond the limit. `make_source()` gives a fresh source of what is to be delivered
        from now_ms on, the dose in question included.
        """
        ratio, total_parts = self._ratio, self.total_steps * self._ratio.den
        names, windows = [], []
        walk_end_ms = now_ms
        for window_ms, limit_nl, name in self._limits.windows():
            limit_parts = limit_nl * GRAINS_PER_NL * ratio.num + slack_steps * ratio.den
            walk_end_ms = end_ms + window_ms            # ascending: one walk will do for all
            windows.append(Window(window_ms, [limit_parts], now_ms, walk_end_ms,
                                  self.history.knots(now_ms - window_ms, ratio.den), total_parts))
            names.append(name)
        for _ in walk(make_source().whole(), now_ms, walk_end_ms, windows):
            if windows[0].found[0] is not None:
                break
        for name, window in zip(names, windows):
            if window.found[0] is not None:
                return name
        return None

    def used_nl(self, now_ms, window_ms, total_steps):
        """Volume counted in the window that ends now, in nL, never less than was delivered (L-03)."""
        if self._ratio is None:
            return 0
        return -self._ratio.nl_of_steps(self.history.least_at(now_ms - window_ms) - total_steps)
