"""The pump of the pytest plugin: its words do what they say, held against the firmware's own figures."""

import pytest

from pump import record
from pumpfiles.errors import InputError
from pumpsim.faults import condition, delay, flash_read, limit_switch, power_cut, unplug, watchdog
from pumpsim.host import NoAnswerError, RefusedError
from pumpsim.testing import near
from pumpsim.testing.bench_pump import BenchPump

DAY = """
name = "day"
time_zone = "Europe/Berlin"
[[schedule]]
segments = [{ at = "00:00", rate = "20 uL/h" }, { at = "08:00", rate = "60 uL/h" }]
[on_demand]
volume = "10 uL"
over = "2 min"
lockout = "1 h"
max_per_24h = 4
"""


@pytest.fixture
def day():
    pump = BenchPump()
    pump.program(DAY)
    return pump


def test_at_goes_to_the_next_time_of_day(day):
    day.at("08:00")
    assert day.now == "2026-01-05 08:00:00"
    assert day.delivered == "160 uL"                   # 8 h * 20 uL/h, 100 nL a step
    day.at("08:00")
    assert day.now == "2026-01-06 08:00:00"
    assert day.delivered == near("1280 uL", day.step)  # and 16 h * 60 uL/h + 8 h * 20 uL/h


def test_at_follows_daylight_saving():
    pump = BenchPump()
    pump.program(DAY, start="2026-03-28T22:00")
    began_ms = pump.sim.now_ms
    pump.at("08:00")
    assert pump.sim.now_ms - began_ms == 9 * 3_600_000      # ten hours on the clock, one of them skipped
    pump.at("2026-03-30T08:00")
    assert pump.sim.now_ms - began_ms == 33 * 3_600_000


def test_what_has_been_is_refused(day):
    day.advance(hours=9)
    with pytest.raises(ValueError, match="2026-01-05T08:00 has been; the pump's clock shows 2026-01-05 09:00:00"):
        day.at("2026-01-05T08:00")


def test_what_is_no_time_is_refused(day):
    with pytest.raises(ValueError, match="'25:00' is no time of day; give one as \"08:00\""):
        day.at("25:00")
    with pytest.raises(ValueError, match="time goes forward only, not by -3600 s"):
        day.advance(hours=-1)
    assert day.now == "2026-01-05 00:00:00"


def test_without_a_clock_there_is_no_time_of_day():
    with pytest.raises(ValueError, match="clock is not set"):
        BenchPump().at("08:00")


def test_advance_is_exact_to_the_millisecond(day):
    began_ms = day.sim.now_ms
    day.advance(days=1, hours=1, minutes=1, seconds=1.001)
    assert day.sim.now_ms - began_ms == 90_061_001


@pytest.mark.parametrize("volume, over", [("50 uL", "10 min"), ("1 uL", "1 min")])
def test_a_bolus_adds_its_volume(day, volume, over):
    day.bolus(volume, over)
    day.advance(minutes=20)
    assert day.bolused == near(volume, day.step)
    assert [event.outcome for event in day.journal.named("bolus")] == ["granted", "complete"]


def test_a_held_button_suspends(day):
    day.press_button(seconds=3.5)
    assert (day.state, day.reason) == ("suspended", "button")
    day.resume()
    day.suspend()
    day.stop()
    assert day.state == "stopped"


def test_a_temporary_rate_by_percent_and_by_rate(day):
    day.temporary("150%", for_="1 h")
    assert day.rate == "30 uL/h"
    day.temporary("5 uL/h", for_="1 h")
    assert day.rate == "5 uL/h"
    day.advance(hours=1)
    assert day.rate == "20 uL/h"


def test_prime_withdraw_and_refill_are_accounts_of_their_own(day):
    day.stop()
    day.prime("100 uL")
    day.advance(minutes=1)
    assert (day.primed, day.delivered) == ("100 uL", "0 uL")
    day.withdraw("50 uL")
    day.advance(minutes=1)
    assert day.status["withdrawn_nl"] == 50_000
    before = day.reservoir
    day.refill("10 uL")
    assert day.reservoir == before + "10 uL"


def test_a_wrong_program_names_line_and_column(day):
    with pytest.raises(InputError, match=r"program.toml:5:.*20 mL/h"):
        day.program(DAY.replace("20 uL/h", "20 mL/h"))
    assert day.state == "running"                      # the old one goes on


def test_a_refusal_has_the_pumps_code_and_words(day):
    with pytest.raises(RefusedError, match=r"bad_state: .* running") as raised:
        day.start()
    assert raised.value.code == "bad_state"


