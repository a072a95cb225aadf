"""`pumpctl flash` up to the prompt: what it refuses, asks and says beforehand, and that a pump goes on where it cannot.

The pump is a simulated one that says it is a Pico: it never has a prompt. What happens there: tests/emulator.
"""

import json

import pytest

from pump import record
from pumpctl import Pump, firmware_image, ports, repl, updating
from pumpctl.firmware_image import build_image
from pumpctl.pico_board import DOWNLOAD
from pumpctl.trial import failed_in_trial, unfit
from tests.pump.test_update import counting_by_itself, held_button, tried_on
from tests.pumps import RIG, START_UTC_MS, body_of, program, ready_pump
from tests.serving import AS_PICO, served

LOW = """
name = "low"
[head]
kind = "peristaltic"
volume_per_revolution = "0.1 mL"
[motor]
full_steps = 200
microsteps = 16
max_step_rate = 4000
[reservoir]
capacity = "10 mL"
[limits]
max_rate = "1 uL/h"
max_1h = "1 uL"
max_24h = "24 uL"
"""


@pytest.fixture(scope="module")
def image():
    return build_image()


@pytest.fixture
def pico(monkeypatch, image):
    """A running pump whose time stands still but while it waits for MicroPython's prompt, which never comes."""
    monkeypatch.setattr(updating, "PROMPT_S", 0)
    monkeypatch.setattr(repl, "ENTER_S", 0.2)
    monkeypatch.setattr(firmware_image, "build_image", lambda: image)
    with served("--control", "tcp:0", program=AS_PICO) as serving:
        monkeypatch.setenv("PUMPCTL_PORT", serving.port)
        with Pump.open(serving.port) as pump:
            pump.push_rig(body_of(RIG))
            pump.push_program(body_of(program(plans=[[0, 18_000_000]])))
            pump.clock_set(START_UTC_MS)
            pump.start()
        yield serving


@pytest.fixture
def low_rig(tmp_path):
    path = tmp_path / "low.toml"
    path.write_text(LOW)
    return path


def status(pico):
    with Pump.open(pico.port) as pump:
        return pump.status()


def at_work(pico):
    """What an update that was refused has to leave as it was."""
    found = status(pico)
    return found.state, found.rig_digest, found.program_digest, found.next_seq


@pytest.mark.requirement("J-08")
def test_a_rig_that_the_program_in_the_pump_does_not_fit_is_refused_before_the_pump_is_stopped(run, pico, low_rig):
    before = at_work(pico)
    code, out, err = run("flash", "--stop", "--rig", low_rig, "--yes")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "does not fit this rig and would be lost" in err and "--program" in err
    assert before[0] == "running" and at_work(pico) == before


@pytest.mark.requirement("C-03")
def test_another_rig_is_shown_and_asked_for_before_the_pump_is_stopped(run, pico, low_rig):
    low_rig.write_text(LOW.replace("1 uL/h", "40 mL/h").replace('"1 uL"', '"40 mL"').replace('"24 uL"', '"800 mL"')
                       .replace('"10 mL"', '"900 mL"'))
    before = at_work(pico)
    code, out, err = run("flash", "--stop", "--rig", low_rig)
    assert code == 2 and "max_rate_nl_per_h" in out and "send rig low" in err
    assert at_work(pico) == before


@pytest.mark.requirement("C-02")
def test_a_running_pump_whose_key_is_not_here_is_not_stopped(run, pico, monkeypatch, tmp_path):
    assert run("keys", "make", "--yes")[0] == 0
    before = at_work(pico)[:3]
    monkeypatch.setenv("PUMPCTL_CONFIG", str(tmp_path / "stranger/config.toml"))
    code, out, err = run("flash", "--stop")
    assert (code != 0, out, err.count("\n"), "has keys, and none here" in err) == (True, "", 1, True)
    assert at_work(pico)[:3] == before


@pytest.mark.requirement("J-08")
def test_a_pump_whose_prompt_does_not_come_is_started_again(run, pico):
    code, _, err = run("flash", "--stop")
    assert (code, err.count("\n")) == (3, 1)
    assert status(pico).state == "running"
    with Pump.open(pico.port) as pump:
        events = [record.header(raw)[7] for raw in pump.records()]
    assert events.count(record.EVENT_STOP) == 1 and events.count(record.EVENT_START) == 2


