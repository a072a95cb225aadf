"""Draws firmware/wiring.svg from the pins of the code: `python -m tests.pico.wiring_drawing` writes it."""

from html import escape
from pathlib import Path

from pump.rig import COIL_PINS, PARTS, PIN_DEFAULTS, UART_PINS
from tests.pico.header import HEADER

DRAWING = Path(__file__).parents[2] / "firmware" / "wiring.svg"
WIDTH = 1210
ROW = 24
PICO = (440, 640)                     # its left and right edge
LEFT = (60, 250)                      # of the blocks on the left
RIGHT = (800, 990)                    # and on the right
FAR = 1070                            # left edge of what hangs on those
MAINTENANCE, STOP = 15, 7
STYLE = """text{font:13px sans-serif;fill:#111}.n{font-weight:bold}.s{font-size:11px;fill:#555}
rect{fill:#fff;stroke:#333;stroke-width:1.5}.p{fill:#e6f2e6}.w,.g{stroke:#333;stroke-width:1.5;fill:none}
.d{stroke-dasharray:6 4}.v{stroke:#b00;fill:none;stroke-width:1.5}.b{fill:#fff}.k{fill:#333}"""

# Block: name, remark, always there, [(of the Pico, of the part, what is in the wire)]
ON_THE_LEFT = [
    ("button", "push button", True, [(PIN_DEFAULTS["button"], "contact", ""), ("GND", "contact", "")]),
    ("stop switch", "normally open", False, [(STOP, "contact", ""), ("GND", "contact", "")]),
    ("limit switch", "closed at the end", False, [(PARTS["limit"][0], "contact", ""), ("GND", "contact", "")]),
    ("maintenance", "jumper, taken out", False, [(MAINTENANCE, "jumper", ""), ("GND", "jumper", "")]),
    ("DS3231", "clock with its battery", False, [
        ("3V3", "VCC", ""), (PARTS["ds3231"][0], "SDA", ""), (PARTS["ds3231"][1], "SCL", ""), ("GND", "GND", "")]),
    ("HX711", "and a load cell", False, [
        ("3V3", "VCC, VDD", ""), (PARTS["hx711"][0], "DOUT", ""), (PARTS["hx711"][1], "SCK", ""), ("GND", "GND", "")]),
    ("or: sensor", "0 to 3.3 V", False, [
        ("3V3", "supply", ""), (PARTS["adc"][0], "out", "100k to GND"), ("GND", "GND", "")]),
]
ON_THE_RIGHT = [
    ("driver", "A4988 ... TMC2209", True, [
        ("3V3", "VDD", ""), (PIN_DEFAULTS["enable"], "ENABLE", ""), (PIN_DEFAULTS["step"], "STEP", ""),
        (PIN_DEFAULTS["dir"], "DIR", ""), (PARTS["diag"][0], "DIAG", "TMC2209"),
        (UART_PINS[0], "PDN_UART", "1k, TMC2209"), (UART_PINS[1], "PDN_UART", "TMC2209"), ("GND", "GND", "")]),
    ("or: ULN2003", "its board", False, [
        *[(gpio, f"IN{at + 1}", "") for at, gpio in enumerate(COIL_PINS)], ("GND", "\u2212", "")]),
    ("lamp", "RGB, common cathode", False, [
        (PARTS["rgb"][0], "red", "330"), (PARTS["rgb"][1], "green", "330"), (PARTS["rgb"][2], "blue", "330"),
        ("GND", "cathode", "")]),
    ("or: 3 LEDs", "by themselves", False, [
        (PARTS["leds"][0], "red's anode", "330"), (PARTS["leds"][1], "yellow's", "330"),
        (PARTS["leds"][2], "cyan's, or blue's", "330"), ("GND", "all cathodes", "")]),
    ("2N3904", "or another NPN", False, [
        ("3V3", "", ""), (PARTS["buzzer"][0], "base", "1k"), ("GND", "emitter", "")]),
    ("5 V supply", "or USB alone", False, [("VSYS", "5 V", "Schottky"), ("GND", "GND", "")]),
]
FIXED = {"3V3": 36, "GND": 38, "VSYS": 39}


