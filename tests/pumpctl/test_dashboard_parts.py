"""What the dashboard is made of, without a browser: its plot, its drafts, its words, its guard."""

from dataclasses import replace

import pytest

from pump.program import Program
from pump.rig import Rig
from pumpctl import live_text
from pumpctl.dashboard import charts, colours
from pumpctl.dashboard.drafts import difference_text, draft_of
from pumpctl.dashboard.event_list import table_of
from pumpctl.dashboard.guard import is_own
from pumpctl.dashboard.operating import ORDERS, countdown, is_possible
from pumpctl.dashboard.simulation import DEEDS
from pumpctl.errors import HostError
from pumpctl.live_history import Point
from pumpctl.live_journal import Event, LiveJournal
from pumpctl.live_view import View
from pumpctl.pump import Pump
from pumpctl.refusals import PumpRefused
from pumpctl.transport import SimTransport
from pumpsim import faults
from tests.pumpfiles.files import PROGRAM, changed
from tests.pumps import CONTINUOUS, HOUR_MS, RIG, START_UTC_MS, body_of, program, ready_pump

pytest.importorskip("nicegui")


@pytest.fixture
def view():
    """Of a pump that ran for 2 h at 36 uL/h: 720 steps of 100 nL."""
    sim = ready_pump(document=CONTINUOUS)
    with Pump(SimTransport(sim)) as pump:
        pump.ack()                          # that the clock was not set at power-up
        pump.start()
        sim.run_for(2 * HOUR_MS)
        return View("left", connected=True, status=pump.status(), hello=pump.hello(), rig=Rig(body_of(RIG)),
                    program=Program(body_of(CONTINUOUS)),
                    points=(Point(START_UTC_MS, 36_000, 0, 0),))


def test_the_plot_ends_now_and_counts_from_its_left_edge(view):
    options = charts.skeleton()
    charts.fill(options, view, HOUR_MS)
    end_ms = START_UTC_MS + 2 * HOUR_MS + HOUR_MS                      # local time: an hour east
    assert [options["xAxis"][1][edge] for edge in ("min", "max")] == [end_ms - HOUR_MS, end_ms]
    rate, delivered, programmed = (series["data"] for series in options["series"])
    assert rate == [[end_ms - HOUR_MS, 36], [end_ms, 36]]
    assert delivered == programmed == [[end_ms - HOUR_MS, 0], [end_ms, 36]]


def test_a_rate_is_drawn_as_it_holds_until_the_next(view):
    options = charts.skeleton()
    half = START_UTC_MS + HOUR_MS
    charts.fill(options, replace(view, points=(*view.points, Point(half, 12_000, 360, 36_000_000))), 24 * HOUR_MS)
    shift_ms = HOUR_MS
    assert [[at - START_UTC_MS - shift_ms, rate] for at, rate in options["series"][0]["data"]] == [
        [0, 36], [HOUR_MS, 36], [HOUR_MS, 12], [2 * HOUR_MS, 12], [2 * HOUR_MS, 36]]


def test_without_a_clock_the_plot_shows_what_was_known(view):
    options = charts.skeleton()
    charts.fill(options, replace(view, status=replace(view.status, utc_ms=None, offset_min=0)), HOUR_MS)
    assert options["xAxis"][0]["max"] == START_UTC_MS
    charts.fill(options, View("left"), HOUR_MS)
    assert options["series"][1]["data"] == []


def draft(text, **more):
    values = {"rig": Rig(body_of(RIG)), "running": None, "utc_ms": START_UTC_MS, "level_nl": 10_000_000} | more
    return draft_of(text, **values)


def test_a_wrong_text_is_told_with_line_and_column_and_without_a_file_of_ours():
    wrong = draft(changed(PROGRAM, '"06:30", rate = "55 uL/h"', '"06:30", rate = "55 uL"'))
    assert (wrong.line, wrong.column, wrong.file) == (8, 26, None)
    assert wrong.error.startswith('found "55 uL", expected a rate')
    assert wrong.marked.splitlines()[1].index("^") == wrong.marked.splitlines()[0].index('"55 uL"')
    assert "/" not in wrong.error.replace("mL/h", "").replace("mg/day", "")
    assert draft("").line == 1


def test_a_program_beyond_the_rig_is_refused_as_check_refuses_it():
    tight = Rig(body_of(RIG | {"max_1h_nl": 50_000}))
    assert "max_1h" in draft(PROGRAM, rig=tight).error


def test_a_preview_has_the_volume_of_each_day_and_what_changes():
    # Friday 8.5 h at 20 and 15.5 h at 55 uL/h; at the weekend nothing
    running = Program(body_of(program(plans=[[0, 36_000]])))
    found = draft(PROGRAM, running=running)
    assert [(day.name, day.new_nl, day.old_nl) for day in found.days[:2]] == [
        ("Fri 27 Mar", 1_022_500, 864_000), ("Sat 28 Mar", 0, 864_000)]
    assert [difference_text(day) for day in found.days[:2]] == ["+158.5 µL", "-864 µL"]
    assert found.svg.startswith("<svg") and found.beyond == ""
    assert ("every day 00:00" in dict(found.segments)) is False and found.segments


def test_what_is_beyond_its_own_soft_limits_is_told_by_line():
    found = draft(PROGRAM + '[soft_limits]\nmax_rate = "50 uL/h"\n')
    assert found.file is not None and found.beyond.startswith("program.toml:8: soft limit")