def test_a_pump_that_primes_is_left_to_end_it(run, pico):
    with Pump.open(pico.port) as pump:
        pump.prime(10_000)
    code, _, err = run("flash", "--stop")
    assert code == 1 and "the pump is priming" in err and "when that is over" in err
    assert status(pico).state == "priming"


def test_a_suspended_pump_is_not_said_to_be_started_again(pico):
    with Pump.open(pico.port) as pump:
        pump.suspend()
    before = updating.look(pico.port)
    before.require_leave(may_stop=True)
    with Pump.open(pico.port) as pump:
        pump.stop()
        assert "was suspended and is stopped now" in updating.take_up(pump, before)
        assert pump.status().state == "stopped"


def test_a_bolus_that_an_update_cuts_off_is_told_before_and_after(run, pico):
    with Pump.open(pico.port) as pump:
        pump.bolus(10_000, 600)
    code, _, err = run("flash")
    assert code == 1 and "the bolus that it gives now would be cut off" in err
    assert "the bolus that it gives now would be cut off" in run("flash", "--dry-run", "--stop")[1]
    before = updating.look(pico.port)
    assert (before.state, before.gives_bolus, status(pico).bolus) == ("running", True, True)


def test_a_trial_is_not_begun_anew_after_an_update():
    for after_s, volume_nl in ((3600, 0), (0, 50_000), (0, 0)):
        with Pump.simulated(ready_pump()) as pump:
            pump.push_program(body_of(program(ends={"after_s": after_s, "volume_nl": volume_nl})))
            said = updating.take_up(pump, updating.Before("running", True, None, 0.0))
            is_trial = bool(after_s or volume_nl)
            assert ("would begin anew" in said, pump.status().state) == (is_trial, "stopped" if is_trial else "running")


def test_a_dry_run_says_what_the_run_would_do_to_this_pump(run, pico, image):
    before = at_work(pico)
    code, out, _ = run("flash", "--dry-run", "--json")
    said = json.loads(out)
    assert (code, said["sent_bytes"], said["documents"]) == (0, len(image.slot_file), [])
    assert "the pump is running" in said["notes"][0] and "--stop" in said["notes"][0]
    assert at_work(pico) == before
    text = run("flash", "--dry-run", "--stop")[1]
    assert f"at most {len(image.slot_file)} bytes would be sent\nnothing was changed\n" in text


@pytest.mark.parametrize("slot, to", [("a", "b"), ("b", "a"), ("", "a")])
def test_a_dry_run_names_the_slot_beside_the_one_in_force(run, pico, monkeypatch, slot, to):
    from pumpctl import probe

    there = probe.probe(pico.port)
    monkeypatch.setattr(probe, "probe", lambda port: probe.Found(probe.PUMP, {**there.hello, "slot": slot}))
    said = json.loads(run("flash", "--dry-run", "--json")[1])
    assert said["to"]["slot"] == to and f"/{to}.fw" in said["files"]


def test_a_dry_run_on_a_simulated_pump_is_refused_as_the_run_is(run, pump, monkeypatch, image):
    monkeypatch.setattr(firmware_image, "build_image", lambda: image)
    for words in ((), ("--dry-run",)):
        code, out, err = run("flash", *words)
        assert (code, out) == (2, "") and "a simulated pump: it takes no firmware" in err


def test_what_of_the_self_test_a_firmware_causes():
    names = ["settings", "journal", "clock", "step counter", "button", "memory", "driver"]
    assert unfit(names) == ["settings", "journal", "step counter", "memory"]


@pytest.mark.requirement("J-08")
@pytest.mark.parametrize("changed, slot, said", [
    (counting_by_itself, "a", ["step counter"]), (held_button, "b", []), (lambda board: None, "b", [])])
def test_the_self_test_that_ended_a_trial_is_read_from_the_journal(changed, slot, said):
    sim = ready_pump()
    assert tried_on(sim, changed) == (slot, False)
    with Pump.simulated(sim) as pump:
        assert failed_in_trial(pump) == said


def test_a_pico_without_micropython_is_told_how_to_get_it(run, monkeypatch, image):
    monkeypatch.setattr(firmware_image, "build_image", lambda: image)
    monkeypatch.setattr(ports, "pico_ports", dict)
    for words in (("flash",), ("flash", "--port", "/dev/no-such-port")):
        code, _, err = run(*words)
        assert (code, err.count("\n")) == (3, 1) and DOWNLOAD in err and "BOOTSEL" in err
    assert DOWNLOAD in run("list")[1]
