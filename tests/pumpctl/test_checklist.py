"""The first-run checklist, over a link to a served pump whose button and wires a made-up person works."""

import io
import json
import signal
import sys
from pathlib import Path

import pytest

from pump.rig import Rig
from pumpctl.checklist import FAILED, PASSED, SKIPPED, Checklist, revolution_nl
from pumpctl.pump import Pump
from pumpctl.transport import NoConnectionError
from pumpfiles.rig_file import load_rig
from tests.pumps import RIG, body_of
from tests.serving import served

EXAMPLES = Path(__file__).parents[2] / "host_tools/examples"
# 3200 steps and 100 uL a revolution, at 36 mL/h: 10 s
FITTED = RIG | {"pl_per_rev": 100_000_000, "parts": ["rgb", "buzzer", "ds3231", "limit", "diag", "adc"]}
ALL = ["pump", "clock", "lamp", "buzzer", "button", "stop", "limit", "pressure", "forward", "backward"]


class Person:
    """Says yes but to what it denies; works what it is asked to."""

    def __init__(self, control, denies=()):
        self.control = control
        self.denies = denies
        self.asked = []

    def agrees(self, question):
        self.asked.append(question)
        if "pressed now" in question:
            self.control.clear("pressure")
            self.control.fault("pressure", counts=1256)
        return not any(part in question for part in self.denies)

    def hears(self, text):
        if "button" in text:
            self.control.press(500)
        else:
            self.control.fault("stop_switch" if "stop" in text else "limit_switch", for_ms=500)


@pytest.fixture(scope="module")
def serving():
    with served("--control", "tcp:0", "--battery-clock") as serving:
        with Pump.open(serving.port) as pump:
            pump.push_rig(body_of(FITTED))
            pump.set_clock()
        yield serving


@pytest.fixture
def bench(serving, monkeypatch):
    """A served pump with its rig, at rest; its time stands still but while the checklist sleeps."""
    serving.control.clear()
    serving.control.advance(1000)
    serving.control.fault("pressure", counts=1000)
    monkeypatch.setenv("PUMPCTL_PORT", serving.port)
    with Pump.open(serving.port) as pump:
        pump.stop()
        pump.ack()
        status = pump.status()
        assert status.state == "stopped"
        serving.pump, serving.primed_nl, serving.withdrawn_nl = pump, status.prime_nl, status.withdrawn_nl
        yield serving


def walk_of(bench, person=None, **options):
    def sleep(seconds):
        bench.control.advance(round(seconds * 1000))
    return Checklist(bench.pump, bench.pump.rig(), person, sleep=sleep, **options)


def transfers(bench):
    """(primed, withdrawn) in nL in this test, of the pump's own accounts."""
    status = bench.pump.status()
    return status.prime_nl - bench.primed_nl, status.withdrawn_nl - bench.withdrawn_nl


@pytest.mark.requirement("P-01")
def test_a_rig_that_is_well_passes_every_step_and_is_left_stopped(bench):
    person = Person(bench.control)
    walk = walk_of(bench, person)
    found = {step: walk.do(step) for step in walk.steps()}
    assert {step: each.result for step, each in found.items()} == dict.fromkeys(ALL, PASSED), found
    assert list(found) == ALL
    assert found["forward"].text == found["backward"].text == "3200 of 3200 steps counted, and seen"
    assert found["pressure"].text == "1000 counts at rest, 1256 pressed"
    assert transfers(bench) == (100_000, 100_000)
    assert [question for question in person.asked if "may it?" in question] == [
        "the motor turns forwards, which pushes fluid out: 1 revolutions, 100 µL, in 10 s; may it?",
        "the motor turns backwards, which sucks: 1 revolutions, 100 µL, in 10 s; may it?"]
    status = bench.pump.status()
    assert (status.state, status.unacknowledged) == ("stopped", False)


def test_each_colour_is_shown_and_what_was_not_seen_once_more(bench):
    person = Person(bench.control, denies=("yellow",))
    found = walk_of(bench, person).do("lamp")
    assert (found.result, found.text.partition(";")[0]) == (FAILED, "not seen: yellow, 1 s on, 1 s off")
    assert [question.partition(": ")[0] for question in person.asked] == [
        "does the lamp light up now", "does the lamp light up now", "once more"]


@pytest.mark.parametrize("fault, step, words", [
    ("button_dead", "button", "nothing came within 30 s"), ("button_stuck", "button", "before anybody touched it"),
    ("limit_switch", "limit", "before anybody touched it"), ("button_stuck", "pump", "active at rest: button")])
