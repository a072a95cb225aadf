"""WIRING.md names the pins that the code takes."""

import re
from pathlib import Path

from pump.rig import COIL_PINS, PARTS, PIN_DEFAULTS, UART_PINS
from pumpctl.checklist import STEPS
from tests.pico.header import HEADER
from tests.pico.wiring_drawing import DRAWING, MAINTENANCE, STOP, drawing

FIRMWARE = Path(__file__).parents[2] / "firmware"
WIRING = (FIRMWARE / "WIRING.md").read_text(encoding="utf-8")


def rows(section):
    """The cells of each table row of a section."""
    body = WIRING.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines() if line[:1] == "|"]


def test_the_table_holds_the_defaults_of_a_rig():
    written = {name: int(gpio) for name, gpio, *_ in rows("Pins") if name in PIN_DEFAULTS}
    assert written == PIN_DEFAULTS


def test_header_pins_belong_to_their_gpio():
    for _, gpios, pins, _ in rows("Pins"):
        if re.fullmatch(r"[\d, ]+", pins):
            assert [HEADER[int(gpio)] for gpio in gpios.split(",")] == [int(pin) for pin in pins.split(",")]


def test_the_maintenance_jumper_is_where_the_code_looks():
    number = re.search(r"^JUMPER = (\d+)", (FIRMWARE / "loader.py").read_text(), re.MULTILINE)[1]
    assert next(gpio for name, gpio, *_ in rows("Pins") if name == "maintenance") == number


def test_the_parts_are_where_the_documents_say():
    written = {name: tuple(map(int, gpios.split(", "))) for name, gpios, *_ in rows("Pins") if name in PARTS}
    assert written == PARTS


def test_the_parts_are_where_the_code_looks():
    found = {}
    for name in ("ds3231", "buzzer", "rgb", "hx711", "tmc2209"):
        found |= re.findall(r"^_(SDA|SCL|BUZZER|FIRST|DOUT|SCK|TX|RX) = const\((\d+)\)",
                            (FIRMWARE / "pico" / f"{name}.py").read_text(), re.MULTILINE)
    assert {name: int(number) for name, number in found.items()} == {
        "SDA": PARTS["ds3231"][0], "SCL": PARTS["ds3231"][1],
        "BUZZER": PARTS["buzzer"][0], "FIRST": PARTS["rgb"][0],
        "DOUT": PARTS["hx711"][0], "SCK": PARTS["hx711"][1], "TX": UART_PINS[0], "RX": UART_PINS[1]}
    assert next(gpios for name, gpios, *_ in rows("Pins") if name == "tmc2209") == "%d, %d" % UART_PINS
    assert next(gpios for name, gpios, *_ in rows("Pins") if name == "uln2003") == "%d, %d, %d, %d" % COIL_PINS
    assert tuple(range(COIL_PINS[0], COIL_PINS[0] + 4)) == COIL_PINS    # PIO takes four in a row
    assert PARTS["rgb"] == PARTS["leds"] == tuple(range(PARTS["rgb"][0], PARTS["rgb"][0] + 3))
    assert PARTS["adc"] == (26,)                        # channel 0
    code = (FIRMWARE / "pico" / "interlock.py").read_text()
    first = int(re.search(r"^_FIRST = const\((\d+)\)", code, re.MULTILINE)[1])
    stop = next(gpio for name, gpio, *_ in rows("Pins") if name == "stop")
    assert [*PARTS["diag"], *PARTS["limit"], int(stop)] == [first, first + 1, first + 2]


def test_it_says_what_it_is_not_for():
    assert "Never connect it to a person or an animal" in WIRING


def test_the_drawing_is_of_the_pins_of_the_code():
    assert DRAWING.read_text(encoding="utf-8") == drawing()
    assert f"]({DRAWING.name})" in WIRING
    written = {name: gpio for name, gpio, *_ in rows("Pins")}
    assert (str(MAINTENANCE), str(STOP)) == (written["maintenance"], written["stop"])


def test_the_first_run_is_the_checklist_of_the_host():
    assert [step for step, *_ in rows("First run")[2:]] == list(STEPS)
