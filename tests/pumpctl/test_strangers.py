"""What answers is no pump, or does not cease to talk: every wait of the host comes to an end, and its error says what
to do."""

import pytest

from pumpctl import Pump
from pumpctl.errors import one_line
from pumpctl.probe import PROMPT, SILENT, _ask
from pumpctl.refusals import IncompatibleError, UncertainError
from pumpctl.transport import NoConnectionError, SimTransport
from tests.pumpctl.test_garbage import Answering, json_line
from tests.pumps import events, ready_pump

OTHER = json_line({"id": -1, "ok": {}, "protocol": 1, "board": "simulator"})
UNCHECKED = b'{"id":1,"ok":{}}'


class Endless(SimTransport):
    """Answers `true` times as the pump does, then with this line whenever it is asked for one."""

    def __init__(self, sim, line, true=0):
        super().__init__(sim)
        self._line, self._true = line, true
        self.sent = []

    def write(self, data):
        self.sent.append(data)
        super().write(data)

    def read_line(self, timeout_s):
        self._true -= 1
        return super().read_line(timeout_s) if self._true >= 0 else self._line


@pytest.mark.parametrize("line", [OTHER, UNCHECKED, b"hello world", b"\xff\x00>>>"])
def test_lines_that_do_not_cease_to_come_are_no_pump(line):
    for do in (Pump.status, Pump.start, lambda pump: list(pump.records())):
        with pytest.raises(NoConnectionError, match="no pump answers"):
            do(Pump(Endless(ready_pump(), line), timeout_s=0.01))


@pytest.mark.requirement("C-06")
@pytest.mark.parametrize("line", [OTHER, UNCHECKED])
def test_where_they_begin_after_a_change_it_is_uncertain_and_was_sent_once(line):
    sim = ready_pump()
    link = Endless(sim, line, true=1)                            # the challenge's reply is true
    with pytest.raises(UncertainError, match="start was sent"):
        Pump(link, timeout_s=0.01).start()
    assert sum(b'"do":"start"' in data for data in link.sent) == [event[0] for event in events(sim)].count("start") == 1


def test_our_own_lines_coming_back_are_no_pump():
    with pytest.raises(IncompatibleError, match="is no pump"):
        Pump(Answering(lambda line: line.strip()), timeout_s=0).status()


@pytest.mark.parametrize("line, kind", [(b">>> ", PROMPT), (b"noise >>> noise", SILENT), (b"", SILENT)])
def test_a_prompt_is_a_line_that_begins_as_one(line, kind):
    assert _ask(Answering(lambda question: line), patience_s=0.05).kind == kind


@pytest.mark.parametrize("message, said", [("no pump", "no pump. See: pumpctl list"),
                                           ("no pump.", "no pump. See: pumpctl list"),
                                           ("is there a pump?", "is there a pump? See: pumpctl list")])
def test_an_error_and_what_to_do_are_sentences(message, said):
    assert one_line(message, "see: pumpctl list") == said
