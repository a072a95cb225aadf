"""A plant that is turned by hand: a head of 320 uL a revolution with 3200 steps, so that a step is 0.1 uL."""

import math

import pytest

from pumpsim import Plant
from pumpsim.stepper import MAX_INTERVAL, TICKS_PER_MS, SimStepper
from pumpsim.world import World

STEP_UL = 0.1


class Bench:
    """A stepper that somebody turns by hand, and a plant on it."""

    def __init__(self, fluid="water", **effects):
        self.world = World()
        self.plant = Plant(fluid, ul_per_rev=320.0, steps_per_rev=3200, **effects)
        self.stepper = SimStepper(self.world, self.plant.on_edges)
        self.plant.connect(self.world, self.stepper)
        self.stepper.enable(True)

    def turn(self, steps, seconds, is_reverse=False):
        """So many even steps in so much time."""
        self.stepper.halt()
        self.stepper.reverse(is_reverse)
        interval = min(MAX_INTERVAL, max(700, math.floor(seconds * 1000 * TICKS_PER_MS / steps)))
        self.stepper.put(steps, interval)
        self.wait(math.ceil(steps * interval / TICKS_PER_MS) / 1000)

    def wait(self, seconds):
        self.world.move_to(self.world.now_ms + round(seconds * 1000))
        assert self.stepper.edges() >= 0

    def steps_of_rate(self, ul_per_s, seconds):
        self.turn(round(ul_per_s * seconds / STEP_UL), seconds)


def near(value):
    return pytest.approx(value, rel=2e-3, abs=1e-3)