def test_a_wire_that_is_wrong_fails_its_step(bench, fault, step, words):
    bench.control.fault(fault)
    found = walk_of(bench, Person(bench.control)).do(step)
    assert found.result == FAILED and words in found.text


@pytest.mark.parametrize("fault, words", [("stop_switch", "it stayed active"), ("button_dead", "nothing came")])
def test_a_switch_that_stays_as_it_was_fails(bench, monkeypatch, fault, words):
    person = Person(bench.control)
    monkeypatch.setattr(person, "hears", lambda text: bench.control.fault(fault))
    found = walk_of(bench, person).do("stop")
    assert (found.result, found.text) == (FAILED, f"{words} within 30 s; see its wires")


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("step", ["forward", "backward"])
def test_nothing_moves_without_a_yes(bench, step):
    for person in (None, Person(bench.control, denies=("may it?",))):
        assert walk_of(bench, person).do(step).result == SKIPPED
    bench.control.advance(60_000)
    assert transfers(bench) == (0, 0)


def test_a_motor_that_was_not_seen_to_turn_fails_though_its_steps_were_counted(bench):
    found = walk_of(bench, Person(bench.control, denies=("did it turn",)), turn_nl=1_000).do("forward")
    assert (found.result, found.text.partition(";")[0]) == (FAILED, "32 of 32 steps counted, but not seen")


def test_steps_that_are_not_counted_fail(bench):
    bench.control.fault("extra_steps", steps=-3)
    found = walk_of(bench, Person(bench.control), turn_nl=1_000).do("forward")
    assert found.result == FAILED
    assert bench.pump.status().state in ("stopped", "fault")


def test_a_motion_that_ends_by_an_alarm_fails(bench):
    walk = walk_of(bench, Person(bench.control))
    bench.control.fault("limit_switch")
    bench.control.advance(1000)
    found = walk.do("forward")
    assert found.result == FAILED and "refused" in found.text
    assert transfers(bench) == (0, 0)


@pytest.mark.requirement("C-05")
def test_a_motion_that_is_broken_off_stops_the_pump(bench):
    def ends_it(seconds):
        bench.control.advance(1000)
        raise KeyboardInterrupt
    walk = Checklist(bench.pump, bench.pump.rig(), Person(bench.control), sleep=ends_it)
    with pytest.raises(KeyboardInterrupt):
        walk.do("forward")
    bench.control.advance(10)
    assert bench.pump.status().state == "stopped"
    assert 0 < transfers(bench)[0] <= 11_000                      # 1 s at 10 uL/s


def test_a_pump_that_cannot_be_told_to_stop_is_said_to_be_moving(bench, monkeypatch):
    def is_gone(*words):
        raise NoConnectionError("gone")

    monkeypatch.setattr(bench.pump, "stop", is_gone)
    walk = Checklist(bench.pump, bench.pump.rig(), None, may_move=True, sleep=is_gone)
    with pytest.raises(NoConnectionError) as caught:
        walk.do("forward")
    assert "may be turning" in caught.value.message and "motor's supply off" in caught.value.hint


def test_a_revolution_is_at_most_what_is_primed_at_once():
    from pump.rig import Rig

    assert revolution_nl(Rig(body_of(RIG | {"pl_per_rev": 99_999_001}))) == 100_000
    assert revolution_nl(Rig(body_of(FITTED | {"max_prime_nl": 5_000}))) == 5_000


class Tty(io.StringIO):
    def isatty(self):
        return True


def test_the_command_without_a_terminal_skips_what_needs_somebody(bench, run):
    bench.pump.close()
    code, out, err = run("selftest", "--json")
    answer = json.loads(out)
    assert (code, err, answer["passed"], answer["board"]) == (1, "", False, "simulator")
    assert {each["step"]: each["result"] for each in answer["steps"]} == dict.fromkeys(ALL, SKIPPED) | {
        "pump": PASSED, "clock": PASSED}
    assert run("selftest", "pump", "clock") == (
        0, "pump      passed   its own self-test passed; supply 5.00 V, chip 27 °C\n"
           "clock     passed   set, and the DS3231 has the same time\nall 2 steps passed\n", "")
    code, out, err = run("selftest", "lamp", "forward")
    assert code == 1 and out.endswith("2 of 2 steps did not pass; again with: pumpctl selftest lamp forward\n")


