"""From edges on the step pin to what the plunger or the rollers displace. Owns motor, screw and plunger; no fluid.

Everything is a function of the steps made, so that a thousand steps cost what one does.
"""

import math

LEAST_UL = 1e-6                # less is no sticking


class Drive:
    def __init__(self, parameters):
        self.steps = 0                 # that the motor made, backward ones less
        self.missed_steps = 0          # edges that moved nothing
        self._slack_ul = parameters.slack_ul   # free travel forward before the plunger is touched for the first time
        self._gap_ul = 0.0                     # and before the screw's play is taken up again
        self.wound_ul = 0.0            # what a sticking plunger is behind
        self.use(parameters)

    def use(self, parameters):
        """Takes other parameters; a screw without play has no gap. See also `loosen`."""
        self._p = parameters
        self._gap_ul = min(self._gap_ul, parameters.backlash_ul)
        self.ul_per_step = parameters.ul_per_rev * (1 + parameters.scale_percent / 100) / parameters.steps_per_rev

    def stall_kpa(self, steps_per_s):
        """The pressure above which the motor does not follow at this rate; infinite where it always does."""
        p = self._p
        if p.pull_out_steps_per_s and steps_per_s >= p.pull_out_steps_per_s:
            return -math.inf
        if not p.stall_kpa:
            return math.inf
        slower = 1 - steps_per_s / p.pull_out_steps_per_s if p.pull_out_steps_per_s else 1
        return p.stall_kpa * slower

    def miss(self, count):
        self.missed_steps += count

    def move(self, count, is_reverse):
        """`count` steps that the motor makes; returns the uL displaced, below 0 backwards."""
        sign = -1 if is_reverse else 1
        before = self._turned_ul(self.steps)
        self.steps += sign * count
        return self._unstuck(self._played(self._turned_ul(self.steps) - before))

    def _turned_ul(self, steps):
        """What the head displaces by its angle: even, but for the swing of the rollers.

        The flow swings as 1 + a cos(r phi), so the volume by a sin(r phi) / r, a being the part of the mean.
        """
        even = steps * self.ul_per_step
        p = self._p
        if not p.rollers or not p.pulsation_percent:
            return even
        angle = 2 * math.pi * (steps % p.steps_per_rev) / p.steps_per_rev
        ul_per_rad = self.ul_per_step * p.steps_per_rev / (2 * math.pi)
        return even + ul_per_rad * p.pulsation_percent / 100 * math.sin(p.rollers * angle) / p.rollers

    def _played(self, ul):
        """What is left of a movement behind the screw's play (and, at first, the pusher's slack)."""
        if ul >= 0:
            taken = min(ul, self._gap_ul)
            self._gap_ul -= taken
            slack = min(ul - taken, self._slack_ul)
            self._slack_ul -= slack
            return ul - taken - slack
        room = max(0.0, self._p.backlash_ul - self._gap_ul - self._slack_ul)
        taken = min(-ul, room)
        self._gap_ul += taken
        return ul + taken

    def loosen(self):
        """The uL by which a plunger jumps that sticks less than it did."""
        return self._unstuck(0.0)

    def _unstuck(self, ul):
        """A sticking plunger stands until the drive is `stiction_ul` ahead, and then catches up."""
        stiction = self._p.stiction_ul
        self.wound_ul += ul
        if stiction < LEAST_UL:
            moved, self.wound_ul = self.wound_ul, 0.0
            return moved
        if abs(self.wound_ul) < stiction:
            return 0.0
        moved = math.copysign(abs(self.wound_ul) // stiction * stiction, self.wound_ul)
        self.wound_ul -= moved
        return moved
