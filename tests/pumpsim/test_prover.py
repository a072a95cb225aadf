"""The power is cut at flash operations all over a simulated day, and what is left is judged (J-03). `make prove` cuts
at every one of them."""

import json
from random import Random

import pytest
from click.testing import CliRunner

from pump import record
from pumpctl.proofs import proven
from pumpsim.__main__ import cli
from pumpsim.device import UNIQUE_ID
from pumpsim.prover.case import WAY_NAMES, Case, case_of, cases_of
from pumpsim.prover.chip import Operation
from pumpsim.prover.cut import TORN, cut_of_stage
from pumpsim.prover.recovery import Recovery
from pumpsim.prover.run import all_cases, image_before, prove, run_cases, spread, stage_of
from pumpsim.prover.scenario import SCENARIOS
from pumpsim.prover.verdict import Verdict

CUTS = 1200
PARTS = 6                     # so that the tests run side by side
PAGE = bytes(range(256))


@pytest.mark.requirement("J-03")
@pytest.mark.requirement("J-02")
@pytest.mark.requirement("L-03")
@pytest.mark.requirement("P-04")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_cut_loses_an_event_repeats_a_dose_or_stops_a_boot(part):
    cases = spread(all_cases(), CUTS)
    verdict = prove(cases[part * CUTS // PARTS:(part + 1) * CUTS // PARTS], jobs=1)
    assert (verdict.cuts, verdict.failed) == (CUTS // PARTS, [])


def test_the_cuts_are_spread_over_all_ways_and_scenarios():
    cases = spread(all_cases(), CUTS)
    assert {case.way for case in cases} == set(WAY_NAMES)
    assert {case.scenario for case in cases} == set(SCENARIOS)
    assert len({(case.scenario, case.operation) for case in cases}) > CUTS * 2 // 5
    assert len(set(map(str, all_cases()))) >= 20_000                  # those of make prove


def test_the_day_holds_every_kind_of_event():
    records = stage_of("day").witness.records
    found = {record.EVENT_NAMES[record.header(raw)[7]] for raw in records}
    assert found >= {"boot", "clock", "rig", "program", "start", "rate", "day", "checkpoint", "stop", "suspend",
                     "resume", "fault", "ack", "denied", "bolus", "transfer", "temporary", "refill", "alarm",
                     "accounts", "levels"}


def test_a_segment_is_filled_on_the_way_and_in_the_full_journal_the_oldest_goes():
    assert stage_of("day").witness.known.begun_seq > 1024 > 824
    assert stage_of("full").witness.known.first_seqs == (1024, 1024)


@pytest.mark.requirement("J-04")
def test_the_host_proves_the_journal_that_a_recovery_has_written():
    for at in range(20, 110, 9):
        case = Case("fresh", at, TORN, 0)
        cut = cut_of_stage(stage_of("fresh"), image_before(case), at, TORN, Random(at))
        recovery = Recovery(cut, 1500, True)
        recovery.judge()
        assert recovery.findings == []
        raw = b"".join(recovery.witness.records)
        assert proven(raw, UNIQUE_ID).count == len(raw) // record.SIZE > len(cut.records)


@pytest.mark.parametrize("text", ["day-400-t7", "fresh-100-r2", "full-300-n1"])
def test_an_id_tells_a_case_whole(text):
    case = case_of(text, SCENARIOS)
    assert str(case) == text
    stories = [case.run(stage_of(case.scenario), image_before(case)) for _ in range(2)]
    assert stories[0] == stories[1]


@pytest.mark.parametrize("text", ["", "day-1", "night-1-t0", "day-x-t0", "day-1-z0", "day-1-t"])
def test_what_is_no_case_is_refused(text):
    with pytest.raises(ValueError, match="is no case"):
        case_of(text, SCENARIOS)


def test_an_operation_beyond_the_scenario_is_refused():
    with pytest.raises(ValueError, match="beyond them"):
        image_before(Case("fresh", 100_000, TORN, 0))


def test_a_torn_program_writes_no_bit_that_was_not_erased():
    image = bytearray(b"\x0f" * 256 + b"\xff" * (4096 - 256))
    Operation(0, PAGE).tear(image, Random(1))
    assert all(byte & 0xF0 == 0 for byte in image[:256])
    assert image[256:] == b"\xff" * (4096 - 256)


def test_tears_differ_in_place_and_kind():
    torn = set()
    for seed in range(50):
        image = bytearray(b"\xff" * 4096)
        Operation(0, PAGE).tear(image, Random(seed))
        torn.add(bytes(image))
    assert len(torn) > 40
    assert bytes(PAGE + b"\xff" * (4096 - 256)) not in torn


def test_a_torn_erase_stays_in_its_sector():
    for seed in range(30):
        image = bytearray(3 * 4096)
        Operation(4096, None).tear(image, Random(seed))
        assert image[:4096] == image[8192:] == bytes(4096)
        assert image[4096:8192] != bytes(4096)


def test_the_verdict_counts_cases_and_tells_how_to_run_one_again():
    verdict = Verdict()
    verdict.take(Case("day", 3, TORN, 1), [("events lost", "one"), ("events lost", "two")])
    verdict.take(Case("day", 4, TORN, 1), [])
    assert verdict.lines()[0] == "cuts / events lost / doses repeated / boots failed: 2 / 1 / 0 / 0"
    assert "pumpsim prove --case day-3-t1" in verdict.lines()[-1]
    assert verdict.as_dict()["failed"][0] == {"case": "day-3-t1", "kind": "events lost", "found": "one"}


def test_several_processes_come_to_the_same_verdict():
    cases = [case for at in (30, 60, 90) for case in cases_of("fresh", at)]
    assert prove(cases, jobs=2).as_dict() == run_cases(cases).as_dict()


def test_the_command_prints_the_counts():
    result = CliRunner().invoke(cli, ["prove", "--cuts", "20", "--jobs", "1", "--json"])
    counts = json.loads(result.stdout)
    assert (counts["cuts"], counts["failed"], set(counts["kinds"].values())) == (20, [], {0})


def test_the_command_tells_one_case_at_length():
    result = CliRunner().invoke(cli, ["prove", "--case", "day-400-t7"])
    assert result.stdout.startswith("day-400-t7: scenario day, operation 400 of")
    assert result.stdout.endswith("nothing wrong\n")
