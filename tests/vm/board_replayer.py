"""Runs the firmware on recorded answers and holds every call against the record. Runs on MicroPython.

The record is the file "calls". The first difference ends the replay with the line's number, what was expected and
what came.
"""

from board_trace import ERRORS, PARTS, VALUES, call_text, decode, encode

from pump.app import App

POLLS_A_STEP = 50


class Difference(BaseException):             # not an Exception: App.poll would take it for a failure of its own
    """The firmware did something else than on the other interpreter."""


class Player:
    def __init__(self, name):
        self._file = open(name)             # noqa: SIM115 read for as long as the replay lasts
        self._line = self._read()
        self.number = 1
        self.polls = 0

    def next_path(self):
        """The path of the next recorded call, "" at the end."""
        return self._line.split("\t")[0]

    def take(self, path, arguments):
        """The recorded result's text of a call, which must be the next one."""
        got = call_text(path, arguments)
        if not self._line.startswith(got):
            raise Difference("line %d: expected %s, got %s %s" % (self.number, self._line, got, _last_error()))
        result = self._line[len(got):]
        self._line = self._read()
        self.number += 1
        return result

    def call(self, path, arguments):
        """The recorded result of a call; a recorded exception is raised."""
        result = self.take(path, arguments)
        if result in ERRORS:
            raise ERRORS[result]("recorded")
        return decode(result)

    def _read(self):
        return self._file.readline().rstrip("\n")


class Part:
    """One part of the board. MicroPython looks a missing attribute up here, like CPython."""

    def __init__(self, player, name):
        self._player = player
        self._name = name

    def __getattr__(self, attribute):
        if attribute not in PARTS[self._name]:
            raise AttributeError(attribute)
        path = self._name + "." + attribute
        player = self._player
        if attribute in VALUES:
            return player.call(path, ())
        if attribute == "readinto":
            return lambda buffer: _readinto(player, buffer)
        return lambda *arguments: player.call(path, arguments)


def _readinto(player, buffer):
    data = player.call("link.readinto", (len(buffer),))
    buffer[:len(data)] = data
    return len(data)


def _last_error():
    """What the firmware caught, if it did: the likely cause of a difference."""
    return getattr(app, "last_error", "")


def boot(player):
    """The firmware, booted on the record."""
    player.call("boot", ())
    board = Part(player, "board")
    for name in PARTS:
        if name != "board":
            setattr(board, name, Part(player, name))
    return App(board)


player = Player("calls")
app = None


def step():
    """A few polls; False when the record is at its end."""
    global app
    for _ in range(POLLS_A_STEP):
        path = player.next_path()
        if not path:
            print("%d calls in %d polls, all the same" % (player.number - 1, player.polls))
            return False
        if path == "boot":
            app = boot(player)
        else:
            _poll()
    return True


def _poll():
    wait_ms = app.poll()
    player.polls += 1
    expected = player.take("poll", ())
    if encode(wait_ms) != expected:
        raise Difference("line %d: expected poll to return %s, got %d" % (player.number - 1, expected, wait_ms))
