"""The pump against an independent model of it: random programs, commands, clocks, resets and faults, 30 days and more.

tests/model has the model and the rules of the stories. `make model EXAMPLES=200` tells more of them.
"""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.stories import EXAMPLES, STEPS, PumpStories


@pytest.mark.long                                     # years of stories take minutes under coverage
@pytest.mark.requirement("D-01")
@pytest.mark.requirement("D-08")
@pytest.mark.requirement("L-01")
@pytest.mark.requirement("J-01")
@pytest.mark.requirement("J-02")
def test_the_pump_does_what_the_model_says():
    run_state_machine_as_test(PumpStories, settings=settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck)))
