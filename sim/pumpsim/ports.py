"""The outside of the simulated link: a pty behind a symlink, or a loopback TCP port. Owns file descriptors; knows
no pump and no time. What nobody takes is dropped, as the board contract says of a link.
"""

import contextlib
import os
import selectors
import socket
from pathlib import Path

READ_SIZE = 4096
LINK_PATIENCE_S = 0.2         # as pump.board.LINK_PATIENCE_MS
LOOPBACK = "127.0.0.1"


class PortError(Exception):
    """A port that cannot be had; the text says why and what to do."""


class PtyPort:
    """A pseudo-terminal in raw mode. Hosts open the symlink, close it and open it again as they like."""

    def __init__(self, path):
        """Makes the symlink at `path`; one that leads nowhere any more is replaced."""
        self.path = Path(path)
        if self.path.is_symlink() and not self.path.exists():
            self.path.unlink()
        self._open()
        try:
            self.path.symlink_to(self._device)
        except OSError as error:
            self._close_ends()
            raise PortError(f"cannot make {path}: {error.strerror}; is another pumpsim serving it? "
                            "Choose another path, or remove it if not")

    def _open(self):
        try:
            import tty
        except ImportError:
            raise PortError("this system has no pseudo-terminals; serve on tcp:4000 instead")
        self._pump_end, self._host_end = os.openpty()      # both stay open here: no hang-up between two hosts
        tty.setraw(self._host_end)
        os.set_blocking(self._pump_end, False)
        self._device = os.ttyname(self._host_end)

    @property
    def name(self):
        """What a host opens."""
        return str(self.path)

    def register(self, selector, on_data, on_peer=None):
        """Calls on_data(bytes, reply) for what comes; reply(bytes) answers. A pty does not know its peers."""
        self._selector, self._on_data = selector, on_data
        selector.register(self._pump_end, selectors.EVENT_READ, lambda: on_data(self._read(), self.write))

    def hang_up(self):
        """The port goes away under whoever has it open, as a board's does at a reset; the symlink leads to another."""
        self._selector.unregister(self._pump_end)
        ends = self._pump_end, self._host_end
        self._open()
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.symlink_to(self._device)
        beside.replace(self.path)
        for end in ends:
            os.close(end)
        self.register(self._selector, self._on_data)

    def close(self):
        with contextlib.suppress(OSError):
            if os.readlink(self.path) == self._device:
                self.path.unlink()
        self._close_ends()

    def _close_ends(self):
        os.close(self._pump_end)
        os.close(self._host_end)

    def _read(self):
        try:
            return os.read(self._pump_end, READ_SIZE)
        except OSError:
            return b""

    def write(self, data):
        """Sends it to the host, where one takes it."""
        with contextlib.suppress(OSError):
            while data:
                data = data[os.write(self._pump_end, data):]


class TcpPort:
    """A TCP port on the loopback interface, one peer at a time; a second one is turned away."""

    def __init__(self, port):
        """Listens on `port`, 0 for a free one."""
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._peer = None
        try:
            self._listener.bind((LOOPBACK, port))
            self._listener.listen()
        except OSError as error:
            self._listener.close()
            raise PortError(f"cannot listen on TCP port {port}: {error.strerror}; choose another, or 0 for a free one")
        self.number = self._listener.getsockname()[1]

    @property
    def name(self):
        return f"socket://{LOOPBACK}:{self.number}"

    def register(self, selector, on_data, on_peer=lambda: None):
        """As above; on_peer() for each new one."""
        self._selector = selector
        selector.register(self._listener, selectors.EVENT_READ, lambda: self._accept(on_data, on_peer))

    def close(self):
        self.hang_up()
        self._listener.close()

    def _accept(self, on_data, on_peer):
        peer, _ = self._listener.accept()
        while self._peer is not None and self._read(on_data):
            pass                       # what the last one sent before it went, and that it went
        if self._peer is not None:
            peer.close()
            return
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.setblocking(False)
        self._peer = peer
        on_peer()
        self._selector.register(peer, selectors.EVENT_READ, lambda: self._peer is peer and self._read(on_data))

    def _read(self, on_data):
        """Passes on what has come; False where nothing has."""
        try:
            data = self._peer.recv(READ_SIZE)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if data:
            on_data(data, self.write)
        else:
            self.hang_up()
        return True

    def write(self, data):
        """Sends it to the host, where one takes it."""
        if self._peer is None:
            return
        try:
            self._peer.settimeout(LINK_PATIENCE_S)
            self._peer.sendall(data)
        except OSError:
            self.hang_up()
        else:
            self._peer.setblocking(False)

    def hang_up(self):
        """Whoever is there is sent away."""
        if self._peer is not None:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(self._peer)
            self._peer.close()
            self._peer = None


def open_port(text):
    """The port of "pty:PATH" or "tcp:NUMBER"; PortError for anything else or where it cannot be had."""
    kind, _, where = text.partition(":")
    if kind == "pty" and where:
        return PtyPort(where)
    if kind == "tcp" and where.isascii() and where.isdigit() and int(where) < 65536:
        return TcpPort(int(where))
    raise PortError(f"{text!r} is no link; write pty:PATH or tcp:NUMBER, such as tcp:4000 (0: a free one)")
