"""Primes and withdrawals faster than a motor starts: it is brought to their rate and back by degrees (D-06, D-09)."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pump.stairs import STAIR_MS, STAIRS_MOST, Stairs
from pumpsim.stepper import TICKS_PER_MS
from tests.pumps import RIG, ask, program, ready_pump

TICKS_PER_S = 1000 * TICKS_PER_MS
# 144 mL/h are 400 steps/s of 100 nL; from 100 steps/s on, 500 more each second: 0.6 s, of which 15 stairs of 40 ms
SWIFT = RIG | {"v": 3, "ramp": [100, 500], "prime_nl_per_h": 144_000_000}


def edge_ticks(rig, do="prime", volume_nl=200_000):
    """The instants of the edges of a prime or withdrawal, and what its account has."""
    pump = ready_pump(rig=rig, document=program())
    ask(pump, "refill", added_nl=900_000_000, withdrawn_nl=1_000_000_000)
    ticks = []
    pump.board.stepper.watch(lambda first, interval, count: ticks.extend(
        range(first, first + count * interval, interval)))
    ask(pump, do, volume_nl=volume_nl)
    pump.run_for(120_000)
    status = ask(pump, "status")
    assert status["state"] == "stopped"
    return ticks, status["prime_nl" if do == "prime" else "withdrawn_nl"]


def rates(ticks):
    """steps/s of each step but the first."""
    return [TICKS_PER_S / (later - earlier) for earlier, later in pairwise(ticks)]


@pytest.mark.requirement("D-06")
@pytest.mark.requirement("D-09")
@pytest.mark.parametrize("do", ["prime", "withdraw"])
def test_a_motor_is_brought_to_its_rate_and_back_by_degrees(do):
    ticks, moved_nl = edge_ticks(SWIFT, do)
    assert (len(ticks), moved_nl) == (2000, 200_000)            # not a step more or fewer
    assert ticks[1] - ticks[0] == TICKS_PER_S // 100            # the rate at which it starts
    end_s = (ticks[-1] - ticks[0]) / TICKS_PER_S
    # a step may be a quarter step from its due time, so what is held against the line is the rate over ten
    for first, last in zip(ticks, ticks[10:], strict=False):
        rate = 10 * TICKS_PER_S / (last - first)
        since_s, left_s = (last - ticks[0]) / TICKS_PER_S, end_s - (first - ticks[0]) / TICKS_PER_S
        assert rate <= 1.05 * min(400, 100 + 500 * since_s, 100 + 500 * left_s)
    # up: 15 stairs of 40 ms at 100, 120 ... 380 steps/s, 0.04 * 3600 = 144 steps; down as many; 1712 at 400: 5.48 s
    assert end_s == pytest.approx(2 * 0.6 + 1712 / 400, abs=0.02)


def test_a_motor_that_is_said_nothing_of_starts_at_once():
    ticks, _ = edge_ticks(SWIFT | {"ramp": []})
    assert {round(rate) for rate in rates(ticks)} == {400}


def test_a_prime_that_is_over_before_its_rate_is_reached_comes_down_in_time():
    ticks, moved_nl = edge_ticks(SWIFT, volume_nl=10_000)       # 100 steps
    found = rates(ticks)
    assert (len(ticks), moved_nl) == (100, 10_000)
    assert found[0] <= 110 and found[-1] <= 110
    assert 200 < max(found) < 300                               # half of 100 steps: v^2 = 100^2 + 2 * 500 * 50, v = 245


@pytest.mark.parametrize("rate, first, gain", [(400, 400, 500), (300, 400, 500), (400, 100, 0)])
def test_what_needs_no_ramp_is_one_piece(rate, first, gain):
    stairs = Stairs(40_000, rate, first, gain)
    piece = stairs.piece_from(0)
    assert (piece.end_ms, piece.parts, stairs.span_ms) == (-(-40_000 // rate), 40_000, -(-40_000 // rate))
    assert stairs.piece_from(piece.end_ms).parts == 0


def pieces_of(stairs):
    """[(start ms, end ms, parts)] until nothing comes any more."""
    found, at = [], 0
    while (piece := stairs.piece_from(at)).parts:
        found.append((at, piece.end_ms, piece.parts))
        at = piece.end_ms
    return found


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 10**15), st.integers(1, 10**10), st.integers(1, 10**10), st.integers(1, 10**13))
def test_stairs_hold_all_parts_and_never_more_than_the_line(parts, rate, first, gain):
    stairs = Stairs(parts, rate, first, gain)
    pieces = pieces_of(stairs)
    assert sum(inside for _, _, inside in pieces) == parts
    assert len(pieces) <= 2 * STAIRS_MOST + 1
    assert pieces[-1][1] == stairs.span_ms
    for start, end, inside in pieces:                           # at most what the line has at the slower end of it
        near_ms = min(start, stairs.span_ms - end)
        assert 1000 * inside <= min(1000 * rate, max(1000 * first, 1000 * first + gain * near_ms)) * (end - start)
    lengths = [end - start for start, end, _ in pieces]
    assert lengths[len(lengths) // 2] >= lengths[0] == lengths[-1] or len(lengths) == 1     # no notch at the top
    if gain * 2 * STAIR_MS <= 1000 * (rate - first):            # two stairs or more are as long as the queue needs
        assert min(lengths) >= STAIR_MS or len(lengths) == 1
