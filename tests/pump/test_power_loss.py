"""What a boot knows of the time before: nothing that was or may have been delivered is forgotten, however often the
power goes and wherever in the boot (J-02, L-03). Found by the prover, each kept here as a story of its own.
"""

import pytest

from pump import record
from pump.board import CAUSE_POWER, CAUSE_WATCHDOG
from pump.recall import Recall
from pumpsim import SimPump, faults
from pumpsim.flash import NorFlash
from pumpsim.prover.chip import ListingFlash
from tests.pumps import (
    DAY_MS,
    HOUR_MS,
    NO_LIMITS,
    RIG,
    START_UTC_MS,
    ask,
    program,
    push,
    ready_pump,
    records,
    request,
    running_pump,
)

MINUTE_MS = 60_000
# 36 uL/h: one step of 100 nL in 10 s; after a bolus by hand the button is locked for an hour
CONTINUOUS = program(plans=[[0, 36_000]], resume="basal", on_demand=[10_000, 60, 3600, 4])
AHEAD_NL = 6_300              # authorised at a checkpoint: 10 min 30 s


def dosing_pump():
    pump = running_pump(document=CONTINUOUS, battery_clock=True)
    return pump


def after_a_cut_anywhere_in_the_next_boot(pump):
    """A pump for each flash operation of the boot that would come now: the power went again just before it."""
    image = bytearray(pump.flash.image)
    chip = ListingFlash(image)
    SimPump(flash=chip)
    for operation in chip.operations:
        yield SimPump(flash=NorFlash(image))
        operation.apply(image)
    yield SimPump(flash=NorFlash(image))


@pytest.mark.requirement("L-03")
def test_the_window_holds_what_was_dosed_although_the_journal_began_without_a_clock():
    pump = dosing_pump()
    pump.run_for(2 * HOUR_MS)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["last_24h_nl"] == 72_000 + AHEAD_NL             # 2 h * 36 uL/h


@pytest.mark.requirement("L-03")
def test_the_window_holds_what_was_uncertain_at_an_earlier_boot():
    pump = dosing_pump()
    for _ in range(3):
        pump.run_for(HOUR_MS)
        pump.boot(CAUSE_POWER)
    status = ask(pump, "status")
    assert status["uncertain_nl"] == 3 * AHEAD_NL
    # Between two samples a fraction of a step may be on either side
    assert 3 * 36_000 + 3 * AHEAD_NL <= status["last_24h_nl"] <= 3 * 36_000 + 3 * AHEAD_NL + 200


@pytest.mark.requirement("L-03")
def test_what_is_uncertain_at_the_newest_record_is_not_spread_over_the_hours_before_it():
    pump = ready_pump(document=CONTINUOUS)                                      # no battery-backed clock
    pump.run_for(6 * HOUR_MS)
    ask(pump, "start")
    pump.run_for(5 * MINUTE_MS)
    pump.boot(CAUSE_POWER)
    status = ask(pump, "status")
    assert (status["uncertain_nl"], status["last_1h_nl"]) == (AHEAD_NL, AHEAD_NL)


@pytest.mark.requirement("L-03")
def test_the_windows_are_told_without_a_program():
    pump = dosing_pump()
    pump.run_for(HOUR_MS)
    ask(pump, "stop")
    push(pump, "rig", RIG | {"max_rate_nl_per_h": 20_000})                      # takes the program out of force
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["program"] is None
    assert ask(pump, "status")["last_1h_nl"] == 36_000


@pytest.mark.requirement("T-05")
@pytest.mark.parametrize("minutes", [-30, 30])
@pytest.mark.parametrize("was_set", [False, True])
def test_a_cut_while_the_clock_is_set_shortens_nothing(minutes, was_set):
    """The newest record is that of the setting: the battery-backed clock may have been set by then, or not."""
    pump = dosing_pump()
    pump.run_for(HOUR_MS)
    ask(pump, "bolus", volume_nl=10_000, over_s=60, confirm=0)
    image, real = [], pump.rtc.set_utc_s

    def set_and_keep(utc_s):
        if was_set:
            real(utc_s)
        image.append(bytes(pump.flash.image))

    pump.rtc.set_utc_s = set_and_keep
    ask(pump, "clock", utc_ms=START_UTC_MS + HOUR_MS + minutes * MINUTE_MS)
    after = SimPump(flash=NorFlash(image[0]), world=pump.world, bench=pump.bench)
    status = ask(after, "status")
    assert after.app.last_error == ""
    assert status["lockout_s"] >= 3600
    assert status["last_1h_nl"] >= 36_000
    assert status["utc_ms"] == START_UTC_MS + HOUR_MS + (minutes * MINUTE_MS if was_set else 0)


