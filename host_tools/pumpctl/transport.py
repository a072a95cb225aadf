"""Transports: bytes to and from a pump. Each knows how to reach one, and no message.

A transport has `write(data)`, `read_line(timeout_s)` and `close()`. `read_line` returns one line without its newline,
or b"" when none came in time. Both raise NoConnectionError when the far end is gone.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Protocol

from pumpctl.errors import HostError

if TYPE_CHECKING:
    from pumpsim import SimPump

REPLY_MAX = 65536             # bytes: far above the longest reply; more without a newline is not a pump
PAUSE_S = 0.001               # between two looks for bytes
WRITE_S = 5
WORDS_OF_TUPLE = re.compile(r"\(\d+, '([^']+)'\)$")            # as pyserial prints an error of the system
CLOSED = "the other end closed it; does another program use the pump?"


class NoConnectionError(HostError):
    """No pump can be reached, or the connection broke."""

    exit_code = 3


class Transport(Protocol):
    def write(self, data: bytes) -> None: ...

    def read_line(self, timeout_s: float) -> bytes: ...

    def close(self) -> None: ...


class LineTransport:
    """Cuts what `_read` brings into lines. A subclass owns the connection: `_read`, `_write`, `close`, `failures`."""

    failures: tuple[type[Exception], ...] = (OSError,)

    def __init__(self, port: str):
        self.port = port
        self._buffer = bytearray()

    def _read(self) -> bytes:
        """What has come, b"" for nothing; waits PAUSE_S or a little longer for it."""
        raise NotImplementedError

    def _write(self, data: bytes) -> None:
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        try:
            self._write(data)
        except self.failures as error:
            raise self._lost(error)

    def read_line(self, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s
        while True:
            end = self._buffer.find(b"\n")
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[:end + 1]
                return line
            if time.monotonic() >= deadline:
                return b""
            if len(self._buffer) > REPLY_MAX:
                self._buffer.clear()
            try:
                self._buffer += self._read()
            except self.failures as error:
                raise self._lost(error)

    def _lost(self, error: Exception) -> NoConnectionError:
        return NoConnectionError(f"the connection on {self.port} broke: {_reason(error)}",
                                 "check the cable and the pump, then run: pumpctl status")


class SerialTransport(LineTransport):
    """A serial device, a pty, or any URL that pyserial knows, such as rfc2217://host:port."""

    def __init__(self, port: str):
        """Opens `port`, alone where the system can lock it; NoConnectionError where that fails."""
        import serial

        super().__init__(port)
        self.failures = (serial.SerialException, OSError)
        try:
            self._serial = serial.serial_for_url(port, timeout=0, write_timeout=WRITE_S, exclusive=True)
        except ValueError as error:
            raise NoConnectionError(f"{port} is no port: {error}", PORT_HINT)
        except self.failures as error:
            raise NoConnectionError(f"cannot open {port}: {_reason(error)}", PORT_HINT)

    def _read(self) -> bytes:
        data = self._serial.read(REPLY_MAX)
        if not data:
            time.sleep(PAUSE_S)        # works with every kind of pyserial port, on every system
        return data

    def _write(self, data: bytes) -> None:
        self._serial.write(data)

    def close(self) -> None:
        self._serial.close()


class SocketTransport(LineTransport):
    """socket://HOST:PORT. As pyserial has it, without its wait of 0.3 s on closing."""

    def __init__(self, port: str):
        import socket
        from urllib.parse import urlsplit

        super().__init__(port)
        try:
            address = urlsplit(port)
            if address.hostname is None or address.port is None:
                raise ValueError("write socket://HOST:PORT")
            self._socket = socket.create_connection((address.hostname, address.port), timeout=WRITE_S)
        except ValueError as error:
            raise NoConnectionError(f"{port} is no port: {error}", PORT_HINT)
        except OSError as error:
            raise NoConnectionError(f"cannot open {port}: {_reason(error)}", PORT_HINT)

    def _read(self) -> bytes:
        self._socket.settimeout(PAUSE_S)
        try:
            data = self._socket.recv(REPLY_MAX)
        except TimeoutError:
            return b""
        except ConnectionError:
            data = b""
        if not data:
            raise ConnectionError(CLOSED)
        return data

    def _write(self, data: bytes) -> None:
        self._socket.settimeout(WRITE_S)
        try:
            self._socket.sendall(data)
        except ConnectionError:
            raise ConnectionError(CLOSED)

    def close(self) -> None:
        self._socket.close()


def open_transport(port: str) -> Transport:
    """The transport for a device, a pty or a URL; NoConnectionError where it cannot be opened."""
    return (SocketTransport if port.startswith("socket://") else SerialTransport)(port)


PORT_HINT = "check that it is plugged in and that this is its port with pumpctl list, or give another with --port"


def _reason(error: Exception) -> str:
    """What happened, in a few words, without pyserial's repetition of the port."""
    text = getattr(error, "strerror", None) or str(error)
    if "lock" in text.lower():
        return "another program has it open"
    words = WORDS_OF_TUPLE.search(text)
    if words:
        return words[1]
    return text.rpartition("[Errno ")[2].partition("] ")[2].partition(": ")[0] or text or type(error).__name__


class SimTransport:
    """A simulated pump in this process: it answers at once, and its time stands still while it does."""

    def __init__(self, pump: SimPump):
        self._pump = pump
        self._buffer = b""

    def write(self, data: bytes) -> None:
        self._pump.send(data)
        self._pump.poll()
        self._buffer += self._pump.receive()

    def read_line(self, timeout_s: float) -> bytes:
        line, newline, rest = self._buffer.partition(b"\n")
        if not newline:
            return b""
        self._buffer = rest
        return line

    def close(self) -> None:
        self._buffer = b""
