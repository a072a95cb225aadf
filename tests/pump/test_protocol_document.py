"""PROTOCOL.md says what the code does: its tables and examples are read and held against the modules."""

import hashlib
import json
import re
import struct
from pathlib import Path

import pytest

from pump import desk, journal, jsontext, protocol, reasons, record, settings
from pump import document as documents
from pump import program as programs
from pump import rig as rigs
from pump.board import LINK_PATIENCE_MS
from pump.errors import CODES, PumpError
from pumpsim import SimPump
from tests.pumps import RIG, body_of, program, request, running_pump, send

TEXT = (Path(__file__).parents[2] / "firmware/PROTOCOL.md").read_text()
STRUCT_TYPES = {"I": "u32", "H": "u16", "h": "i16", "B": "u8", "Q": "u64"}


def table(heading):
    """Rows of the first table under a heading, as lists of cells, without its head."""
    section = re.split(rf"^#+ {heading}$", TEXT, flags=re.MULTILINE)[1]
    section = re.split(r"^#", section, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def block(name):
    """Lines of the code block of that name."""
    return re.search(rf"^```{name}\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL).group(1).splitlines()


def layout_of(form, at):
    """(offset, type) of each value of a struct format that begins at `at`."""
    found = []
    for count, letter in re.findall(r"(\d*)([a-zA-Z])", form):
        if letter == "s":
            found.append((at, f"{count} B"))
            at += int(count)
        else:
            for _ in range(int(count or 1)):
                found.append((at, STRUCT_TYPES[letter]))
                at += struct.calcsize("<" + letter)
    return found


def told_layout(heading):
    return [(int(offset), kind) for offset, _, kind, _ in table(heading)]


def test_the_numbers_are_those_of_the_code():
    told = {name: int(value) for name, value, *_ in table("Numbers of this page")}
    assert told == {
        "protocol version": protocol.PROTOCOL_VERSION, "journal version": record.JOURNAL_VERSION,
        "rig version": rigs.VERSION, "program version": programs.VERSION, "slot version": settings.VERSION,
        "bytes in a request line": protocol.LINE_MAX, "bytes in a reply line": 2048,
        "bytes of a document in one message": protocol.CHUNK_MAX, "records in one reply": protocol.RECORDS_MAX,
        "highest id": protocol.ID_MAX, "replies remembered": desk.REPLIES_KEPT, "levels of JSON": jsontext.DEPTH_MAX,
        "digits of a number": jsontext.DIGITS_MAX, "bytes of a rig": rigs.SIZE_MAX,
        "bytes of a program": programs.SIZE_MAX, "characters of a name": documents.TEXT_MAX,
    }
    assert f"within {LINK_PATIENCE_MS} ms" in re.sub(r"\s+", " ", TEXT)


def test_the_table_of_requests_is_the_table_of_messages():
    told = {}
    for name, access, fields, _ in table("Requests"):
        found = re.findall(r"`(\w+)` (\w+) (\d+)\.\.(\d+)", fields)
        told[name] = (access, tuple((key, kind, int(low), int(high)) for key, kind, low, high in found))
        assert len(found) == (fields.count(",") + 1 if fields else 0)
    assert told == protocol.MESSAGES
    assert list(told) == list(protocol.MESSAGES)


def type_of(value):
    if value is None:
        return "null"
    return "int" if type(value) is int else "text"


def replies_of_a_running_app():
    """{request: fields of its ok reply} from a pump that is taken through every request."""
    pump = running_pump()
    body = body_of(RIG)
    found = {}
    for name, fields in (
            ("hello", {}), ("status", {}), ("document", {"kind": "rig", "at": 0}), ("log", {"from": 0, "max": 16}),
            ("suspend", {}), ("resume", {}), ("stop", {}), ("stage", {"kind": "rig", "at": 0, "data": body}),
            ("commit", {"kind": "rig", "digest": hashlib.sha256(body).hexdigest()}),
            ("clock", {"utc_ms": 5}), ("start", {})):
        found[name] = send(pump, request(name, **fields))["ok"]
    pump.board.counter.extra += 100
    pump.poll()
    found["ack"] = send(pump, request("ack"))["ok"]
    return found


def test_the_table_of_replies_is_what_a_running_pump_sends():
    replies = replies_of_a_running_app()
    told = {}
    for name, field, kind, _ in table("Replies"):
        told.setdefault(name, []).append((field.strip("`"), kind))
    assert set(told) == set(replies) == set(protocol.MESSAGES)
    for name, fields in told.items():
        assert [field for field, _ in fields] == list(replies[name]), name
        for field, kind in fields:
            assert type_of(replies[name][field]) in kind.replace("data", "text").split(" or "), (name, field)


def test_what_may_be_null_is_null_on_a_fresh_pump():
    status = send(SimPump(), request("status"))["ok"]
    told = {field.strip("`") for name, field, kind, _ in table("Replies") if name == "status" and "null" in kind}
    assert {field for field, value in status.items() if value is None} == told


def test_the_longest_reply_fits_its_bound():
    pump = running_pump()
    pump.run_for(12 * 3_600_000)
    for name, fields in (("log", {"from": 8, "max": 16}), ("document", {"kind": "program", "at": 0}), ("status", {})):
        pump.send(request(name, **fields))
        pump.poll()
        reply = pump.receive()
        assert len(reply) <= 2048
        if name == "log":
            assert len(protocol.unframe(reply)[0]["ok"]["records"]) == 1368         # 1024 bytes: 342 groups of 4


def test_the_table_of_errors_names_every_code():
    assert tuple(row[0] for row in table("Errors")) == CODES


RANGES = [(kind, field.strip("`"), *map(int, found.groups())) for kind in ("Rig", "Program")
          for field, what, _ in table(kind) if (found := re.fullmatch(r"int (-?\d+)\.\.(-?\d+)", what))]


def parse(kind, doc):
    return (rigs.Rig if kind == "Rig" else programs.Program)(body_of(doc))


@pytest.mark.parametrize("kind, right", [("Rig", RIG), ("Program", program())])
def test_documents_have_exactly_the_fields_of_their_table(kind, right):
    assert {field.strip("`") for field, *_ in table(kind)} == set(right)
    parse(kind, right)
    for field in right:
        with pytest.raises(PumpError, match=f"{field} must be given"):
            parse(kind, {key: value for key, value in right.items() if key != field})


@pytest.mark.parametrize("kind, field, low, high", RANGES)
def test_fields_of_documents_have_the_range_of_their_table(kind, field, low, high):
    right = RIG if kind == "Rig" else program()
    for value in (low - 1, high + 1):
        with pytest.raises(PumpError, match=f": {field} must be an integer from {low} to {high}"):
            parse(kind, right | {field: value})


@pytest.mark.parametrize("section, field, low, high", [
    ("fluid", "ng_per_ml", 0, 1000000000000), ("zone", "first_offset_min", -1080, 1080), ("pins", "step", 0, 28)])
def test_fields_of_sections_have_the_range_of_their_table(section, field, low, high):
    kind, right = ("Rig", RIG) if section == "pins" else ("Program", program())
    told = next(what for name, _, what in table(kind) if name == f"`{section}`")
    assert f"int {low}..{high}" in told
    assert set(re.findall(r"`(\w+)`", told)) == set(right[section])
    with pytest.raises(PumpError, match=f"{field} must be an integer from {low} to {high}"):
        parse(kind, right | {section: right[section] | {field: high + 1}})


def test_the_limits_of_lists_are_those_of_the_code():
    flat = TEXT.replace("\n", " ")
    assert f"1 to {programs.SEGMENTS_MAX} pairs" in flat
    assert f"up to {programs.CHANGES_MAX} pairs" in flat
    assert f"from 0 to {programs.RATE_MAX}" in flat


def test_the_record_is_laid_out_as_told():
    head = layout_of(record._HEAD, 0)
    rest = [(record._DATA_AT, f"{record.DATA_SIZE} B"), (record._CHAIN_AT, f"{record.CHAIN_SIZE} B"),
            (record._CRC_AT, "u32")]
    assert told_layout("Journal record") == head + rest
    assert record._CRC_AT + struct.calcsize(record._CRC) == record.SIZE == 64


@pytest.mark.parametrize("heading, form", [("Dose data", record.DOSE), ("Clock data", record.CLOCK),
                                           ("Image data", record.IMAGE)])
def test_data_is_laid_out_as_told(heading, form):
    assert told_layout(heading) == layout_of(form, record._DATA_AT)


def test_events_actors_boards_and_reasons_are_numbered_as_told():
    events = table("Events")
    assert [(int(number), name) for number, name, *_ in events] == list(enumerate(record.EVENT_NAMES))[1:]
    assert tuple(int(number) for number, _, data, _ in events if data == "dose") == tuple(sorted(record.DOSE_EVENTS))
    assert [(int(number), name) for number, name, _ in table("Actors")] == list(enumerate(record.ACTOR_NAMES))
    assert [(int(number), name) for number, name in table("Boards")] == list(enumerate(record.BOARD_NAMES))
    assert [(int(number), name) for number, name, _ in table("Reasons")] == list(enumerate(reasons.NAMES))


def test_the_slot_file_is_laid_out_as_told():
    rows = told_layout("Slot file")
    assert rows[:-2] == layout_of(settings._HEAD, 0)
    assert rows[-2:] == [(settings._HEAD_SIZE, "u32"), (settings._BODY_AT, "")]


def test_the_files_are_those_of_a_running_pump():
    pump = running_pump()
    pump.run_for(24 * 3_600_000)
    told = {name: int(size) for names, size, _ in table("Files") for name in re.findall(r"`([\w.]+)`", names)}
    assert set(pump.board.storage.names()) <= set(told)
    assert told["j.00000"] == journal.SEGMENT_RECORDS * record.SIZE
    assert told["j.tail"] == (journal.TAIL_RECORDS - 1) * record.SIZE
    assert told["rig.a"] == settings._BODY_AT + rigs.SIZE_MAX
    assert told["program.a"] == settings._BODY_AT + programs.SIZE_MAX
    assert f"at most {journal.MAX_SEGMENTS} segments" in TEXT
    for name in pump.board.storage.names():
        assert pump.board.storage.size(name) <= told[name]


def test_the_example_on_the_link_is_what_a_fresh_pump_says():
    pump = SimPump()
    lines = block("link")
    for asked, answered in zip(lines[::2], lines[1::2], strict=True):
        pump.send(asked.removeprefix("> ").encode() + b"\n")
        pump.poll()
        assert pump.receive().decode() == answered.removeprefix("< ") + "\n"
    raw = pump.app.journal.read(1, 1)
    told = bytes.fromhex("".join(line.split(None, 1)[1] for line in block("record 1")))
    assert raw == told
    assert record.data_of(raw, record.CLOCK) == (0, 1774566000000)


def test_the_check_value_of_the_crc_is_right():
    assert "`123456789` it is `cbf43926`" in TEXT.replace("\n", " ")
    assert protocol.frame(123456789).endswith(b"*cbf43926\n")


def test_the_shapes_of_requests_and_replies_are_those_of_the_example():
    for line in block("link"):
        message = json.loads(line[2:].rsplit(" *", 1)[0])
        expected = [{"do"}, {"id", "do"}] if line[0] == ">" else [{"id", "ok", "board", "protocol"},
                                                                 {"id", "error", "board", "protocol"}]
        assert any(shape <= set(message) for shape in expected)