def test_a_pumps_words_are_text_and_never_markup():
    html = table_of([Event(1, 0, 0, "denied", "host", "<script>alert(1)</script>")])
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_what_begins_stands_out_and_what_is_over_does_not():
    sim = ready_pump(document=CONTINUOUS)
    with Pump(SimTransport(sim)) as pump:
        pump.ack()
        pump.start()
        sim.inject(faults.Stall(), for_ms=1000)
        sim.run_for(60_000)
        pump.ack()
        with pytest.raises(PumpRefused):
            pump.bolus(1000, 60)                                     # stopped
        journal = LiveJournal()
        while journal.next_seq < pump.status().next_seq:
            journal.take(pump.log(journal.next_seq))
    alerts = {(event.event, event.words.partition(":")[0].partition(",")[0]) for event in journal.events()
              if event.is_alert}
    assert alerts == {("alarm", "clock not set"), ("alarm", "occlusion"), ("fault", "occlusion"), ("bolus", "host"),
                      ("denied", "bolus refused")}
    quiet = [event.words for event in journal.events()
             if event.event == "alarm" and not event.is_alert and not event.is_routine]
    assert quiet == ["clock not set: its cause is gone; shown: clock not set", "acknowledged; none shown",
                     "occlusion: its cause is gone; shown: occlusion", "acknowledged; none shown"]


def test_an_alarm_that_is_told_again_each_day_is_bookkeeping():
    sim = ready_pump(document=CONTINUOUS)
    with Pump(SimTransport(sim)) as pump:
        pump.start()
        sim.run_for(25 * HOUR_MS)
        journal = LiveJournal(recall=30)                              # behind the first alarm
        journal.begin(pump.status().next_seq)
        while journal.next_seq < pump.status().next_seq:
            journal.take(pump.log(journal.next_seq))
    told = [event for event in journal.events() if event.event == "alarm"]
    assert [(event.words, event.is_routine, event.is_alert) for event in told] == [
        ("as before; shown: clock not set", True, False)]


@pytest.mark.requirement("C-02")
def test_buttons_follow_the_keys_that_are_here(view):
    locked = replace(view, status=replace(view.status, access="keys"))
    assert {name for name in ORDERS if is_possible(name, locked)} == {"stop"}
    operator = replace(locked, roles=("operate",))
    assert {name for name in ORDERS if is_possible(name, operator)} == {"suspend", "stop", "refill"}


def test_buttons_are_on_where_the_pump_would_not_refuse(view):
    on = {name for name in ORDERS if is_possible(name, view)}
    assert on == {"suspend", "stop", "refill"}                       # no on-demand bolus in this program
    stopped = replace(view, status=replace(view.status, state="stopped"))
    assert {name for name in ORDERS if is_possible(name, stopped)} == {"start", "stop", "refill"}
    assert not any(is_possible(name, replace(view, connected=False)) for name in ORDERS)


def test_keys_are_each_of_one_meaning():
    keys = [order.key for order in ORDERS.values()] + [deed.key for deed in DEEDS] + ["w", "n", "+", "-"]
    assert len(keys) == len(set(keys))


def test_a_countdown_is_read_like_a_clock():
    assert [countdown(span_s) for span_s in (5, 65, 3661)] == ["0:05", "1:05", "1:01:01"]


def test_black_letters_stand_out_on_every_colour_that_means_something():
    for colour in (*colours.STATES.values(), *colours.PRIORITIES.values(), colours.YELLOW):
        assert colours.contrast(colour, colours.BLACK) >= 4.5
    assert colours.contrast(colours.BLUE, colours.WHITE) >= 4.5
    assert round(colours.contrast(colours.BLACK, colours.WHITE), 3) == 21


@pytest.mark.parametrize("headers, own", [
    ([(b"host", b"127.0.0.1:8321")], True),
    ([(b"host", b"localhost:8321"), (b"origin", b"http://localhost:8321")], True),
    ([(b"host", b"127.0.0.1:8321"), (b"origin", b"http://localhost:8321")], False),
    ([(b"host", b"127.0.0.1.example:8321")], False),
    ([(b"host", b"127.0.0.1:8321"), (b"origin", b"null")], False),
    ([], False),
])
def test_only_the_page_itself_may_ask(headers, own):
    assert is_own(headers) is own


def test_what_is_wrong_with_the_words_is_said_in_a_line(monkeypatch, tmp_path):
    from click.testing import CliRunner

    from pumpctl.commands import dashboard as module

    def said(*words):
        result = CliRunner().invoke(module.dashboard, words)
        return str(result.exception.message if isinstance(result.exception, HostError) else result.output)

    assert "--simulate starts a pump of its own" in said("--simulate", "--port", "x")
    assert "--rig is for --simulate" in said("--rig", "x.toml")
    assert "cannot read" in said(str(tmp_path / "none.toml"), "--simulate")
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert said("--simulate") == "the dashboard needs NiceGUI, which is not installed"


def test_the_lesson_fits_its_bench():
    from pumpctl.commands.dashboard import LESSON
    from pumpfiles.rig_file import load_rig

    found = draft((LESSON / "day.toml").read_text(), rig=load_rig(LESSON / "rig.toml").rig)
    # 6 h at 20, 2 h from 20 to 60, 14 h at 60 and 2 h at 20 uL/h, and a bolus of 50 uL
    assert found.days[1].new_nl // 1000 == 120 + 80 + 840 + 40 + 50 - 1          # the bolus rounded down to steps


@pytest.mark.parametrize("nl_per_h, said", [
    (0, "0 µL/h"), (9_876, "9.876 µL/h"), (60_000, "60 µL/h"), (657_564, "657.5 µL/h"), (2_000_000, "2,000 µL/h")])
def test_a_rate_is_short_enough_for_large_letters(view, nl_per_h, said):
    assert live_text.short_rate(replace(view, status=replace(view.status, rate_nl_per_h=nl_per_h))) == said
