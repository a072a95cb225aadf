"""What has to hold at any moment, and over a whole story. Owns what the story has to remember for that."""

from dataclasses import replace
from fractions import Fraction

from tests.model.calendar import DAY_MS, HOUR_MS
from tests.model.windows import TICKS_PER_MS, WINDOWS, Edges, outside

EVENT_SLACK_MS = 10


class Checks:
    def start_checks(self):
        self.slack = 0                 # steps that came from nowhere and were tolerated
        self.ghosts = 0                # counted steps that the motor did not make, less those it made uncounted
        self.uncertain_ms = -DAY_MS    # the last time that uncertain volume was added
        self.uncertain_doses = Fraction(0)                     # nL
        self.lost_steps = 0            # made before power losses and never confirmed
        self.transfers = []            # (start ms, end ms) of primes and withdrawals
        self.primed = self.withdrawn = 0                       # steps
        self.limits = []               # (from ms, max rate, max 1 h, max 24 h)
        self.demands = []              # (from ms, the on-demand bolus or [])
        self.matched = 0
        self.seen_edges = 0

    def limits_change(self):
        names = ("max_rate_nl_per_h", *(name for _, name in WINDOWS))
        self.limits.append((self.model.t, *(self.model.limit(name) for name in names)))
        self.demands.append((self.model.t, self.model.document["on_demand"]))

    # at any moment

    def compare(self):
        model, step, status = self.model, self.model.step, self.status()
        assert status["state"] == model.state, (status["state"], status["reason"], model.state)
        self.compare_events()
        assert abs(status["steps"] * step - model.dose_nl) <= self.room(), \
            ("dose", status["steps"], float(model.dose_nl / step))
        bolus = Fraction(status["bolus_nl"])
        if model.bolus:
            assert abs(bolus - model.bolus_nl) <= step + 1, ("bolus", float(bolus), float(model.bolus_nl))
        else:
            assert bolus == int(model.bolus_nl) and not status["bolus"], ("bolus", bolus, float(model.bolus_nl))
        assert status["rate_nl_per_h"] <= (model.ceiling if model.state == "running" else 0)
        assert status["lockout_s"] == -(-model.lock_left() // 1000), (status["lockout_s"], model.lock_left())
        assert status["prime_nl"] == int(self.primed * step), (status["prime_nl"], self.primed)
        assert status["withdrawn_nl"] == int(self.withdrawn * step), (status["withdrawn_nl"], self.withdrawn)
        assert status["temporary"] == (model.temporary is not None)
        assert set(status["alarms"]) == model.alarms.shown and status["unacknowledged"] == bool(model.alarms.unseen)
        level = status["reservoir_nl"]
        assert abs(level - model.level) <= self.room() + 2, ("level", level, float(model.level))
        self.check_rest()

    def compare_events(self):
        """Every event that the reference expects is in the journal, in order, at its time, and none more (J-01)."""
        model = self.model
        for ours, theirs in zip(model.events[self.matched:], self.journal.events[self.matched:], strict=False):
            assert (ours.name, ours.detail) == (theirs.name, theirs.detail), (ours, theirs)
            assert abs(theirs.ms - ours.ms) <= EVENT_SLACK_MS + ours.slack_ms, (ours, theirs)
            if ours.name == "bolus" and ours.steps is not None:
                assert abs(theirs.steps - ours.steps) <= (ours.detail[1] != "complete"), (ours, theirs)
                model.boluses += theirs.steps - ours.steps
                model.basal -= (theirs.steps - ours.steps) * model.step
            self.matched += 1
        assert len(model.events) == len(self.journal.events), \
            (model.events[self.matched:], self.journal.events[self.matched:])

    def check_rest(self):
        """No edge on the step pin while stopped, suspended or at fault (D-08)."""
        self.pump.board.stepper.edges()
        new, self.seen_edges = self.edges[self.seen_edges:], len(self.edges)
        found = outside(new, self.model.motions, 300)
        assert found is None, ("edges at rest", found, self.model.motions[-3:])

    # over a whole story

    def dose_edges(self):
        """The motor's edges outside primes and withdrawals."""
        inside = [(a * TICKS_PER_MS, b * TICKS_PER_MS) for a, b in self.transfers]
        return [edge for edge in self.edges if not any(a < edge[0] <= b for a, b in inside)]

    def check_limits(self):
        """No rolling window over the edges holds more than its limit, and none is faster than the ceiling (L-01)."""
        edges, step = Edges(self.dose_edges()), self.model.step
        for k, (low_ms, max_rate, *limits) in enumerate(self.limits):
            high_ms = self.limits[k + 1][0] if k + 1 < len(self.limits) else self.model.t
            for (window_ms, name), limit in zip(WINDOWS, limits, strict=True):
                held, end_ms = edges.fullest_window(window_ms, low_ms, high_ms)
                assert held <= int(limit / step) + 1, (name, end_ms, held, limit)
            assert edges.most_ahead_of(max_rate / step / HOUR_MS, low_ms, high_ms) <= 2.25, ("rate", low_ms, max_rate)

    def check_starts(self):
        """By the journal: no lockout was cut short, and none was given beyond max_per_24h (B-01)."""
        for first, starts in self.button_starts():
            lockout_ms, most = first
            for k, (ms, is_button) in enumerate(starts):
                if is_button:
                    before = [at for at, _ in starts[:k] if at > ms - lockout_ms]
                    assert not before, ("lockout", ms, before)
                    recent = [at for at, button in starts[:k + 1] if button and at > ms - DAY_MS]
                    assert len(recent) <= most, ("24 h", recent)

    def button_starts(self):
        """((lockout in ms, most in 24 h), [(ms, whether it was on demand)]) under each program."""
        found, rules = [], list(self.demands)
        for event in self.journal.events:
            while rules and rules[0][0] <= event.ms:
                demand = rules.pop(0)[1]
                found.append(((demand[2] * 1000, demand[3]) if demand else (0, 0), []))
            if event.name == "bolus" and event.detail[1] == "granted" and event.detail[0] in ("host", "on demand"):
                found[-1][1].append((event.ms, event.detail[0] == "on demand"))
        return found

    def may_limit(self, dose, temporary, end):
        """Whether a rolling limit may forbid this, however soon the temporary rate ends; volume that may have been
        delivered before a reset counts too."""
        model = self.model
        if model.t - self.uncertain_ms < 2 * DAY_MS:
            return True
        temporary = temporary and replace(temporary, or_schedule=True)
        return any(model.most_ahead(dose, temporary, end, window) > model.limit(name) - 8 * model.step
                   for window, name in WINDOWS)