def drawing():
    """The SVG's text."""
    shapes = []
    top = 70
    on_the_left = _blocks(shapes, ON_THE_LEFT, top, True)
    on_the_right = _blocks(shapes, ON_THE_RIGHT, top, False)
    lowest = max(on_the_left[None], on_the_right[None])
    shapes.insert(0, _box(PICO[0], top - 30, PICO[1] - PICO[0], lowest - top + 25, "p"))
    middle = (PICO[0] + PICO[1]) // 2
    shapes.append(_text(middle, top - 10, "Raspberry Pi Pico", "n", "middle"))
    _motor(shapes, on_the_right["driver"])
    _geared_motor(shapes, on_the_right["or: ULN2003"])
    _buzzer(shapes, on_the_right["2N3904"])
    height = lowest + 40
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}">\n<style>{STYLE}</style>\n<rect x="0" y="0" width="{WIDTH}" height="{height}" '
            'style="stroke:none"/>')
    notes = [_text(20, 24, "Wiring of the bench pump. Never connect it to a person or an animal.", "n"),
             _text(20, lowest + 24, "Solid: always. Dashed: where the rig's [parts] or [driver] names it; stop switch "
                   "and jumper as you like. GPIO (board pin), the defaults of [pins]. Ohm, F.", "s")]
    return "\n".join([head, *shapes, *notes, "</svg>"]) + "\n"


def _blocks(shapes, blocks, top, is_left):
    """Draws a column; returns where each block begins, by its name, and by None where the column ends."""
    tops, y = {}, top
    for name, remark, is_needed, wires in blocks:
        tops[name] = y
        left, right = LEFT if is_left else RIGHT
        shapes.append(_box(left, y - 8, right - left, ROW * (len(wires) + 1) - 4, "" if is_needed else "d"))
        shapes.append(_text(left + 8, y + 8, name, "n"))
        where = (left + 8, y + 24) if is_left else (left + 18 + 8 * len(name), y + 8)
        shapes.append(_text(*where, remark, "s"))
        for at, (pico, part, between) in enumerate(wires):
            _wire(shapes, y + ROW * at + ROW - 4, pico, part, between, is_left, is_needed and "TMC" not in between)
        y += ROW * (len(wires) + 1) + 14
    return tops | {None: y}


