"""Runs on the Pico as its main: the pump as its own main runs it, each poll timed; says the times once it was stopped.

Polls are told apart by what they did: nothing (idle), found steps to judge (counting), queued commands (queueing),
wrote records (writing), answered (request). Something was due at one that is none of these, or just before it (due).
Every sixteenth poll is watched for what it allocates. What queues commands is timed by itself too (planning): most of
it happens in polls that write or answer.
"""

import gc
import json
import sys
from time import ticks_diff, ticks_us

import pump
from pico.board import PicoBoard
from pump.app import SLEEP_MS, App
from pump.states import RUNNING

board = PicoBoard()
app = App(board)
for name in ("boot", "recall"):         # as in main.py
    del sys.modules["pump." + name]
del pump.boot, pump.recall
send = board.link.write
has_answered = False
feed = app.parts.delivery.feed
put = board.stepper.put
plans = [0, 0, 0, 0]                    # commands queued, sum of us of the calls that did, longest call, not measured


def counted_put(count, interval):
    plans[0] += 1
    put(count, interval)


def timed_feed(now_ms):
    queued_before = queued()
    board.stepper.put = counted_put
    started = ticks_us()
    next_ms = feed(now_ms)
    spent = ticks_diff(ticks_us(), started)
    board.stepper.put = put
    if queued() != queued_before:
        plans[1] += spent
        plans[2] = max(plans[2], spent)
    return next_ms


def noticed_send(data):
    global has_answered
    has_answered = True
    send(data)


def queued():
    planner = app.parts.delivery.planner
    return planner.queued_steps if planner else 0


def written():
    return app.journal.next_seq


def run():
    """Polls until a run has been stopped; returns {kind: [polls, sum of us, longest in us, most bytes allocated]}."""
    global has_answered
    times = {}
    has_run = False
    polls = 0
    wait_ms = last_wait_ms = 0
    last_kind = ""
    delivery = app.parts.delivery
    ledger = delivery.ledger
    while not has_run or app.controller.state == RUNNING:
        has_answered = False
        steps, records, counted = queued(), written(), ledger.dose_steps
        delivery.feed = timed_feed if polls & 15 else feed      # as shipped where allocations are watched
        allocated = gc.mem_alloc() if not polls & 15 else 0
        started = ticks_us()
        is_due = min(wait_ms, last_wait_ms) <= SLEEP_MS or last_kind not in ("idle", "counting")
        last_wait_ms = wait_ms
        wait_ms = app.poll()
        spent = ticks_diff(ticks_us(), started)
        allocated = gc.mem_alloc() - allocated if allocated else 0
        kind = "idle"
        if has_answered:
            kind = "request"
        elif written() != records:
            kind = "writing"
        elif queued() != steps:
            kind = "queueing"
        elif ledger.dose_steps != counted:
            kind = "counting"
        elif is_due:
            kind = "due"
        last_kind = kind
        if has_run:
            seen = times.setdefault(kind, [0, 0, 0, 0])
            seen[0] += 1
            seen[1] += spent
            seen[2] = max(seen[2], spent)
            seen[3] = max(seen[3], allocated)
        has_run = has_run or app.controller.state == RUNNING
        polls += 1
        board.clock.sleep_ms(min(wait_ms, SLEEP_MS))
    return dict(times, planning=plans)


board.link.write = noticed_send
gc.threshold(32768)
print(json.dumps(run()), "END")
app.run()
