"""What a person is told when a file is refused. Owns the wording's shape; knows no command."""

from __future__ import annotations

USAGE = 2                     # the exit code of wrong usage or input


class HostError(Exception):
    """Base of every error that is meant for the user: one line of text, a hint where there is a way out, and the exit
    code of a command that ends so."""

    exit_code = USAGE

    def __init__(self, message: str, hint: str = ""):
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(HostError):
    """A refused input file: where it is wrong, what stands there, and what should.

    Line and column count from 1, the column in characters. `found` is quoted as the file has it.
    """

    def __init__(self, path: object, line: int, column: int, found: str, expected: str):
        super().__init__(f"{path}:{line}:{column}: found {found}, expected {expected}")
        self.path = path
        self.line = line
        self.column = column
        self.found = found
        self.expected = expected
