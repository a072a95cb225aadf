"""Whatever a device answers, the host says in one line what is wrong: no other exception, and nothing unproven kept."""

import binascii
import contextlib
import json
import struct
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pump import protocol, record
from pump.rig import Rig
from pumpctl import csv_files, wording
from pumpctl.archive import Archive
from pumpctl.archiving import pull_into
from pumpctl.columns import as_dict, rows_of
from pumpctl.errors import HostError
from pumpctl.exporting import FORMS, export
from pumpctl.journal import records_of
from pumpctl.proofs import prove
from pumpctl.pump import Pump
from pumpctl.summary import Results, Run
from tests.pumps import HOUR_MS, RIG, body_of, records, running_pump

ID = b"SIMPU001"
NUMBERS = count()
WORDS = st.sampled_from(["ok", "error", "id", "protocol", "board", "records", "first", "next_seq", "code", "message"])
VALUES = st.recursive(st.none() | st.booleans() | st.integers(-5, 1 << 40) | st.text(max_size=20) | WORDS,
                      lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
                      max_leaves=8)
HEADS = st.tuples(*[st.integers(0, (1 << 32) - 1)] * 2, *[st.integers(0, 65535)] * 2, st.integers(-32768, 32767),
                  st.integers(0, 65535), st.integers(0, 30) | st.integers(0, 255), st.integers(0, 255),
                  st.sampled_from([16, 17, 31]), st.integers(0, 255))
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Answering:
    """A transport whose far end answers each request with what `reply(request)` gives: bytes of a line."""

    def __init__(self, reply):
        self._reply = reply
        self._line = b""

    def write(self, data):
        self._line = self._reply(data) if data.strip() else b""

    def read_line(self, timeout_s):
        line, self._line = self._line, b""
        return line

    def close(self):
        pass



def json_line(value):
    body = json.dumps(value).encode()
    return body + b" *%08x" % binascii.crc32(body)


@QUICK
@given(st.lists(VALUES, min_size=1, max_size=8), st.booleans())
def test_replies_of_any_shape(archive_path, values, is_ok):
    answers = iter(values * 20)

    def reply(line):
        value = next(answers)
        message = {"id": protocol.unframe(line[:-1])[0]["id"], "protocol": 1, "board": "simulator"}
        return json_line(message | ({"ok": value} if is_ok else value if isinstance(value, dict) else {}))

    pump = Pump(Answering(reply), tries=1, timeout_s=0)
    with Archive(archive_path, for_writing=True) as archive:
        for do in (pump.hello, pump.status, lambda: list(pump.records()), lambda: pump.document("rig"),
                   lambda: pull_into(archive, pump), lambda: pump.refill(1), pump.start):
            with contextlib.suppress(HostError, StopIteration):
                do()
        assert archive.journals() == []


@QUICK
@given(st.data())
def test_a_true_pump_with_some_fields_replaced(archive_path, data):
    sim = running_pump()
    sim.run_for(3 * HOUR_MS)

    def reply(line):
        sim.send(line)
        sim.poll()
        found, _ = protocol.unframe(sim.receive())
        if data.draw(st.integers(0, 3)) == 0:
            place = found["ok"] if data.draw(st.booleans()) else found
            place[data.draw(st.sampled_from(sorted(place)))] = data.draw(VALUES)
        return json_line(found)

    path = archive_path.with_name(f"{next(NUMBERS)}.sqlite")               # each begins with an archive of its own
    with Archive(path, for_writing=True) as archive:
        with contextlib.suppress(HostError):
            pull_into(archive, Pump(Answering(reply), tries=1, timeout_s=0))
        for stored in archive.journals():
            kept = archive.raw(stored.id)
            assert prove(kept).broken is None
            assert kept in b"".join(records(sim))


def sealed(heads, datas):
    """A journal whose CRCs and chain are right, and whose records say anything."""
    found, chain = [], ID
    for seq, (head, data) in enumerate(zip(heads, datas, strict=False)):
        found.append(record.seal((seq, *head), data, chain))
        chain = record.chain_of(found[-1])
    return b"".join(found)


@QUICK
@given(st.lists(HEADS, min_size=1, max_size=12),
       st.lists(st.binary(min_size=28, max_size=28), min_size=12, max_size=12))
def test_records_that_say_anything(tmp_path, heads, datas):
    raw = sealed(heads, datas)
    rows = list(rows_of(records_of(raw), ID.hex()))
    assert len(rows) == prove(raw, ID).count == len(heads)
    assert all(wording.words_of(as_dict(row)) for row in rows)
    for form in FORMS:
        assert export(rows_of(records_of(raw)), form, tmp_path / form) == len(heads)
    try:
        results = Results(Run(raw, sim_rig(), None, ID))
    except HostError:
        return
    assert results.summary()["records"] == len(heads)
    assert csv_files.doses_text(results) and csv_files.boluses_text(results)


def sim_rig():
    return Rig(body_of(RIG))


@QUICK
@given(st.binary(max_size=2000))
def test_bytes_that_are_no_records(tmp_path, junk):
    for do in (lambda: list(rows_of(records_of(junk))), lambda: Results(Run(junk, sim_rig(), None, ID)).summary()):
        with contextlib.suppress(HostError):
            do()


@pytest.mark.parametrize("event, data, said", [
    (57, b"", "not known to this pumpctl, code 200"),
    (record.EVENT_FAULT, struct.pack(record.DOSE, 7, 0, 0, 0, 0), "alarm 200, 7 steps delivered"),
    (record.EVENT_CLOCK, struct.pack(record.CLOCK, 0, 1 << 63), "set to an unknown time, it was not set before"),
    (record.EVENT_DENIED, b"\xff\xfe", "\ufffd\ufffd refused: error 200"),
])
def test_what_a_newer_pump_says_is_shown_by_its_number(event, data, said):
    [row] = rows_of([record.seal((0, 5, 0, 0, 0, 0, 0, event, 9, 25, 200), data, ID)])
    values = as_dict(row)
    assert (values["actor"], values["board"], wording.words_of(values)) == ("actor 9", "board 9", said)
