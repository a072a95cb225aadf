"""The dashboard in a real browser: the lesson, the keyboard alone, and that it talks to nobody but itself."""

import re
import socket
import urllib.request
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest

from tests.pumpctl.browser import WAIT_MS, chromium, dashboard, needs_chromium
from tests.serving import served

pytestmark = needs_chromium
SHOTS = Path(__file__).parents[2] / "out" / "dashboard"
DAY = '''\
name = "school day"
time_zone = "Europe/Berlin"
[[schedule]]
segments = [
  { at = "00:00", rate = "3 uL/h" },
  { at = "08:00", rate = "6 uL/h" },
]
[on_demand]
volume = "10 uL"
over = "1 min"
lockout = "30 min"
max_per_24h = 4
'''


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address():
    with dashboard("--simulate") as address:
        yield address


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(WAIT_MS)
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    assert page.problems == []
    page.close()


def expect(locator):
    from playwright.sync_api import expect

    expect.set_options(timeout=WAIT_MS)
    return expect(locator)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def shot(page, name):
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def figure(page, name):
    """Microlitres or kPa."""
    text = page.locator(".figure", has_text=name).locator(".value").inner_text()
    number, unit = re.fullmatch(r"([\d.,]+) (\S+?)(?: \+.*)?", text).groups()
    return float(number.replace(",", "")) * (1000 if unit == "mL" else 1)


