"""Two programs side by side as a terminal shows them: what differs is marked and coloured. Owns the columns."""

from __future__ import annotations

import click

from pumpctl.cli import volume_text
from pumpctl.program_diff import Difference, Pair

MARK = "* "
SAME = "  "


def diff_lines(difference: Difference, old: str, new: str) -> list[str]:
    """The lines; `old` and `new` head the two columns. Days and facts that are the same are left out."""
    if difference.is_none:
        return [f"{old} and {new}: no difference"]
    days = [each for each in difference.days if any(pair.differs for pair in each.segments)]
    facts = [pair for pair in difference.facts if pair.differs]
    pairs = [pair for each in days for pair in each.segments] + facts
    widths = _widths([*pairs, Pair("", old, new)])
    lines = [_line(Pair("", old, new), widths, SAME).rstrip()]
    for each in days:
        lines += [each.label, *(_paired(pair, widths) for pair in each.segments)]
    if facts:
        lines += ["other", *(_paired(pair, widths) for pair in facts)]
    return lines + _volume_lines(difference)


def _volume_lines(difference: Difference) -> list[str]:
    pairs = [Pair(each.day, volume_text(each.old_nl), volume_text(each.new_nl)) for each in difference.volumes]
    if not any(pair.differs for pair in pairs):
        return ["the volume of each day stays the same"]
    widths = _widths(pairs)
    return ["volume per day, without boluses on demand",
            *(_coloured(f"{_line(pair, widths, MARK if pair.differs else SAME)}  {volume.change}".rstrip(), pair)
              for pair, volume in zip(pairs, difference.volumes, strict=True))]


def pair_lines(pairs: list[Pair], old: str, new: str) -> list[str]:
    """Differing fields below two heads."""
    widths = _widths([*pairs, Pair("", old, new)])
    return [_line(Pair("", old, new), widths, SAME).rstrip(), *(_paired(pair, widths) for pair in pairs)]


def _widths(pairs: list[Pair]) -> tuple[int, int, int]:
    return (max(len(pair.name) for pair in pairs), max(len(pair.old) for pair in pairs),
            max(len(pair.new) for pair in pairs))


def _paired(pair: Pair, widths: tuple[int, int, int]) -> str:
    return _coloured(_line(pair, widths, MARK if pair.differs else SAME).rstrip(), pair)


def _line(pair: Pair, widths: tuple[int, int, int], mark: str) -> str:
    old, new = (text or ("-" if pair.name else "") for text in (pair.old, pair.new))
    return f"{mark}{pair.name.ljust(widths[0])}  {old.ljust(widths[1])}  {new.ljust(widths[2])}"


def _coloured(line: str, pair: Pair) -> str:
    return click.style(line, fg="yellow") if pair.differs else line
