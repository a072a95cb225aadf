"""Sameness, part two: whatever a line or a document holds, both interpreters answer the same to the byte."""

from tests.pumps import RIG, body_of, program
from tests.sessions import KEYS
from tests.vm.access_scenes import Session
from tests.vm.microvm import replay
from tests.vm.recorded_host import Host, expect_ok
from tests.vm.wrong_lines import documents, request_lines, session_lines

LINES = 5000
SEALED = 1500
DOCUMENTS = 250


def test_wrong_request_lines_get_the_same_replies(tmp_path):
    host = Host()
    assert "ok" in host.push("rig", body_of(RIG))
    assert "ok" in host.push("program", body_of(program()))

    replies = [host.send(line) for line in request_lines(1, LINES)]

    assert replay(tmp_path, host.recorder.lines).endswith("all the same")
    refused = sum(b'"error"' in reply for reply in replies)
    granted = sum(b'"ok"' in reply for reply in replies)
    assert refused > LINES // 2 and granted > LINES // 10, "most lines are wrong, some are not"


def test_wrong_lines_of_a_session_get_the_same_replies(tmp_path):
    """On a pump with keys: right seals over wrong requests, wrong seals over right ones, and failed logins."""
    host = Host()
    host.ready(RIG, program())
    host.do("keys", keys=KEYS)
    session = Session(host, "program")
    expect_ok(session.ask("start"))

    replies = [host.send(line) for line in session_lines(3, SEALED, host.next_id, session.seal)]
    replies += [host.send(line) for line in request_lines(4, SEALED)]

    assert replay(tmp_path, host.recorder.lines).endswith("all the same")
    for code in (b"no_session", b"id_reused", b"bad_value", b"bad_crc"):
        assert sum(code in reply for reply in replies) > 5, code
    assert sum(b'"ok"' in reply for reply in replies) > SEALED // 10


def test_wrong_documents_get_the_same_replies(tmp_path):
    host = Host()
    for kind, correct in (("rig", body_of(RIG)), ("program", body_of(program()))):
        assert "ok" in host.push(kind, correct)
        for body in documents(2, DOCUMENTS, correct):
            host.push(kind, body)

    assert replay(tmp_path, host.recorder.lines).endswith("all the same")
