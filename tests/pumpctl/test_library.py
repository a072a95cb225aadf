"""`from pumpctl import Pump` as a person's program uses it: the page's example, and what takes several requests."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pumpctl
from pumpctl import Pump, PumpRefused
from pumpctl.archive import Archive
from pumpctl.errors import HostError, NotConfirmedError
from pumpctl.pushing import prepare
from pumpctl.refusals import IncompatibleError, NotReachedError
from pumpctl.user_config import set_value
from pumpfiles.errors import InputError
from pumpfiles.program_file import load_program
from pumpsim import SimPump
from tests.pumpfiles.files import EXAMPLES, PROGRAM, changed, write
from tests.pumps import HOUR_MS, RIG, START_UTC_MS, body_of
from tests.serving import served

ROOT = EXAMPLES.parents[1]
BENCH, CIRCADIAN = EXAMPLES / "bench-1.toml", EXAMPLES / "circadian.toml"


@pytest.fixture
def sim():
    return SimPump()


@pytest.fixture
def pump(sim):
    with Pump.simulated(sim) as pump:
        assert pump.push(CIRCADIAN, rig=BENCH) == ["rig", "program"]
        pump.clock_set(START_UTC_MS)
        yield pump


def test_the_page_has_the_example_and_it_runs():
    page = (ROOT / "host_tools/README.md").read_text(encoding="utf-8")
    example = (EXAMPLES / "library.py").read_text(encoding="utf-8")
    [shown] = re.findall(r"```python\n(.*?)\n```", page, re.DOTALL)
    assert example.partition('"""\n\n')[2].strip() == shown
    done = subprocess.run([sys.executable, EXAMPLES / "library.py"], capture_output=True, text=True, check=True)
    assert "refused: denied" in done.stdout and "proven:" in done.stdout


def test_a_persons_program_type_checks_strictly(tmp_path):
    """All that the example uses has a type that is known outside."""
    project = tmp_path / "pyrightconfig.json"
    roots = [str(ROOT / name) for name in ("host_tools", "firmware", "sim")]
    (tmp_path / "mine.py").write_text((EXAMPLES / "library.py").read_text(encoding="utf-8"), encoding="utf-8")
    project.write_text(json.dumps({"include": ["mine.py"], "extraPaths": roots, "typeCheckingMode": "strict"}))
    done = subprocess.run([sys.executable, "-m", "pyright", "--project", project, "--pythonpath", sys.executable,
                           "--outputjson"], capture_output=True, text=True, timeout=120)
    found = [one["message"] for one in json.loads(done.stdout)["generalDiagnostics"] if "run_for" not in one["message"]]
    assert found == []                               # pumpsim, which has run_for, has no types of its own


@pytest.mark.parametrize("name", pumpctl.__all__)
def test_every_public_name_is_there(name):
    assert getattr(pumpctl, name).__name__ == name and getattr(pumpctl, name).__doc__


def test_every_method_says_what_it_does():
    methods = [name for name in vars(Pump) if not name.startswith("_")]
    undocumented = {name for name in methods if not getattr(Pump, name).__doc__}
    assert undocumented == set()


def test_push_checks_first_and_needs_a_word_for_a_soft_limit(pump, tmp_path):
    before = pump.status().program_digest
    with pytest.raises(InputError, match="max_rate"):
        pump.push(write(tmp_path, changed(PROGRAM, "55 uL/h", "3 mL/h")))
    soft = write(tmp_path, PROGRAM + '[soft_limits]\nmax_rate = "50 uL/h"\n')
    with pytest.raises(NotConfirmedError, match="soft limit"):
        pump.push(soft)
    assert pump.status().program_digest == before
    assert pump.push(soft, beyond_soft_limits=True) == ["program"]
    assert pump.push(soft) == []                     # it has it already


def test_waiting_ends_with_the_state_or_with_the_time(pump):
    pump.start()
    assert pump.wait_until("running", "suspended", timeout_s=1).state == "running"
    with pytest.raises(NotReachedError, match="running after 0 s, not stopped"):
        pump.wait_until("stopped", timeout_s=0)


def test_rig_program_preview_and_clock_are_objects(pump):
    assert (pump.rig().name, pump.program().name) == ("bench-1", "circadian")
    # Friday: 8.5 h at 20 and 15.5 h at 55 uL/h
    assert pump.preview(days=2).days[0].programmed_nl == 1_022_500
    assert not pump.clock_effect(START_UTC_MS + HOUR_MS).matters
    assert abs(pump.set_clock() - pump.status().utc_ms) < 1000
    with Pump.simulated() as empty:
        assert empty.program() is None
        for ask in (empty.rig, empty.preview):
            with pytest.raises(HostError, match="the pump has no"):
                ask()


def test_doses_come_as_objects_and_records_go_into_an_archive(pump, sim, tmp_path):
    pump.start()
    pump.bolus(volume_nl=10_000, over_s=60)
    with pytest.raises(PumpRefused) as refused:
        pump.bolus(volume_nl=10_000, over_s=60)
    assert refused.value.code == "denied"
    sim.run_for(7 * HOUR_MS)
    results = pump.results()
    # 6.5 h at 20 and 0.5 h at 55 uL/h, and 10 uL in whole steps of 103.2 nL
    assert results.programmed_nl == 130_000 + 27_500 + 9907
    assert [bolus.outcome for bolus in results.events.boluses] == ["complete", "denied"]
    assert {row.rate_nl_per_h for row in results.intervals} >= {20_000, 55_000}
    assert pump.pull(tmp_path / "mine.sqlite").new == results.record_count
    with Archive(tmp_path / "mine.sqlite") as archive:
        assert archive.journals()[0].count == results.record_count


def test_a_pump_is_found_by_name(config_path):
    with served() as serving:
        set_value("pumps.bench", serving.port)
        with Pump.find("bench") as pump:
            assert pump.hello().board == "simulator"
    with pytest.raises(HostError, match="no pump is called 'other'"):
        Pump.find("other")


def test_only_what_is_used_is_loaded():
    code = "import sys; import pumpctl; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "pumpctl.pump" not in loaded and "serial" not in loaded
    assert Path(pumpctl.__file__).with_name("py.typed").exists()


@pytest.mark.requirement("C-03")
def test_what_was_shown_is_what_is_replaced_or_nothing_is_sent(pump, tmp_path):
    """Between the look and the yes another host may have pushed."""
    mine = load_program(write(tmp_path, PROGRAM))
    plan = prepare(pump, mine)
    assert plan.before.name == "circadian" and not plan.difference.is_none
    pump.push(EXAMPLES / "ramp.toml")
    with pytest.raises(HostError, match="another rig or program meanwhile"):
        plan.send(pump)
    assert pump.program().name == "ramp"
    assert prepare(pump, mine).send(pump).kinds == ["program"]


@pytest.mark.requirement("C-03")
def test_a_pump_that_has_something_else_than_what_was_sent_is_said(pump, monkeypatch, tmp_path):
    plan = prepare(pump, load_program(write(tmp_path, PROGRAM)))
    monkeypatch.setattr(pump, "push_program", lambda body, confirm: 1)             # it answers, and keeps the old one
    with pytest.raises(IncompatibleError, match="another program than the one that was sent"):
        plan.send(pump)


def test_a_pumps_first_rig_replaces_none():
    sim = SimPump()
    pump = Pump.simulated(sim)
    pump.push(None, rig=EXAMPLES / "bench-1.toml")
    assert pump.results().rig_changes == []
    pump.push_rig(body_of(RIG))
    assert len(pump.results().rig_changes) == 1
