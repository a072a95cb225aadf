"""Which of two firmwares the loader starts: its own `chosen`, run here on a flash that may refuse."""

import ast
import io

import pytest

from pumpctl.firmware_image import FIRMWARE

REFUSES = OSError(5, "EIO")


class Flash:
    """/slots, in a flash that may refuse to be read or written. A file replaces the one before when it is closed."""

    def __init__(self, text, refuses=""):
        self.text, self._refuses = text, refuses

    def open(self, path, mode="r"):
        assert path == "/slots"
        if mode in self._refuses or self.text is None:
            raise REFUSES
        file = io.StringIO(self.text if mode == "r" else "")
        if mode == "w":
            file.close = lambda: setattr(self, "text", file.getvalue())
        return file


def chosen(flash):
    tree = ast.parse((FIRMWARE / "loader.py").read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if getattr(node, "name", "") == "chosen"]
    names = {"open": flash.open, "CHOICE": "/slots"}
    exec(compile(tree, "loader.py", "exec"), names)
    return names["chosen"]()


@pytest.mark.requirement("J-08")
@pytest.mark.parametrize("text, choice, left", [
    ("a--", ("a", False), "a--"), ("ab1", ("b", True), "ab0"), ("ab0", ("a", False), "ab0"),
    ("-a1", ("a", True), "-a0"), ("-a0", ("", False), "-a0"), ("", ("", False), ""), ("b", ("", False), "b")])
def test_a_new_firmware_is_tried_once_and_the_confirmed_one_runs_otherwise(text, choice, left):
    flash = Flash(text)
    assert chosen(flash) == choice
    assert flash.text == left


@pytest.mark.requirement("J-08")
def test_where_no_trial_can_be_written_down_the_confirmed_firmware_runs():
    flash = Flash("ab1", refuses="w")
    assert chosen(flash) == ("a", False)
    assert flash.text == "ab1"


def test_where_nothing_can_be_read_nothing_runs():
    assert chosen(Flash("a--", refuses="r")) == chosen(Flash(None)) == ("", False)