@pytest.mark.requirement("T-07")
@pytest.mark.parametrize("fault, fields, said", [
    ("clock_lost", {}, "the DS3231 does not answer, or had stopped: see wires and battery, then pumpctl clock set"),
    ("clock_jump", {"seconds": 10}, "the DS3231 is +10 s from the pump's clock: pumpctl clock set"),
    ("clock_jump", {"seconds": -10}, "the DS3231 is -10 s from the pump's clock: pumpctl clock set")])
def test_a_battery_backed_clock_that_has_stopped_or_is_wrong_does_not_pass(bench, fault, fields, said):
    bench.pump.set_clock()
    fine = walk_of(bench).do("clock")
    assert (fine.result, fine.text) == (PASSED, "set, and the DS3231 has the same time")
    bench.control.fault(fault, **fields)
    found = walk_of(bench).do("clock")
    assert (found.result, found.text) == (FAILED, said)
    bench.control.clear()
    bench.pump.set_clock()


def test_the_command_asks_on_standard_error(bench, run, monkeypatch):
    bench.pump.close()
    monkeypatch.setattr(sys, "stdin", Tty("y\n\nn\n"))
    code, out, err = run("selftest", "buzzer", "forward", "--json")
    assert (code, [each["result"] for each in json.loads(out)["steps"]]) == (1, [PASSED, SKIPPED])
    assert "does the buzzer sound now: two beeps a second?" in err and "may it?" in err


def test_the_command_moves_by_yes_and_ends_at_rest(bench, run):
    bench.pump.close()
    bench.control.set_speed(100)
    code, out, err = run("selftest", "forward", "backward", "--volume", "1 uL", "--yes", "--json")
    bench.control.set_speed(0)
    assert (code, err) == (0, "")
    assert [each["text"] for each in json.loads(out)["steps"]] == 2 * [
        "32 of 32 steps counted; nobody saw the motor turn"]


def test_a_pump_that_runs_or_has_no_such_part_is_left_alone(bench, run):
    bench.pump.prime(100_000)
    bench.pump.close()
    code, _, err = run("selftest", "hx711")
    assert code == 2 and "hx711" in err
    code, _, err = run("selftest")
    assert code == 2 and "the pump is priming. The checklist needs it at rest: pumpctl stop" in err


def test_a_rig_without_a_part_has_no_step_for_it(run, monkeypatch):
    with served() as serving:
        with Pump.open(serving.port) as pump:
            pump.push_rig(body_of(FITTED | {"parts": []}))
        monkeypatch.setenv("PUMPCTL_PORT", serving.port)
        code, _, err = run("selftest", "limit")
        assert code == 2 and "has no part for the step limit" in err
        code, out, _ = run("selftest", "--json")
        assert [each["step"] for each in json.loads(out)["steps"]] == [
            "pump", "lamp", "button", "stop", "forward", "backward"]


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_a_motion_stops_the_motor(bench, number):
    before = signal.getsignal(number)

    def sleep(seconds):
        assert bench.pump.status().state == "priming"
        signal.raise_signal(number)
    with pytest.raises(SystemExit) as ended:
        Checklist(bench.pump, bench.pump.rig(), None, may_move=True, sleep=sleep).do("forward")
    assert ended.value.code == 128 + number
    assert bench.pump.status().state == "stopped" and signal.getsignal(number) == before


@pytest.mark.parametrize("example", ["bench-1", "peristaltic"])
def test_a_revolution_of_an_example_takes_a_minute_at_most(example):
    # bench-1: 330.26 uL at 20 mL/h are 59.4 s; peristaltic: 250 uL at 60 mL/h are 15 s
    rig = load_rig(EXAMPLES / f"{example}.toml").rig
    assert revolution_nl(rig) * 3600 <= 60 * rig.prime_nl_per_h


def test_a_revolution_that_takes_longer_is_cut_to_a_minute():
    # at 6 mL/h a minute primes 100 uL; a rig that primes 1 nL/h makes a step, 100 uL / 3200 = 31.25 nL, rounded up
    assert revolution_nl(Rig(body_of(FITTED | {"pl_per_rev": 300_000_000, "prime_nl_per_h": 6_000_000}))) == 100_000
    assert revolution_nl(Rig(body_of(FITTED | {"pl_per_rev": 100_000_000, "prime_nl_per_h": 1}))) == 32


def test_a_signal_that_is_ignored_stays_so(bench, monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        def sleep(seconds):
            signal.raise_signal(signal.SIGHUP)
            bench.control.advance(round(seconds * 1000))
        found = Checklist(bench.pump, bench.pump.rig(), None, may_move=True, sleep=sleep).do("forward")
    finally:
        signal.signal(signal.SIGHUP, before)
    assert found.result == PASSED
