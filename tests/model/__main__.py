"""`make model EXAMPLES=200`: many more stories than a test run has time for, with a line about how far they are.

A story that fails is printed whole, with the seed that tells the same stories again. `--shrink` looks for a shorter one
first, which may take minutes.
"""

import argparse
import secrets
import sys
import time

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.stories import STEPS, PumpStories

PROGRESS_S = 10


class Progress(PumpStories):
    """The same stories, counted."""

    stories = days = 0
    began = told = time.monotonic()

    def teardown(self):
        super().teardown()
        cls = Progress
        if hasattr(self, "journal") and not sys.exc_info()[0]:
            cls.stories += 1
            cls.days += self.model.t // 86_400_000
        if time.monotonic() - cls.told >= PROGRESS_S:
            cls.told = time.monotonic()
            print(cls.line(), flush=True)

    @classmethod
    def line(cls):
        return f"{cls.stories} stories, {cls.days} simulated days, {time.monotonic() - cls.began:.0f} s"


def main():
    parser = argparse.ArgumentParser(description="Tells stories to the pump and to its model, and compares the two.")
    parser.add_argument("--examples", type=int, default=200, help="how many stories (200)")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"steps of one story, at most ({STEPS})")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32), help="tell the same stories again")
    parser.add_argument("--shrink", action="store_true", help="look for the shortest story that fails")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    phases = (Phase.generate, Phase.shrink) if chosen.shrink else (Phase.generate,)
    run_state_machine_as_test(seed(chosen.seed)(Progress), settings=settings(
        max_examples=chosen.examples, stateful_step_count=chosen.steps, deadline=None, database=None, phases=phases,
        report_multiple_bugs=False, suppress_health_check=list(HealthCheck)))
    print(Progress.line())


if __name__ == "__main__":
    main()