@pytest.mark.requirement("J-02")
def test_a_second_cut_anywhere_in_the_boot_keeps_what_is_uncertain():
    pump = dosing_pump()
    pump.run_for(HOUR_MS)
    found = [ask(again, "status") for again in after_a_cut_anywhere_in_the_next_boot(pump)]
    assert len(found) > 3
    assert {(status["steps"], status["uncertain_nl"]) for status in found} == {(360, AHEAD_NL)}


@pytest.mark.requirement("A-04")
def test_a_second_cut_anywhere_in_the_boot_leaves_the_level_as_it_was():
    pump = dosing_pump()
    ask(pump, "prime", volume_nl=500_000)
    pump.run_for(HOUR_MS)
    ask(pump, "prime", volume_nl=500_000)
    pump.run_for(10_000)                                                        # of 50 s: this prime is cut off
    levels = {ask(again, "status")["reservoir_nl"] for again in after_a_cut_anywhere_in_the_next_boot(pump)}
    dosed_nl = ask(pump, "status")["delivered_nl"]
    assert levels == {1_000_000_000 - 2 * 500_000 - dosed_nl}


@pytest.mark.requirement("A-04")
def test_a_day_without_power_does_not_empty_the_reservoir():
    pump = dosing_pump()
    pump.run_for(HOUR_MS)
    pump.boot(CAUSE_POWER)
    pump.run_for(HOUR_MS)
    pump.world.move_to(pump.now_ms + 25 * HOUR_MS)
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["reservoir_nl"] == 1_000_000_000 - 2 * (36_000 + AHEAD_NL)


@pytest.mark.requirement("L-03")
def test_a_limit_counts_what_was_uncertain_at_earlier_boots():
    """Three cuts leave 18.9 uL uncertain; of 60 uL in 24 h there is no room for 35 uL after 9 uL of doses."""
    limits = NO_LIMITS | {"max_24h_nl": 60_000}
    document = program(plans=[[0, 0, 60, 36_000, 75, 0]], resume="basal", limits=limits)
    pump = running_pump(document=document, battery_clock=True)
    pump.run_for(HOUR_MS)
    for _ in range(3):
        pump.run_for(2 * MINUTE_MS)
        pump.boot(CAUSE_POWER)
    pump.run_for(HOUR_MS)
    status = ask(pump, "status")
    assert status["last_24h_nl"] >= status["delivered_nl"] + status["uncertain_nl"] > 20_000


@pytest.mark.requirement("D-09")
def test_a_withdrawal_cut_by_the_power_is_uncertain_and_counts_as_nothing():
    pump = dosing_pump()
    pump.run_for(HOUR_MS)
    ask(pump, "stop")
    level_nl = ask(pump, "status")["reservoir_nl"]
    ask(pump, "withdraw", volume_nl=10_000)             # 1 s at 36 mL/h
    pump.run_for(500)
    pump.boot(CAUSE_POWER)
    status = ask(pump, "status")
    assert (status["withdrawn_nl"], status["uncertain_nl"], status["reservoir_nl"]) == (0, 0, level_nl)
    raw = [one for one in records(pump) if record.header(one)[7] == record.EVENT_TRANSFER][-1]
    assert record.header(raw)[10] == 2 * 16 + 5         # a withdrawal, uncertain
    assert record.data_of(raw, record.TRANSFER)[:3] == (10_000, 100, 0)


@pytest.mark.requirement("T-05")
@pytest.mark.parametrize("minutes, locked_s", [(-30, 3600), (30, 3600)])
def test_a_clock_that_was_being_set_when_the_power_went_shortens_nothing_two_boots_later(minutes, locked_s):
    pump = dosing_pump()
    ask(pump, "bolus", volume_nl=10_000, over_s=60, confirm=0)
    image, real = [], pump.rtc.set_utc_s
    pump.rtc.set_utc_s = lambda utc_s: (image.append(bytes(pump.flash.image)), real(utc_s))
    ask(pump, "clock", utc_ms=START_UTC_MS + minutes * MINUTE_MS)
    after = SimPump(flash=NorFlash(image[0]), world=pump.world, bench=pump.bench)
    after.boot(CAUSE_POWER)                             # the record of the setting is not the newest any more
    assert ask(after, "status")["lockout_s"] >= locked_s


