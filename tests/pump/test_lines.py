"""Lines out of a stream of bytes, however it is cut, in bounded memory (C-01)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pump.lines import PATIENCE_MS, READS_MAX, TOO_LONG, LineReader
from pump.protocol import LINE_MAX
from pumpsim.board import SimLink


def take_all(reader, now_ms=0):
    """Every line until the link is empty."""
    lines = []
    while (some := reader.take(now_ms)) is not None:
        lines += some
    return lines


def lines_of(*pieces):
    """The lines of a stream that arrives in these pieces."""
    link = SimLink()
    reader = LineReader(link)
    lines = []
    for piece in pieces:
        link.send(piece)
        lines += take_all(reader)
    return lines


def test_lines_come_without_their_newline_and_empty_ones_are_passed_over():
    assert lines_of(b"one\ntwo\r\n\n \r\nthree") == [b"one", b"two\r"]


def test_an_idle_link_gives_none():
    assert LineReader(SimLink()).take(0) is None


def test_the_rest_of_a_line_that_comes_too_late_is_another_line():
    link = SimLink()
    reader = LineReader(link)
    for at_ms, piece, lines in ((0, b"on", []), (PATIENCE_MS, b"e", []), (2 * PATIENCE_MS, b"\n", [b"one"]),
                                (2 * PATIENCE_MS, b"stop", []), (3 * PATIENCE_MS + 1, b"\n", []),
                                (3 * PATIENCE_MS + 1, b"x" * 2 * LINE_MAX, []),
                                (4 * PATIENCE_MS + 2, b"two\n", [b"two"])):
        link.send(piece)
        assert take_all(reader, at_ms) == lines


def test_a_line_that_has_not_ended_waits():
    assert lines_of(b"on", b"e", b"\n") == [b"one"]


@pytest.mark.requirement("C-01")
def test_a_line_of_the_longest_length_passes_and_one_byte_more_is_reported_once():
    longest = b"x" * LINE_MAX
    assert lines_of(longest + b"\n" + longest + b"x\nnext\n") == [longest, TOO_LONG, b"next"]


@pytest.mark.requirement("C-01")
def test_a_stream_without_newline_keeps_memory_and_time_bounded():
    class Flood:
        reads = 0

        def readinto(self, buffer):
            assert len(buffer) == 256
            self.reads += 1
            buffer[:] = b"x" * len(buffer)
            return len(buffer)

    flood = Flood()
    reader = LineReader(flood)
    for poll in range(1, 100):
        assert reader.take(0) == []
        assert flood.reads == poll * READS_MAX
        assert len(reader._line) <= LINE_MAX


@pytest.mark.requirement("C-01")
def test_eight_lines_are_enough_for_one_poll():
    link = SimLink()
    link.send((b"x" * 127 + b"\n") * 20)               # two in each read of 256 bytes
    reader = LineReader(link)
    assert [len(reader.take(0)) for _ in range(3)] == [8, 8, 4]


@pytest.mark.requirement("C-01")
@given(st.lists(st.binary(max_size=300), max_size=8), st.lists(st.integers(1, 700), max_size=20))
def test_how_the_stream_is_cut_makes_no_difference(lines, cuts):
    stream = b"\n".join(lines) + b"\n"
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(stream[at:at + cut])
        at += cut
    pieces.append(stream[at:])
    expected = [line for line in stream.split(b"\n")[:-1] if line.strip(b" \t\r\x0b\x0c")]
    assert lines_of(*pieces) == expected
