"""PROTOCOL.md says what the code does: its tables and examples are read and held against the modules."""

import hashlib
import json
import re
import struct

import pytest

from pump import (
    access,
    alarms,
    bolus,
    boluses,
    desk,
    journal,
    jsontext,
    protocol,
    reasons,
    record,
    seal,
    selftest,
    settings,
    stairs,
    transfer,
)
from pump import board as contract
from pump import document as documents
from pump import program as programs
from pump import rig as rigs
from pump.board import LINK_PATIENCE_MS
from pump.errors import CODES, PumpError
from pump.limits import HIGHEST, NAMES
from pump.lines import PATIENCE_MS
from pumpsim import SimPump
from tests.protocol_page import TEXT, block, table
from tests.pumps import RIG as RIG_2
from tests.pumps import ask, body_of, program, request, running_pump, send
from tests.sessions import KEYS, Session, lock_up

STRUCT_TYPES = {"I": "u32", "H": "u16", "h": "i16", "B": "u8", "Q": "u64", "q": "i64"}
RIG = RIG_2 | {"v": rigs.VERSION, "ramp": []}


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
    for name, needs, fields, _ in table("Requests"):
        found = re.findall(r"`(\w+)` (\w+) (-?\d+)\.\.(\d+)", fields)
        told[name] = (needs, tuple((key, kind, int(low), int(high)) for key, kind, low, high in found))
        assert len(found) == (fields.count(",") + 1 if fields else 0)
    assert told == protocol.MESSAGES
    assert list(told) == list(protocol.MESSAGES)


def type_of(value):
    if value is None:
        return "null"
    if type(value) in (bool, list):
        return type(value).__name__
    return "int" if type(value) is int else "text"


def replies_of_a_running_app():
    """{request: fields of its ok reply} from a pump that is taken through every request."""
    pump = running_pump()
    body = json.dumps(RIG).encode()
    pieces = [body[at:at + protocol.CHUNK_MAX] for at in range(0, len(body), protocol.CHUNK_MAX)]
    found = {}
    for name, fields in (
            ("hello", {}), ("status", {}), ("inputs", {}),
            ("document", {"kind": "rig", "at": 0}), ("log", {"from": 0, "max": 16}),
            ("pulled", {"next": 1, "chain": record.chain_of(pump.app.journal.read(0, 1)).hex()}),
            ("bolus", {"volume_nl": 50_000, "over_s": 600, "confirm": 0}), ("cancel", {}),
            ("temp", {"percent": 150, "rate_nl_per_h": 0, "for_s": 60}), ("bridge", {"volume_nl": 5000, "over_s": 600}),
            ("suspend", {}), ("resume", {}), ("stop", {}), ("prime", {"volume_nl": 1000}), ("stop", {}),
            ("refill", {"added_nl": 9000, "withdrawn_nl": 10_000}), ("withdraw", {"volume_nl": 1000}), ("stop", {}),
            *[("stage", {"kind": "rig", "at": at * protocol.CHUNK_MAX, "data": data})
              for at, data in enumerate(pieces)],
            ("commit", {"kind": "rig", "digest": hashlib.sha256(body).hexdigest(), "confirm": 0}),
            ("clock", {"utc_ms": 5}), ("start", {})):
        found[name] = ask(pump, name, **fields)
    pump.board.counter.extra += 100
    pump.poll()
    found["ack"] = ask(pump, "ack")
    found["show"] = ask(pump, "show", pattern=6, for_s=1)
    found["maintenance"] = ask(pump, "maintenance")
    found["keys"] = ask(pump, "keys", keys=KEYS)
    found["challenge"] = ask(pump, "challenge")
    found["login"] = Session(pump).reply["ok"]
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


def test_sessions_are_as_told():
    flat = re.sub(r"\s+", " ", TEXT)
    assert f"It ends {access.SESSION_MS // 1000} s after its last sealed line" in flat
    assert f"Five failed logins lock: for {access.LOCK_MS // 1000} s" in flat and access.FAILURES_MAX == 5
    assert f"keys, and is open, or one of {seal.KEY_SIZE} bytes" in flat
    assert f"as {seal.SEAL_SIZE} lower-case hex digits" in flat
    assert f"nothing more comes for {PATIENCE_MS // 1000} s" in flat
    told = next(what for name, what in table("Codes") if name == "access")
    assert told.replace(" and ", ", ") == ", ".join(f"{at} {name}" for at, name in enumerate(access.NAMES))


def test_the_table_of_errors_names_every_code():
    assert [(int(number), code) for number, code, *_ in table("Errors")] == list(enumerate(CODES))