@pytest.mark.requirement("J-02")
def test_what_a_boot_that_failed_left_uncertain_is_in_the_journal_before_anything_moves():
    pump = dosing_pump()
    pump.run_for(HOUR_MS)

    def failing_once(board):
        real = board.inputs.read

        def read():
            board.inputs.read = real
            raise ValueError("a bug")

        board.inputs.read = read
        return board

    pump._wrap_board = failing_once                     # the self-test looks at the inputs before anything is written
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["reason"] == "firmware error"
    ask(pump, "ack")
    ask(pump, "start")
    pump._wrap_board = lambda board: board
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["uncertain_nl"] == 2 * AHEAD_NL


@pytest.mark.requirement("L-03")
def test_what_was_uncertain_at_an_earlier_boot_is_not_counted_again_in_the_hours_after_it():
    pump = dosing_pump()
    pump.run_for(HOUR_MS)
    pump.boot(CAUSE_POWER)                              # 63 steps are uncertain from now on
    pump.run_for(3 * HOUR_MS)
    pump.boot(CAUSE_WATCHDOG)
    status = ask(pump, "status")
    assert status["uncertain_nl"] == AHEAD_NL
    assert 36_000 <= status["last_1h_nl"] <= 36_200
    assert 4 * 36_000 + AHEAD_NL <= status["last_24h_nl"] + 400 <= 4 * 36_000 + AHEAD_NL + 600


@pytest.mark.requirement("L-03")
def test_without_a_clock_no_time_has_passed_since_the_newest_record():
    pump = ready_pump(document=CONTINUOUS)              # no battery-backed clock
    ask(pump, "start")
    pump.run_for(3 * HOUR_MS)
    pump.boot(CAUSE_POWER)
    status = ask(pump, "status")
    assert status["uncertain_nl"] == AHEAD_NL
    assert 36_000 + AHEAD_NL <= status["last_1h_nl"] <= 36_200 + AHEAD_NL
    assert status["last_24h_nl"] == 3 * 36_000 + AHEAD_NL


@pytest.mark.requirement("A-04")
def test_a_refill_that_was_written_holds_though_the_power_goes_before_its_snapshot():
    """10 mL by the count, in truth emptied and filled with 50 uL: once that is written no reset may know of more."""
    written = 0
    for operation in range(1, 12):
        pump = running_pump(rig=RIG | {"reservoir_nl": 10_000_000}, document=CONTINUOUS)
        pump.run_for(60_000)
        pump.inject(faults.make("power_cut_at_flash", {"operation": operation, "way": "not done"}))
        pump.send(request("refill", added_nl=50_000, withdrawn_nl=10))
        pump.poll()
        pump.run_for(60_000)
        pump.clear("power_cut_at_flash")
        pump.receive()                                  # the reply, where there were fewer operations
        if record.EVENT_REFILL in [record.header(raw)[7] for raw in records(pump)]:
            written += 1
            assert ask(pump, "status")["reservoir_nl"] <= 50_000
    assert 0 < written < 11


@pytest.mark.requirement("A-04")
def test_a_refill_whose_snapshot_the_power_cut_off_holds_to_the_nanolitre_whatever_went_out_before_it():
    """Before it 63 steps that may have been dosed, 100 that may have been primed, 50 primed and 20 withdrawn."""
    pump = running_pump(rig=RIG | {"reservoir_nl": 10_000_000}, document=CONTINUOUS | {"resume": "stopped"})
    pump.boot(CAUSE_POWER)
    ask(pump, "prime", volume_nl=10_000)                # 100 steps at 100 a second
    pump.run_for(300)
    pump.boot(CAUSE_POWER)
    for do, volume_nl in (("prime", 5_000), ("withdraw", 2_000)):
        ask(pump, do, volume_nl=volume_nl)
        pump.run_for(2_000)
    status = ask(pump, "status")
    assert (status["uncertain_nl"], status["prime_nl"], status["withdrawn_nl"]) == (AHEAD_NL, 5_000, 2_000)
    assert status["reservoir_nl"] == 10_000_000 - AHEAD_NL - 10_000 - 5_000 + 2_000
    before, levels = bytes(pump.flash.image), []
    for operation in range(1, 12):
        pump.flash.image[:] = before
        pump.boot(CAUSE_POWER)
        pump.inject(faults.make("power_cut_at_flash", {"operation": operation, "way": "not done"}))
        pump.send(request("refill", added_nl=50_000, withdrawn_nl=10))
        pump.poll()
        pump.run_for(1_000)
        pump.clear("power_cut_at_flash")
        pump.receive()
        if record.EVENT_REFILL in [record.header(raw)[7] for raw in records(pump)]:
            levels.append(ask(pump, "status")["reservoir_nl"])
    assert levels == [50_000] * len(levels) and 0 < len(levels) < 11