def _wire(shapes, y, pico, part, between, is_left, is_needed):
    from_x, to_x = (LEFT[1], PICO[0]) if is_left else (PICO[1], RIGHT[0])
    kind = "v" if pico in ("3V3", "VSYS") else "w"
    shapes.append(f'<path class="{kind}{"" if is_needed else " d"}" d="M{from_x} {y}H{to_x}"/>')
    label = f"GPIO {pico} ({HEADER[pico]})" if isinstance(pico, int) else f"{pico} ({FIXED[pico]})"
    shapes.append(_text(PICO[0] + 8 if is_left else PICO[1] - 8, y + 4, label, "", "start" if is_left else "end"))
    shapes.append(_text(LEFT[1] - 8 if is_left else RIGHT[0] + 8, y + 4, part, "", "end" if is_left else "start"))
    if between:
        shapes.append(_text((from_x + to_x) // 2 + (0 if is_left else 10), y - 4, between, "s", "middle"))


def _motor(shapes, top):
    """What is only at the driver: its pull-up, the motor, the motor's supply."""
    vdd, enable = top + ROW - 4, top + 2 * ROW - 4
    x = RIGHT[0] - 60
    shapes += [f'<path class="v" d="M{x} {vdd}V{enable}"/>', f'<circle class="k" cx="{x}" cy="{vdd}" r="3"/>',
               f'<circle class="k" cx="{x}" cy="{enable}" r="3"/>', _box(x - 5, vdd + 5, 10, 14, "b"),
               _text(x + 10, vdd + 16, "10k", "s")]
    edge, far = RIGHT[1], FAR
    shapes += [_box(far, top - 8, 120, 74), _text(far + 60, top + 14, "stepper motor", "n", "middle"),
               _text(far + 60, top + 34, "coils A and B", "s", "middle"),
               _box(far, top + 100, 120, 92), _text(far + 60, top + 124, "motor supply", "n", "middle"),
               _text(far + 60, top + 142, "fuse, and a switch", "s", "middle"),
               _text(far + 60, top + 157, "in reach: the", "s", "middle"),
               _text(far + 60, top + 172, "emergency stop", "s", "middle")]
    for at, name in enumerate(("A1", "A2", "B1", "B2")):
        y = top + 6 + at * 16
        shapes += [f'<path class="w" d="M{edge} {y}H{far}"/>', _text(edge - 6, y + 4, name, "s", "end")]
    vmot, ground = top + 115, top + 177
    cap = (edge + far) // 2
    shapes += [f'<path class="v" d="M{edge} {vmot}H{far}"/>', _text(edge - 6, vmot + 4, "VMOT", "s", "end"),
               f'<path class="w" d="M{edge} {ground}H{far}"/>', _text(edge - 6, ground + 4, "GND", "s", "end"),
               f'<path class="w" d="M{cap} {vmot}V{vmot + 27}M{cap - 10} {vmot + 27}h20M{cap - 10} {vmot + 34}h20'
               f'M{cap} {vmot + 34}V{ground}"/>', _text(cap + 13, vmot + 35, "100u", "s")]


def _geared_motor(shapes, top):
    """What is only at the ULN2003's board: the motor's plug, the motor's 5 V."""
    edge, plug, plus = RIGHT[1], top + ROW - 4, top + 3 * ROW + 2
    minus = plus + ROW
    shapes += [_box(FAR, plug - 20, 120, 40, "d"), _text(FAR + 60, plug - 2, "28BYJ-48", "n", "middle"),
               _text(FAR + 60, plug + 13, "its plug", "s", "middle"),
               _text(edge - 6, plug + 4, "A to D, +", "s", "end"),
               *[f'<path class="w d" d="M{edge} {plug + at}H{FAR}"/>' for at in (-8, -4, 0, 4, 8)],
               _box(FAR, plus - 20, 120, 56, "d"), _text(FAR + 60, plus - 2, "motor supply", "n", "middle"),
               _text(FAR + 60, plus + 14, "5 V; fuse, switch", "s", "middle"),
               f'<path class="v d" d="M{edge} {plus}H{FAR}"/>', _text(edge - 6, plus + 4, "+", "s", "end"),
               f'<path class="w d" d="M{edge} {minus}H{FAR}"/>', _text(edge - 6, minus + 4, "\u2212", "s", "end")]


def _buzzer(shapes, top):
    """What is at the transistor: the buzzer from 3.3 V to the collector, and its diode."""
    edge, plus, minus = RIGHT[1], top + ROW - 4, top + 3 * ROW - 4
    at, middle = (edge + FAR) // 2, (plus + minus) // 2
    shapes += [_box(FAR, plus - 12, 120, minus - plus + 24, "d"),
               _text(FAR + 64, middle - 2, "passive buzzer", "n", "middle"),
               _text(FAR + 64, middle + 14, "diode if magnetic", "s", "middle"), _text(FAR + 6, plus + 4, "+", "s"),
               _text(FAR + 6, minus + 4, "\u2212", "s"),
               f'<path class="v d" d="M{RIGHT[0]} {plus}H{FAR}"/>',
               f'<path class="w d" d="M{edge} {minus}H{FAR}"/>', _text(edge - 6, minus + 4, "collector", "s", "end"),
               f'<path class="w" d="M{at} {plus}V{minus}M{at - 7} {middle - 6}h14"/>',          # cathode to 3.3 V
               f'<path class="w k" d="M{at} {middle - 6}l7 12h-14z"/>']


def _box(x, y, width, height, kind=""):
    return f'<rect{_class(kind)} x="{x}" y="{y}" width="{width}" height="{height}"/>'


def _text(x, y, text, kind="", anchor="start"):
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x}" y="{y}"{_class(kind)}{where}>{escape(text, quote=False)}</text>'


def _class(kind):
    return f' class="{kind}"' if kind else ""


if __name__ == "__main__":
    DRAWING.write_text(drawing(), encoding="utf-8")