def test_the_table_of_alarms_is_that_of_the_code():
    priorities = {"low": alarms.LOW, "medium": alarms.MEDIUM, "high": alarms.HIGH}
    actions = {"inform": alarms.INFORM, "basal only": alarms.BASAL_ONLY, "stop": alarms.STOP}
    rows = table("Alarms")
    told = [(name, priorities[priority], actions[action]) for _, name, priority, action, *_ in rows]
    assert told == list(alarms.TABLE[1:])
    assert [int(row[0]) for row in rows] == list(range(1, len(alarms.TABLE)))
    assert tuple(int(row[0]) for row in rows if row[4] == "moment") == alarms.MOMENTARY
    assert {row[4] for row in rows} == {"moment", "present"}


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
    ("fluid", "ng_per_ml", 0, 1000000000000), ("zone", "first_offset_min", -1080, 1080), ("pins", "step", 0, 28),
    *[(section, name, 0, HIGHEST) for section in ("limits", "soft_limits") for name in NAMES],
    ("ends", "after_s", 0, programs.ENDS_MAX_S), ("ends", "volume_nl", 0, HIGHEST)])
def test_fields_of_sections_have_the_range_of_their_table(section, field, low, high):
    kind, right = ("Rig", RIG) if section == "pins" else ("Program", program())
    told = next(what for name, _, what in table(kind) if name == f"`{section}`")
    assert f"int {low}..{high}" in told
    assert set(re.findall(r"`(\w+)`", told)) == set(right[section])
    with pytest.raises(PumpError, match=f"{field} must be an integer from {low} to {high}"):
        parse(kind, right | {section: right[section] | {field: high + 1}})


def test_the_limits_of_lists_are_those_of_the_code():
    flat = TEXT.replace("\n", " ")
    assert f"1 to {programs.SEGMENTS_MAX} triples" in flat
    assert f"up to {programs.BOLUSES_MAX} scheduled boluses" in flat
    assert f"up to {programs.CHANGES_MAX} pairs" in flat
    assert f"from 0 to {programs.RATE_MAX}" in flat


@pytest.mark.parametrize("heading, ranges, lists", [
    ("Scheduled bolus", programs._BOLUS, "boluses"), ("Periodic bolus", programs._PERIODIC, "periodic"),
    ("On-demand bolus", programs._ON_DEMAND, "on_demand")])
def test_the_numbers_of_a_bolus_have_the_range_of_their_table(heading, ranges, lists):
    rows = table(heading)
    assert [int(at) for at, *_ in rows] == list(range(len(ranges)))
    assert tuple(tuple(map(int, told.split(".."))) for _, _, told, _ in rows) == ranges
    lows = [low for low, _ in ranges]                   # the lowest of each fit together
    parse("Program", program(**{lists: [lows] if lists == "boluses" else lows}))


def test_the_numbers_of_a_driver_have_the_range_of_their_table():
    rows = table("Driver")
    assert [int(at) for at, *_ in rows] == list(range(len(rigs._DRIVER)))
    assert tuple(tuple(map(int, told.split(".."))) for _, _, told, _ in rows) == rigs._DRIVER
    assert "GPIO 0 and 1 are its line" in TEXT and rigs.UART_PINS == (0, 1)
    told = re.sub(r"\s+", " ", TEXT).split("#### Ramp")[1].split("#### Parts")[0]
    assert tuple((int(low), int(high)) for low, high in re.findall(r"\b(\d+)\.\.(\d+)", told)) == rigs._RAMP
    assert f"in stairs of {stairs.STAIR_MS} ms or more, {stairs.STAIRS_MOST} at most" in told
    assert "`ULN2003`, which has GPIO 10 to 13" in TEXT and rigs.COIL_PINS == (10, 11, 12, 13)


def test_the_pins_of_the_pico_itself_are_named():
    told = next(what for name, _, what in table("Rig") if name == "`pins`")
    numbers = [int(found) for found in re.findall(r"\b\d+\b", told.split("fitted,")[1])]
    assert numbers == [*rigs.RESERVED_PINS, rigs.LED_PIN]


def test_the_table_of_parts_is_that_of_the_code():
    told = {name: tuple(map(int, gpios.split(", "))) for name, gpios, _ in table("Parts")}
    assert told == rigs.PARTS
    for names in (["buzzer", "buzzer"], ["fan"], [["buzzer"]], [7], "buzzer", {"buzzer": 16}):
        with pytest.raises(PumpError, match="parts must be a list of: adc, buzzer"):
            parse("Rig", RIG | {"parts": names})


def test_the_patterns_are_numbered_as_told():
    told = {name.upper(): int(number) for number, name in table("Patterns")}
    assert told == {name.removeprefix("PATTERN_"): value for name, value in vars(contract).items()
                    if name.startswith("PATTERN_")}
    assert protocol.MESSAGES["show"][1][0][2:] == (min(told.values()), max(told.values()))


def test_the_names_of_inputs_are_those_of_the_code():
    told = next(what for name, field, _, what in table("Replies") if (name, field) == ("inputs", "`active`"))
    assert tuple(re.findall(r"`(\w+)`", told)) == contract.INPUT_NAMES
    bits = [value for name, value in vars(contract).items() if name.startswith("INPUT_") and type(value) is int]
    assert sorted(bits) == [1 << at for at in range(len(contract.INPUT_NAMES))]


def test_the_words_for_resuming_are_those_of_the_code():
    told = next(what for name, _, what in table("Program") if name == "`resume`")
    for word in re.findall(r"`(\w+)`", told):
        assert parse("Program", program(resume=word)).resume == word


