"""Faults, power and button of a served simulation, through the control channel and from the command line."""

import json
import subprocess
import sys

import pytest

from pumpctl import Pump
from tests.pumps import HOUR_MS, RIG, START_UTC_MS, body_of, program
from tests.serving import served

ON_DEMAND = program(on_demand=[10_000, 60, 3600, 4], resume="basal")


def start(serving, rig=RIG):
    with Pump.open(serving.port) as pump:
        pump.push_rig(body_of(rig))
        pump.push_program(body_of(ON_DEMAND))
        pump.clock_set(START_UTC_MS)
        pump.ack()
        pump.start()


def status(serving):
    with Pump.open(serving.port) as pump:
        return pump.status()


def pumpsim(*words):
    return subprocess.run([sys.executable, "-m", "pumpsim", *words], capture_output=True, text=True, timeout=20)


def test_faults_are_listed_applied_and_ended():
    with served("--control", "tcp:0") as serving:
        start(serving, RIG | {"pressure_limit": 900})
        control = serving.control
        assert {one["name"]: one["active"] for one in control.faults()}["pressure"] is None
        assert control.fault("pressure", counts=901) == {"pressure": {"counts": 901}}
        assert control.fault("supply_low", for_ms=1000) == {"pressure": {"counts": 901}, "supply_low": {"mv": 2800}}
        assert (control.status()["state"], status(serving).alarms[0]) == ("fault", "occlusion")
        control.advance(1000)
        assert {one["name"] for one in control.faults() if one["active"]} == {"pressure"}
        assert control.levels()["pressure"] == 901
        assert control.clear() == {}
        assert control.levels()["pressure"] is None


def test_the_power_goes_and_comes_back():
    with served("--control", "tcp:0") as serving:
        start(serving)
        serving.control.advance(HOUR_MS)
        serving.control.power(False)
        assert (serving.control.status()["state"], serving.control.levels()["is_on"]) == ("off", False)
        serving.control.advance(HOUR_MS)
        serving.control.power(True)
        found = status(serving)
        assert (found.state, found.reason, found.steps) == ("stopped", "power-up", 200)


def test_the_button_is_pressed():
    with served("--control", "tcp:0") as serving:
        start(serving)
        serving.control.advance(HOUR_MS)
        serving.control.press(ms=100)
        serving.control.advance(120_000)
        found = status(serving)
        assert (found.bolus_nl, found.steps) == (10_000, 306)         # 62 min at 20 uL/h: 206; and 10 uL


def test_late_replies_reach_the_host_when_their_time_has_come():
    with served("--control", "tcp:0", speed="60") as serving:
        serving.control.fault("delay", ms=600)                        # 10 ms of real time, each way
        assert status(serving).state == "stopped"


@pytest.mark.parametrize("request_, said", [
    ({"do": "fault", "name": "gremlin"}, "choose one of"),
    ({"do": "fault", "name": "pressure", "parameters": {"counts": "many"}}, "whole number"),
    ({"do": "fault", "name": "pressure", "parameters": 5}, "no such request"),
    ({"do": "fault", "name": "stall", "for_ms": -1}, "ms must be"),
    ({"do": "fault", "name": "clock_lost"}, r"^clock_lost needs .* none is fitted; .* pumpsim serve --battery-clock$"),
    ({"do": "clear", "name": "stall"}, "^'stall' is not active"),
    ({"do": "power", "on": 1}, "on must be true or false"),
    ({"do": "press", "button": "red"}, "button must be one of bolus"),
    ({"do": "press", "ms": 3_600_000}, "from 0 to 60000"),
    ({"do": []}, "no such request"),
])
def test_wrong_requests_are_refused_and_change_nothing(request_, said):
    with served("--control", "tcp:0") as serving:
        with pytest.raises(ValueError, match=said):
            serving.control.ask(**request_)
        assert [one["name"] for one in serving.control.faults() if one["active"]] == []
        assert serving.control.status() == {"now_ms": 0, "speed": 0, "state": "stopped"}


def test_the_fault_command_applies_ends_and_lists():
    with served("--control", "tcp:0") as serving:
        serving.control.__exit__()
        port = ("--control", f"tcp:{serving.control_port}")
        done = pumpsim("fault", "pressure", "counts=77", "--for", "5s", *port)
        assert (done.returncode, done.stdout) == (0, "active: pressure counts=77\n")
        found = json.loads(pumpsim("fault", "--json", *port).stdout)
        assert [one["active"] for one in found if one["name"] == "pressure"] == [{"counts": 77}]
        assert "ACTIVE" in pumpsim("fault", *port).stdout
        done = pumpsim("fault", "--clear", "--json", *port)
        assert json.loads(done.stdout) == {"active": {}}
    assert "ACTIVE" not in pumpsim("fault").stdout


@pytest.mark.parametrize("words", [("run", "none.toml", "--junit"), ("run", "none.toml", "--pictures"),
                                   ("flow", "none.toml", "--out"), ("soak", "--out")])
def test_a_place_that_cannot_be_written_to_is_said_before_the_work(words, tmp_path):
    (tmp_path / "file").write_text("")
    done = pumpsim(*words, str(tmp_path / "file/x"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (f"pumpsim: {tmp_path}/file/x: cannot be written to: Not a directory; "
                           f"choose another with {words[-1]}\n")


@pytest.mark.parametrize("words, code, said", [
    (("fault", "stall"), 2, "--control"),
    (("fault", "stall", "--control", "tcp:1"), 3, "nothing to control"),
    (("fault", "pressure", "counts", "--control", "tcp:1"), 3, "nothing to control"),
    (("fault", "pressure", "--clear", "counts=7", "--control", "tcp:1"), 2, "takes a name only"),
])
def test_wrong_usage_is_one_line_with_what_to_do(words, code, said):
    done = pumpsim(*words)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert said in done.stderr


def test_a_served_pump_may_have_a_plant_and_an_id_of_its_own():
    words = ("--control", "tcp:0", "--id", "53494d5055303032", "--plant", "compliance_ul_per_kpa=2",
             "--plant", "ul_per_rev=320")
    with served(*words) as serving:
        start(serving)
        serving.control.fault("occlusion")
        serving.control.advance(HOUR_MS)
        levels = serving.control.levels()["plant"]
        assert (levels["delivered_ul"], levels["pressure_kpa"]) == (0, pytest.approx(10, abs=0.1))      # 20 uL
        with Pump.open(serving.port) as pump:
            assert pump.hello().unique_bytes == b"SIMPU002"


@pytest.mark.parametrize("words, said", [
    (("--id", "12"), "16 hexadecimal digits"), (("--plant", "wings=2"), "a plant has no 'wings'"),
    (("--plant", "head_mm"), "is no parameter"),
])
def test_a_plant_or_an_id_that_is_none_is_refused(words, said):
    done = pumpsim("serve", "--link", "tcp:0", *words)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert said in done.stderr