def test_faults_are_injected_for_a_while_and_cleared(day):
    day.inject(limit_switch(), for_="5 s")
    assert day.alarms == ["end of travel"]
    day.advance(seconds=6)
    day.acknowledge()
    assert (day.state, day.alarms) == ("stopped", [])
    day.inject(power_cut())
    assert (day.state, day.status, day.now) == ("off", None, None)
    day.clear()
    assert day.state == "stopped"


def test_an_unknown_fault_is_no_name_to_import():
    with pytest.raises(ImportError):
        from pumpsim.faults import earthquake  # noqa: F401


def test_a_power_cut_leaves_something_uncertain(day):
    day.advance(minutes=65)
    day.power_cut("1 min")
    assert day.delivered <= near("21.6 uL", day.step).expected <= day.delivered + day.uncertain    # 65 min * 20 uL/h
    assert day.uncertain > "0 uL"


def test_it_shows_its_state_while_the_link_is_cut(day):
    day.inject(unplug())
    assert day.state == "running" and day.rate == "20 uL/h"


def test_the_journal_is_complete_where_the_pump_has_dropped_records():
    pump = BenchPump(plant=None)
    pump.program('name = "busy"\nutc_offset = "+00:00"\n[[schedule]]\nsegments = [{ at = "00:00", rate = "20 uL/h" }]\n'
                 '[periodic_bolus]\nvolume = "0.1 uL"\nover = "10 s"\nevery = "1 min"\n')
    pump.advance(days=3)                               # 4 records a minute: 17,280 of them
    assert pump.sim.app.journal.first_seq > 0
    assert [event.seq for event in pump.journal] == list(range(len(pump.journal)))


def test_every_event_of_a_busy_day_has_its_words(day):
    day.bolus("5 uL")
    day.advance(minutes=2)
    with pytest.raises(RefusedError):
        day.withdraw("1 uL")
    day.power_cut()
    seen = set(day.journal.names)
    assert {"boot", "rig", "program", "clock", "start", "bolus", "denied", "alarm"} <= seen
    denied = day.journal.named("denied")[0]
    assert (denied.request, denied.error, denied.actor) == ("withdraw", "bad_state", "host")
    first = day.journal.named("bolus", outcome="granted")[0]
    assert (first.kind, first.volume, first.denial, first.local) == ("host", "5 uL", "", "2026-01-05 00:00:00")
    assert day.journal.named("bolus", outcome="complete")[0].steps == 50       # 5 uL at 100 nL a step
    assert day.journal.named("boot")[1].reason == "power-up"
    assert day.journal.named("boot")[0].local is None
    assert len(repr(day.journal).splitlines()) == len(day.journal)


def test_an_event_that_there_is_not_is_refused(day):
    with pytest.raises(ValueError, match="'bolos' is no event"):
        day.journal.named("bolos")
    assert set(day.journal.names) <= set(record.EVENT_NAMES)


def test_a_property_or_a_word_that_there_is_not_is_refused(day):
    for values, said in [({"outcome": "deneid"}, "outcome is never 'deneid'; it is one of granted, complete"),
                         ({"denial": "lokout"}, "denial is never 'lokout'"), ({"kind": "hosst"}, "kind is never"),
                         ({"actor": "nurse"}, "actor is never 'nurse'; it is one of pump, schedule, host, button"),
                         ({"colour": "red"}, "an event has no 'colour'; choose among seq, name"),
                         ({"alarm": "occlusion"}, "alarm is of fault, alarm, not of bolus"),
                         ({"local": "08:00"}, "local is never '08:00'; write date and time such as")]:
        with pytest.raises(ValueError, match=said):
            day.journal.named("bolus", **values)
    with pytest.raises(ValueError, match="alarm is never 'oclusion'; it is one of over-delivery"):
        day.journal.named(alarm="oclusion")
    with pytest.raises(ValueError, match="error is never 'bad_mood'"):
        day.journal.named("denied", error="bad_mood")
    with pytest.raises(ValueError, match="reason is never 'boredom'; it is one of power-up"):
        day.journal.named("stop", reason="boredom")


def test_an_alarm_that_is_still_shown_at_midnight_is_one_event():
    pump = BenchPump()
    pump.set_clock("2026-01-05T22:00")
    pump.program(DAY)                                  # acknowledges nothing, as the clock is set already
    pump.at("00:10")
    assert pump.alarms == ["clock not set"]
    assert len(pump.journal.named("alarm", alarm="clock not set")) == 2           # raised, and its cause gone
    assert pump.journal.named("alarm", alarm="as before")[-1].local == "2026-01-06 00:00:00"


def test_a_fault_lasts_to_the_millisecond(day):
    day.inject(unplug(), for_="0.5 s")
    day.advance(seconds=0.499)
    assert day.sim.faults.is_active("unplug")
    day.advance(seconds=0.001)
    assert not day.sim.faults.is_active("unplug")
    began_ms = day.sim.now_ms
    day.power_cut("1.9 s")
    assert day.sim.now_ms - began_ms == 1901 and day.state == "stopped"