@pytest.mark.requirement("A-04")
def test_what_went_out_before_a_refill_is_not_taken_from_it_after_a_power_loss():
    """30 steps of 100 nL in 5 min, then the reservoir is filled up: of 10 mL only what was authorised is in doubt."""
    pump = running_pump(rig=RIG | {"reservoir_nl": 10_000_000}, document=CONTINUOUS)
    pump.run_for(5 * MINUTE_MS)
    ask(pump, "refill", added_nl=10_000_000 - ask(pump, "status")["reservoir_nl"], withdrawn_nl=-1)
    before = ask(pump, "status")
    pump.boot(CAUSE_POWER)
    after = ask(pump, "status")
    assert before["reservoir_nl"] == 10_000_000 and before["delivered_nl"] == 3000
    assert after["delivered_nl"] == 3000
    assert after["reservoir_nl"] == 10_000_000 - after["uncertain_nl"] and 0 < after["uncertain_nl"] <= AHEAD_NL


@pytest.mark.requirement("P-04")
@pytest.mark.requirement("J-02")
def test_a_rig_that_cannot_be_read_at_a_boot_takes_no_uncertain_prime_and_no_running_time_away():
    pump = ready_pump(document=CONTINUOUS)
    ask(pump, "prime", volume_nl=10_000)                # 100 steps at 100 a second
    pump.run_for(300)
    assert pump.board.stepper.edges() == 30
    pump.boot(CAUSE_POWER)                              # up to 100 may have been made
    ask(pump, "clock", utc_ms=START_UTC_MS)
    ask(pump, "start")
    pump.run_for(2 * HOUR_MS)
    ask(pump, "stop")
    pump.inject(faults.BitFlip(file="rig.a", bit=317))
    pump.boot(CAUSE_POWER)
    assert ask(pump, "status")["rig"] is None
    assert "ok" in push(pump, "rig", RIG)
    parts = pump.app.parts
    assert parts.delivery.ledger.uncertain_prime_steps == 100
    assert 7200 <= parts.meter.motor_s(pump.app.clock.mono_ms) <= 7201


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize("every_s", [60, 120])
def test_a_day_of_thousands_of_records_is_known_after_a_power_loss(every_s):
    document = CONTINUOUS | {"periodic": [1_000, 30, every_s]}
    pump = running_pump(document=document, battery_clock=True)
    pump.run_for(25 * HOUR_MS)
    before = ask(pump, "status")
    assert before["next_seq"] > 25 * 3600 // every_s * 4    # of each bolus begin and end, with a rate each
    pump.boot(CAUSE_POWER)
    after = ask(pump, "status")
    given_nl = 24 * 36_000 + 86_400 // every_s * 1_000
    for status in (before, after):
        assert given_nl <= status["last_24h_nl"] <= given_nl + after["uncertain_nl"] + 6_000
    assert after["last_1h_nl"] >= before["last_1h_nl"] >= 36_000 + 3600 // every_s * 1_000


@pytest.mark.requirement("P-02")
@pytest.mark.requirement("P-04")
def test_a_boot_after_weeks_without_an_alarm_reads_two_days_back():
    # 146 records a day; reading thousands takes a Pico longer than its watchdog allows
    pump = running_pump(document=CONTINUOUS, battery_clock=True)
    ask(pump, "ack")
    pump.run_for(20 * DAY_MS + 12 * HOUR_MS)
    pump.boot(CAUSE_POWER)
    assert pump.app.journal.next_seq > 2900
    assert 24 * 6 // 8 <= pump.board.watchdog.feeds <= 2 * 146 // 8            # by eight records


@pytest.mark.requirement("L-03")
@pytest.mark.parametrize("quantum_min, periodic, hours", [(1, [], 15), (10, [1_000, 30, 60], 25)])
def test_a_boot_trusts_its_history_as_far_as_it_could_read_it(quantum_min, periodic, hours):
    # 900 samples on a line, and 3000 of a bolus a minute: there is room for 600
    pump = running_pump(rig=RIG | {"quantum_min": quantum_min}, document=CONTINUOUS | {"periodic": periodic},
                        battery_clock=True)
    pump.run_for(hours * HOUR_MS)
    [(_, past)] = Recall(pump.app.journal, ask(pump, "status")["utc_ms"], lambda: None).pasts
    assert past.loose_steps > 2 if periodic else past.loose_steps == 2
    pump.boot(CAUSE_POWER)
    assert pump.app.parts.guard.history.loose_steps == past.loose_steps
