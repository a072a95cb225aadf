"""Runs on the Pico as main.py: the pump as main.py runs it, each poll timed; says the times once it has been stopped.

Polls are told apart by what they did: nothing (idle), queued commands or wrote events (work), answered (request).
"""

import json
from time import ticks_diff, ticks_us

from pico.board import PicoBoard
from pump.app import SLEEP_MS, App
from pump.controller import RUNNING

board = PicoBoard()
app = App(board)
send = board.link.write
has_answered = False


def noticed_send(data):
    global has_answered
    has_answered = True
    send(data)


def progress():
    """Changes whenever a poll has queued or written something."""
    planner = app.delivery.planner
    return planner and planner.queued_steps, app.journal.next_seq


def run():
    """Polls until a run has been stopped; returns {kind: [polls, sum of us, longest in us]}."""
    global has_answered
    times = {"idle": [0, 0, 0], "work": [0, 0, 0], "request": [0, 0, 0]}
    has_run = False
    while not has_run or app.controller.state == RUNNING:
        has_answered = False
        before = progress()
        started = ticks_us()
        wait_ms = app.poll()
        spent = ticks_diff(ticks_us(), started)
        kind = times["request" if has_answered else "work" if progress() != before else "idle"]
        kind[0] += 1
        kind[1] += spent
        kind[2] = max(kind[2], spent)
        has_run = has_run or app.controller.state == RUNNING
        board.clock.sleep_ms(min(wait_ms, SLEEP_MS))
    return times


board.link.write = noticed_send
print(json.dumps(run()), "END")
app.run()
