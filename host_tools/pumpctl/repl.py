"""MicroPython's prompt on a port. The one module that knows mpremote; knows no pump and no firmware.

mpremote's library has no promise to stay as it is, so its version is pinned, and what is used of it is: open, enter and
leave the raw prompt, run code.
"""

from __future__ import annotations

import ast
import contextlib
import io
import struct
from typing import Any

from pumpctl.errors import HostError
from pumpctl.transport import NoConnectionError

ENTER_S = 3                   # for the prompt to answer; it takes milliseconds
READ_S = 5                    # between two bytes that are due
RUN_S = 20                    # for code to end: hashing a firmware takes a second, erasing its sectors a few
NO_SPACE = "28"               # ENOSPC, as MicroPython prints it: by name or by number


class ReplError(HostError):
    """Code at the prompt ended with an exception; `is_full`: the flash has no room left."""

    def __init__(self, trace: str):
        last = trace.strip().splitlines()[-1] if trace.strip() else "no reason given"
        self.is_full = "OSError" in last and (f" {NO_SPACE}" in last or f"Errno {NO_SPACE}" in last or "ENOSPC" in last)
        super().__init__(f"MicroPython says: {last}", "run the command again; it goes on where it was")


class Repl:
    """A context manager; at its end the prompt is an ordinary one again, for a person to type at."""

    def __init__(self, port: str):
        """Opens `port` and enters the raw prompt; NoConnectionError where there is none or somebody else has it."""
        from mpremote.transport import TransportError
        from mpremote.transport_serial import SerialTransport
        from serial import SerialException

        self._lost = (TransportError, SerialException, OSError, struct.error)
        self._port = port
        with self._quietly("open"):
            self._transport = SerialTransport(port, timeout=READ_S)
        try:
            with self._quietly("reach MicroPython's prompt on"):
                self._transport.enter_raw_repl(soft_reset=False, timeout_overall=ENTER_S)
        except NoConnectionError:
            self._close()
            raise

    def __enter__(self) -> Repl:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.leave()

    def run(self, code: str) -> Any:
        """Runs code; returns what it printed, read as one literal, None for nothing. ReplError where it raised."""
        with self._quietly("talk to"):
            printed, trace = self._transport.exec_raw(code, timeout=RUN_S)
        if trace:
            raise ReplError(trace.decode("utf-8", "replace"))
        text = printed.decode("utf-8", "replace").strip()
        return ast.literal_eval(text) if text else None

    def reset(self) -> None:
        """Resets the board and closes the port."""
        with contextlib.suppress(NoConnectionError), self._quietly("reset"):
            self._transport.exec_raw_no_follow("import machine\nmachine.reset()")
        self._close()

    def leave(self) -> None:
        """Leaves the prompt as it was found and closes the port; nothing where that has happened."""
        if self._transport.serial.is_open:
            with contextlib.suppress(*self._lost):
                self._transport.exit_raw_repl()
            self._close()

    def _close(self) -> None:
        with contextlib.suppress(*self._lost):
            self._transport.close()

    @contextlib.contextmanager
    def _quietly(self, what: str):
        """mpremote prints what it does not understand; here that becomes an error."""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                yield
        except self._lost as error:
            raise NoConnectionError(f"cannot {what} {self._port}: {error}",
                                    "check the cable and that no other program has the port, then run it again")