def test_the_record_is_laid_out_as_told():
    head = layout_of(record._HEAD, 0)
    rest = [(record._DATA_AT, f"{record.DATA_SIZE} B"), (record._CHAIN_AT, f"{record.CHAIN_SIZE} B"),
            (record._CRC_AT, "u32")]
    assert told_layout("Journal record") == head + rest
    assert record._CRC_AT + struct.calcsize(record._CRC) == record.SIZE == 64


DATA = ("dose", "clock", "image", "bolus", "transfer", "temporary", "refill", "alarm", "accounts", "levels", "request",
        "dropped", "self-test", "pulled", "firmware", "access", "ratio", "earlier")


@pytest.mark.parametrize("name", DATA)
def test_data_is_laid_out_as_told(name):
    form = getattr(record, name.upper().replace("-", "_"))
    assert told_layout(f"{name.capitalize()} data") == layout_of(form, record._DATA_AT)
    assert struct.calcsize(form) <= record.DATA_SIZE


def test_events_actors_boards_and_reasons_are_numbered_as_told():
    events = table("Events")
    assert [(int(number), name) for number, name, *_ in events] == list(enumerate(record.EVENT_NAMES))[1:]
    assert tuple(int(number) for number, _, data, _ in events if data == "dose") == tuple(sorted(record.DOSE_EVENTS))
    others = {"rig": "image", "program": "image", "denied": "request"}
    assert all(data == others.get(name, name) for _, name, data, _ in events if data != "dose")
    assert {data for _, _, data, _ in events} == set(DATA)
    assert [(int(number), name) for number, name, _ in table("Actors")] == list(enumerate(record.ACTOR_NAMES))
    assert [(int(number), name) for number, name in table("Boards")] == list(enumerate(record.BOARD_NAMES))
    assert [(int(number), name) for number, name, _ in table("Reasons")] == list(enumerate(reasons.NAMES))


def test_kinds_outcomes_denials_and_transfers_are_numbered_as_told():
    kinds = [(int(number), name) for number, name in table("Bolus kinds")]
    assert kinds == list(enumerate(bolus.KIND_NAMES))[1:]
    outcomes = [(int(number), name) for number, name, _ in table("Bolus outcomes")]
    assert outcomes == list(enumerate(bolus.OUTCOME_NAMES))
    assert [(int(number), name) for number, name, _ in table("Denials")] == list(enumerate(boluses.DENIALS))
    assert [(int(number), name) for number, name in table("Transfers")] == list(enumerate(transfer.KINDS, 1))
    phases = [(int(number), name) for number, name, _ in table("Phases of a transfer")]
    assert phases == [(0, "begun"), (1, "complete"), (bolus.CANCELLED + 1, "cancelled"),
                      (transfer.INTERRUPTED, "interrupted"), (transfer.UNCERTAIN, "uncertain")]
    assert transfer.INTERRUPTED == bolus.INTERRUPTED + 1


def test_the_codes_of_events_cover_every_event():
    told = {name for events, _ in table("Codes") for name in events.split(", ")}
    assert told <= set(record.EVENT_NAMES)
    assert set(record.EVENT_NAMES[1:]) - told == {"clock", "rig", "program", "accounts", "dropped", "self-test",
                                                    "pulled", "ratio", "earlier"}
    assert {record.EVENT_NAMES[number] for number in record.RUN_EVENTS} <= told


def test_the_bits_of_the_self_test_are_numbered_as_told():
    assert [(int(bit), name) for bit, name, _ in table("Self-test")] == [
        (1 << at, name) for at, name in enumerate(selftest.NAMES)]
    assert f"fewer than {selftest.MEMORY_LEAST} bytes" in TEXT
    assert "128 more where the schedule is to go on" in TEXT and record.BOOT_RESUMES == 128


def test_the_slot_file_is_laid_out_as_told():
    rows = told_layout("Slot file")
    assert rows[:-2] == layout_of(settings._HEAD, 0)
    assert rows[-2:] == [(settings._HEAD_SIZE, "u32"), (settings._BODY_AT, "")]


def test_the_files_are_those_of_a_running_pump():
    pump = running_pump()
    lock_up(pump)
    pump.run_for(24 * 3_600_000)
    told = {name: int(size) for names, size, _ in table("Files") for name in re.findall(r"`([\w.]+)`", names)}
    assert set(pump.board.storage.names()) <= set(told)
    assert told["j.00000"] == journal.SEGMENT_RECORDS * record.SIZE
    assert told["j.tail"] == (journal.TAIL_RECORDS - 1) * record.SIZE
    assert told["rig.a"] == settings._BODY_AT + rigs.SIZE_MAX
    assert told["program.a"] == settings._BODY_AT + programs.SIZE_MAX
    assert told["keys.a"] == settings._BODY_AT + access.KEYS_SIZE
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
    raw = pump.app.journal.read(4, 1)
    told = bytes.fromhex("".join(line.split(None, 1)[1] for line in block("record 4")))
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
