"""`make bench` says what the long commands found last, when, by which command, and what has changed since."""

import os
from datetime import datetime

from tests.bench.kept import kept

FIGURE = ("changes seen", "mutation/verdict.txt", "make mutate")
FOUND = datetime(2026, 11, 26, 7, 52).timestamp()


def made(root, path, when_s, text=""):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, (when_s, when_s))


def said(root):
    return " ".join(kept(FIGURE, lambda path: path.read_text(), root).split())


def test_a_figure_comes_with_its_command_and_date(tmp_path):
    made(tmp_path, "out/mutation/verdict.txt", FOUND, "94 %")
    made(tmp_path, "firmware/pump/zone.py", FOUND - 1)
    assert said(tmp_path) == "changes seen 94 % (make mutate, 2026-11-26 07:52)"


def test_one_that_is_older_than_its_sources_says_so(tmp_path):
    made(tmp_path, "out/mutation/verdict.txt", FOUND, "94 %")
    for path in ("firmware/pump/zone.py", "tests/pump/test_zone.py"):
        made(tmp_path, path, FOUND + 1)
        assert said(tmp_path).endswith("2026-11-26 07:52; sources have changed since: run make mutate)")
        made(tmp_path, path, FOUND)


def test_one_that_was_never_found_names_its_command(tmp_path):
    assert said(tmp_path) == "changes seen not found here yet; run: make mutate"
