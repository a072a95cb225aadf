"""The simulated pulse generator: exact ticks, back-to-back commands, halts that leave an exact count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpsim.stepper import COUNTER_START, TICKS_PER_MS, SimCounter, SimStepper
from pumpsim.world import World


def make():
    world, edges = World(), []
    stepper = SimStepper(world, lambda first, interval, count: edges.extend(
        first + interval * k for k in range(count)))
    stepper.enable(True)
    return world, stepper, edges


def test_commands_run_back_to_back():
    world, stepper, edges = make()
    stepper.put(2, 1000)
    stepper.put(0, 900)
    stepper.put(1, 625)
    world.move_to(1)
    assert stepper.edges() == 3
    assert edges == [1000, 2000, 3525]                 # 2000 + 900 + 625


def test_an_idle_queue_starts_at_the_instant_of_the_put():
    world, stepper, edges = make()
    world.move_to(7)
    stepper.put(1, 1250)
    world.move_to(8)
    assert stepper.edges() == 1
    assert edges == [7 * TICKS_PER_MS + 1250]


@given(commands=st.lists(st.tuples(st.integers(0, 50), st.integers(625, 10**6)), min_size=1, max_size=5),
       looks=st.lists(st.integers(0, 400), max_size=10))
def test_looking_in_between_changes_nothing(commands, looks):
    world, stepper, edges = make()
    for count, interval in commands:
        stepper.put(count, interval)
    for look in sorted(looks):
        world.move_to(look)
        stepper.edges()
        stepper.room()
    world.move_to(10**6)
    assert stepper.edges() == sum(count for count, _ in commands)
    tick, expected = 0, []
    for count, interval in commands:
        expected += [tick + interval * k for k in range(1, count + 1)]
        tick += max(count, 1) * interval
    assert edges == expected


def test_a_halt_drops_the_rest_and_keeps_the_count():
    world, stepper, edges = make()
    stepper.put(100, 2 * TICKS_PER_MS)
    stepper.put(100, TICKS_PER_MS)
    world.move_to(9)
    stepper.halt()
    world.move_to(1000)
    assert stepper.edges() == 4                        # at 2, 4, 6, 8 ms
    assert len(edges) == 4
    assert stepper.room() == 4


def test_five_commands_fit_one_running_and_four_waiting():
    _, stepper, _ = make()
    for _ in range(5):
        stepper.put(1, 1000)
    assert stepper.room() == 0
    with pytest.raises(RuntimeError):
        stepper.put(1, 1000)


@pytest.mark.parametrize("command", [(1, 499), (1, 2**32), (-1, 1000), (2**30, 1000)])
def test_commands_outside_the_contract_are_refused(command):
    with pytest.raises(ValueError):
        make()[1].put(*command)


@pytest.mark.parametrize("driver, least", [("DRV8825", 500), ("TMC2209", 28), ("ULN2003", 125_000)])
def test_the_driver_says_what_is_the_shortest_interval(driver, least):
    world, stepper, edges = make()
    stepper.drive(driver)
    assert stepper.min_interval == least
    with pytest.raises(ValueError):
        stepper.put(1, least - 1)
    stepper.put(2, least)
    with pytest.raises(RuntimeError):
        stepper.drive("A4988")
    world.move_to(10)
    assert (stepper.edges(), edges) == (2, [least, 2 * least])


def test_the_counter_wraps():
    world, stepper, _ = make()
    counter = SimCounter(stepper)
    assert counter.steps() == COUNTER_START
    stepper.put(1005, 625)
    world.move_to(6)                                   # 1005 * 5 us
    assert counter.steps() == 5                        # 2**30 - 1000 + 1005