def wait_until(page, is_so):
    """Looks again and again, as long as a condition may take."""
    for _ in range(WAIT_MS // 100):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come")


def at_program(page, address):
    """The page, as soon as it hears keys, and its program editor."""
    page.goto(address)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_enabled()
    page.keyboard.press("2")


def test_the_lesson(page):
    """Program a day, run it fast, cause an occlusion, acknowledge, read the log."""
    with dashboard("--simulate") as address:
        page.goto(address)
        state = page.locator(".state")
        expect(state).to_contain_text("stopped")
        expect(page.get_by_text("Bench prototype. Never connect it to a person or an animal.")).to_be_visible()
        program_a_day(page)
        run_it_fast(page)
        cause_an_occlusion(page)
        acknowledge(page)
        read_the_log(page, address)


def program_a_day(page):
    press(page, "Program")
    page.locator("#program-text").fill(DAY.replace("6 uL/h", "6 uL"))
    press(page, "Check and preview")
    expect(page.locator(".verdict")).to_contain_text('Line 6, column 26: found "6 uL", expected a rate')
    expect(page.get_by_role("button", name="Send to the pump")).to_be_disabled()
    shot(page, "refused")
    page.locator("#program-text").fill(DAY)
    press(page, "Check and preview")
    expect(page.locator(".verdict")).to_contain_text("within the limits of bench")
    # 8 h at 3 and 16 h at 6 uL/h; the pump's step of 103 nL is not rounded to in a plan
    expect(page.locator(".editor")).to_contain_text("120 µL")
    expect(page.get_by_role("img", name="school day on bench")).to_be_visible()
    shot(page, "preview")
    press(page, "Send to the pump")
    expect(page.get_by_text("school day is the pump's program now")).to_be_visible()


def run_it_fast(page):
    press(page, "Live")
    press(page, "Start")
    expect(page.locator(".state")).to_contain_text("running")
    press(page, "100,000x")                                  # 1.2 days a second: the reservoir lasts a minute
    wait_until(page, lambda: figure(page, "Delivered") > 120)            # more than a day
    press(page, "60x")
    expect(page.get_by_role("button", name="60x", exact=True)).to_have_attribute("aria-pressed", "true")
    shot(page, "running")
    press(page, "Bolus")
    expect(page.get_by_role("button", name=re.compile(r"Bolus in (29|30):\d\d"))).to_be_disabled()


def cause_an_occlusion(page):
    expect(page.locator(".page:not(.hidden) .events")).to_contain_text("on demand: 10 µL over 1 min, complete")
    press(page, "Occlusion")
    press(page, "100,000x")                                  # 100 kPa and 1.5 uL/kPa: 150 uL, more than a day
    expect(page.locator("section.alarm").filter(has_text="occlusion")).to_contain_text("(high)")
    expect(page.locator(".state")).to_contain_text(re.compile("fault.*occlusion"))
    press(page, "60x")
    wait_until(page, lambda: figure(page, "Pressure in it") in range(98, 103))
    wait_until(page, lambda: 140 < figure(page, "Delivered") - figure(page, "Out of the line") < 160)
    shot(page, "occlusion")


def acknowledge(page):
    press(page, "All well")
    press(page, "Acknowledge")
    expect(page.locator(".state")).to_contain_text("stopped")
    expect(page.locator("section.alarm").filter(has_text="occlusion")).to_be_hidden()


def read_the_log(page, address):
    press(page, "Events")
    events = page.locator(".page:not(.hidden) .events")
    for words in ("occlusion: raised", "occlusion: its cause is gone", "acknowledged; none shown",
                  "on demand: 10 µL over 1 min, complete"):
        expect(events).to_contain_text(words)
    shot(page, "events")
    report = page.request.get(f"{address}download/0/report.html")
    assert report.ok and "school day" in report.text()
    doses = page.request.get(f"{address}download/0/doses.csv").text().splitlines()
    rate = doses[0].split(",").index("rate_nl_per_h")
    assert {"3000", "6000"} <= {line.split(",")[rate] for line in doses[1:]}


def test_the_keyboard_is_enough(page, address):
    at_program(page, address)
    field = page.locator("#program-text")
    expect(field).to_be_visible()
    wait_until(page, lambda: field.input_value())
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.id"))
        if reached[-1] == "Check and preview":
            break
    assert reached[:4] == ["Live", "Program", "Events", "Keys"]        # in the order in which they stand
    assert reached[-2:] == ["program-text", "Check and preview"]       # Tab leaves the text
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send to the pump")).to_be_enabled()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is the pump's program now")).to_be_visible()
    page.keyboard.press("1")
    state = page.locator(".state")
    for key, words in (("g", "running"), ("p", "suspended"), ("r", "running"), ("e", "fault")):
        page.keyboard.press(key)
        expect(state).to_contain_text(words)
    page.keyboard.press("w")
    expect(page.get_by_role("button", name="All well", exact=True)).to_be_disabled()
    page.keyboard.press("a")
    expect(state).to_contain_text("stopped")
    page.keyboard.press("g")
    expect(state).to_contain_text("running")
    page.keyboard.press("+")
    expect(page.get_by_role("button", name="60x", exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("-")
    expect(page.get_by_role("button", name="1x", exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("s")
    expect(state).to_contain_text("stopped")
    page.keyboard.press("c")                                          # its battery-backed clock
    expect(page.get_by_role("button", name="Clock lost")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("w")
    expect(page.get_by_role("button", name="Clock lost")).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("4")
    expect(page.locator(".keys")).to_contain_text("Acknowledge")


def test_letters_typed_into_the_program_operate_nothing(page, address):
    at_program(page, address)
    page.locator("#program-text").fill("")
    page.locator("#program-text").press_sequentially("gsoxu41")
    expect(page.locator("#program-text")).to_have_value("gsoxu41")
    expect(page.get_by_role("button", name="Unplug USB")).to_have_attribute("aria-pressed", "false")
    press(page, "Check and preview")
    expect(page.locator(".verdict")).to_contain_text("expected")
    at_program(page, address)                                         # loaded again, with what was typed
    expect(page.locator("#program-text")).to_have_value("gsoxu41")
    expect(page.get_by_role("button", name="Unplug USB")).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("button", name="Program", exact=True)).to_have_attribute("aria-pressed", "true")


def test_what_was_previewed_is_not_sent_when_another_program_has_come_since(page, address, browser):
    others = browser.new_page()
    for each, name in ((page, "mine"), (others, "theirs")):
        at_program(each, address)
        each.locator("#program-text").fill(DAY.replace("school day", name))
        press(each, "Check and preview")
        expect(each.locator(".verdict")).to_contain_text(f"{name}: within the limits of bench")
    press(others, "Send to the pump")
    expect(others.locator(".verdict")).to_have_text("Sent as it stands.")
    press(page, "Live")
    expect(page.get_by_text("Program: theirs")).to_be_visible()
    press(page, "Program")
    press(page, "Send to the pump")
    expect(page.locator(".verdict")).to_contain_text("Another rig or program is in the pump than before")
    press(page, "Live")
    expect(page.get_by_text("Program: theirs")).to_be_visible()
    others.close()


def test_unplugging_shows_and_comes_back(page, address):
    page.goto(address)
    expect(page.get_by_text("connected since").first).to_be_visible()
    press(page, "Unplug USB")
    expect(page.get_by_role("alert").filter(has_text="not connected since")).to_be_visible()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled()
    shot(page, "unplugged")
    press(page, "Unplug USB")
    expect(page.get_by_role("alert").filter(has_text="not connected since")).to_be_hidden()
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_enabled()


def test_two_pumps_stand_side_by_side(page, tmp_path, monkeypatch):
    config = tmp_path / "config.toml"
    monkeypatch.setenv("PUMPCTL_CONFIG", str(config))
    with served(speed="1") as left, served(speed="1") as right:
        config.write_text(f'[pumps]\nleft = "{left.port}"\nright = "{right.port}"\n')
        with dashboard("--pump", "left", "--pump", "right") as address:
            page.goto(address)
            expect(page.locator("section.pump")).to_have_count(2)
            for number, name in enumerate(("left", "right")):
                expect(page.locator(".pump-name").nth(number)).to_have_text(name)
                expect(page.locator("section.pump").nth(number)).to_contain_text("connected since")
            boxes = [page.locator("section.pump").nth(at).bounding_box() for at in (0, 1)]
            assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
            assert boxes[0]["y"] == boxes[1]["y"]
            shot(page, "two")
            press(page, "Program")
            press(page, "Check and preview")
            expect(page.locator(".verdict")).to_contain_text("a day can be read, but this pump has no rig yet")
            expect(page.get_by_role("button", name="Send to left")).to_be_disabled()
            press(page, "Next pump")
            expect(page.locator(".head .name")).to_contain_text("right")
            expect(page.locator(".verdict")).to_have_text("Not checked yet for right.")


def test_no_request_leaves_loopback(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda link: asked.append(link.url))
    page.goto(address)
    for view in ("Program", "Events", "Keys", "Live"):
        press(page, view)
    press(page, "60x")
    expect(page.locator(".chart canvas").first).to_be_visible()
    hosts = {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}
    assert len(asked) > 5


def test_it_listens_on_one_loopback_address_only(address):
    port = urlsplit(address).port
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", port), timeout=5)


@pytest.mark.parametrize("headers", [{"Host": "pump.example"}, {"Origin": "https://pump.example"},
                                     {"Origin": "http://127.0.0.1:1"}])
@pytest.mark.parametrize("path", ["", "_nicegui_ws/socket.io/?EIO=4&transport=polling", "download/0/journal.bin"])
def test_a_foreign_page_is_turned_away(address, headers, path):
    with pytest.raises(HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(address + path, headers=headers), timeout=20)
    assert caught.value.code == 403