@pytest.mark.parametrize("wrong, said", [
    (lambda pump: pump.inject(unplug(), for_="0 s"), "found '0 s', expected a duration of at least a ms"),
    (lambda pump: pump.inject(unplug(), for_="0.0001 s"), "in whole ones"),
    (lambda pump: pump.inject(unplug(), for_="10"), "found '10', expected a unit after the number"),
    (lambda pump: pump.bolus("5 uL", over="0.5 s"), "found '0.5 s', expected a duration in whole seconds"),
    (lambda pump: pump.temporary("5 uL/h", for_="1.5 s"), "expected a duration in whole seconds"),
    (lambda pump: pump.temporary("half%", for_="1 h"), "found 'half%', expected"),
    (lambda pump: pump.bolus("1.5 nL"), "found 0.0015 uL, expected a whole number of nL"),
])
def test_what_would_be_cut_in_silence_is_refused(day, wrong, said):
    with pytest.raises(ValueError, match=said):
        wrong(day)
    assert day.sim.faults.active() == {} and len(day.journal.named("bolus")) == 0


def test_a_bare_number_is_no_duration_and_a_name_no_fault(day):
    with pytest.raises(TypeError, match='5 has no unit; write a duration such as "10 min"'):
        day.inject(unplug(), for_=5)
    with pytest.raises(TypeError, match=r"'unplug' is no fault; write one .* inject\(occlusion\(\)\)"):
        day.inject("unplug")


def test_a_fault_may_wait_for_a_condition(day):
    day.inject(limit_switch(), for_="1 min", when=condition(delivered_nl=20_000))
    day.advance(hours=2)
    assert day.journal.named("fault", alarm="end of travel")[0].local == "2026-01-05 01:00:00"     # 20 uL at 20 uL/h
    assert day.sim.faults.active() == {}


def test_a_pump_without_power_says_so(day):
    day.inject(power_cut())
    for ask in (lambda: day.delivered, lambda: day.alarms, lambda: day.rate, lambda: day.reason,
                lambda: day.at("08:00")):
        with pytest.raises(ValueError, match=r"the pump shows nothing: it has no power; clear it, .*power_cut"):
            ask()
    with pytest.raises(NoAnswerError, match=r"does not answer stop: it has no power; clear it, .*power_cut"):
        day.stop()
    assert len(day.journal.named("start")) == 1        # as far as it was known before the cut


def test_a_pump_that_gives_no_answer_says_why(day):
    day.inject(unplug())
    with pytest.raises(NoAnswerError, match=r"does not answer bolus: its link is disturbed; clear it, .*unplug"):
        day.bolus("5 uL")
    day.clear()
    day.inject(watchdog())
    with pytest.raises(NoAnswerError, match="does not answer start: its interpreter hangs; let time pass"):
        day.start()
    day.advance(seconds=3)
    assert day.state == "stopped"


def test_a_late_answer_is_not_taken_for_that_of_the_next_request(day):
    day.inject(delay(ms=500))
    with pytest.raises(NoAnswerError, match="does not answer suspend"):
        day.suspend()
    day.advance(seconds=2)
    assert day.state == "suspended"
    day.clear()
    with pytest.raises(RefusedError, match="bad_state"):
        day.suspend()                                  # it is suspended: the first one's "ok" has come meanwhile


def test_a_flash_chip_that_cannot_be_read_leaves_the_events_that_are_known_and_tells_the_others_later(day):
    known = day.journal.names
    day.sim.run_for(3 * 86_400_000)
    day.sim.inject(flash_read())                       # what the three days wrote has not been read yet
    readable = day.journal
    assert readable.names[:len(known)] == known
    assert "faults: flash_read" in day.describe()
    day.clear()
    whole = {event.seq: event.raw for event in day.journal}
    assert list(whole) == list(range(len(whole))) and len(whole) > len(readable)
    assert all(whole[event.seq] == event.raw for event in readable)               # none was kept with a wrong bit
    assert len(day.journal.named("rate")) == 6         # at 00:00 and 08:00 of three days


def test_a_flash_chip_that_cannot_be_read_at_all_ends_no_test():
    pump = BenchPump(plant=None)
    pump.program('name = "flat"\nutc_offset = "+00:00"\n[[schedule]]\n'
                 'segments = [{ at = "00:00", rate = "20 uL/h" }]\n')
    known = pump.journal.names
    pump.sim.run_for(3 * 86_400_000)
    pump.sim.inject(flash_read())
    with pytest.raises(OSError):
        pump.sim.app.journal.read(len(known), 1)
    assert pump.journal.names == known
