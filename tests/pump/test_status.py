"""What `status` says of a pump that has nothing, of one that runs, and of one whose flash cannot be read (C-01)."""

import pytest

from pumpsim import SimPump
from tests.boluses import ON_DEMAND, on_demand
from tests.pumps import CONTINUOUS, HOUR_MS, START_UTC_MS, ask, boot_without_storage, ready_pump, records, running_pump


def said(pump, *names):
    status = ask(pump, "status")
    return {name: status[name] for name in names}


def test_a_pump_without_rig_and_program_has_delivered_nothing_and_has_room_for_nothing():
    pump = SimPump()
    status = ask(pump, "status")
    volumes = [name for name in status if name.endswith("_nl") or name.endswith("_nl_per_h")]
    assert len(volumes) == 10
    assert {status[name] for name in volumes} == {0}
    assert said(pump, "state", "reason", "steps", "lockout_s", "boluses_left", "utc_ms", "offset_min", "first_seq") == {
        "state": "stopped", "reason": "power-up", "steps": 0, "lockout_s": 0, "boluses_left": 0, "utc_ms": None,
        "offset_min": 0, "first_seq": 0}
    assert said(pump, "program", "program_digest", "rig", "rig_digest") == {
        "program": None, "program_digest": "", "rig": None, "rig_digest": ""}


def test_a_running_pump_says_its_local_time_its_records_and_what_it_measures():
    pump = running_pump(document=CONTINUOUS)
    pump.run_for(HOUR_MS)
    assert said(pump, "utc_ms", "offset_min", "next_seq", "supply_mv", "chip_c", "rate_nl_per_h", "busy") == {
        "utc_ms": START_UTC_MS + HOUR_MS, "offset_min": 60, "next_seq": len(records(pump)), "supply_mv": 5000,
        "chip_c": 27, "rate_nl_per_h": 36_000, "busy": False}
    assert ask(pump, "status")["last_1h_nl"] == ask(pump, "status")["last_24h_nl"] == 36_000
    pump.board.supply.level_mv = None
    assert ask(pump, "status")["supply_mv"] == 0       # not measured


@pytest.mark.requirement("B-01")
def test_a_pump_says_how_many_boluses_are_left_in_24_hours():
    pump = running_pump(document=ON_DEMAND)
    assert ask(pump, "status")["boluses_left"] == 4
    for left in (3, 2, 1, 0):
        on_demand(pump)
        assert said(pump, "boluses_left", "lockout_s") == {"boluses_left": left, "lockout_s": 3600}
        pump.run_for(HOUR_MS)
    assert said(pump, "boluses_left", "lockout_s") == {"boluses_left": 0, "lockout_s": 0}
    pump.run_for(20 * HOUR_MS)                          # 24 h after the first
    assert ask(pump, "status")["boluses_left"] == 1


def test_a_pump_whose_flash_cannot_be_read_says_so_and_no_record_numbers():
    pump = ready_pump()
    boot_without_storage(pump)
    assert said(pump, "state", "first_seq", "next_seq", "reservoir_nl", "last_1h_nl") == {
        "state": "fault", "first_seq": 0, "next_seq": 0, "reservoir_nl": 0, "last_1h_nl": 0}


@pytest.mark.requirement("A-03")
def test_a_pump_whose_alarms_are_acknowledged_says_so():
    pump = ready_pump()
    assert ask(pump, "status")["unacknowledged"] is True
    ask(pump, "ack")
    assert ask(pump, "status")["unacknowledged"] is False


def test_a_supply_that_nobody_measures_is_0_mv():
    pump = ready_pump()
    pump.bench.supply.level_mv = None
    assert ask(pump, "inputs")["supply_mv"] == 0


def test_a_challenge_says_which_record_comes_next():
    pump = ready_pump()
    assert ask(pump, "challenge")["next_seq"] == ask(pump, "status")["next_seq"] > 0
