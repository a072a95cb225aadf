"""Sameness, part two: whatever a line or a document holds, both interpreters answer the same to the byte."""

from tests.pumps import RIG, body_of, program
from tests.vm.microvm import replay
from tests.vm.recorded_host import Host
from tests.vm.wrong_lines import documents, request_lines

LINES = 5000
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


def test_wrong_documents_get_the_same_replies(tmp_path):
    host = Host()
    for kind, correct in (("rig", body_of(RIG)), ("program", body_of(program()))):
        assert "ok" in host.push(kind, correct)
        for body in documents(2, DOCUMENTS, correct):
            host.push(kind, body)

    assert replay(tmp_path, host.recorder.lines).endswith("all the same")
