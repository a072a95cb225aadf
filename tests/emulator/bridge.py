"""An emulated Pico behind a loopback port, for pumpctl as it is; its time runs meanwhile, no faster than the wall's.

In a test, `with bridge.paused() as pico:` stands its time still and gives it to the test: to drive a pin, to look, to
take the power away.
"""

import socket
import threading
import time
from contextlib import contextmanager

SLICE_S = 0.002
PIECE = 4096
BOOT_S = 1.5                            # in one go, so that a slow wall does not make a host give up


class Bridge:
    """A context manager. The port is lost at each reset of the chip, as on the board."""

    def __init__(self, pico):
        self._pico = pico
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0)
        self._client = None
        self._sent = 0
        self._cut_at = None
        self._lock = threading.Lock()
        self._has_ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._resets = 0

    @property
    def port(self):
        return f"socket://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self):
        self._pico.until_usb()
        self._pico.run(BOOT_S)
        self._pico.do("open", isOpen=False)
        self._resets = self._pico.do("state")["resets"]
        self._thread.start()
        return self

    def __exit__(self, *exc_info):
        self._has_ended = True
        self._thread.join()
        self._drop()
        self._listener.close()

    @contextmanager
    def paused(self):
        """The Pico, its time standing still."""
        with self._lock:
            yield self._pico

    def power_cycle(self):
        """Power off and on; the port is there again when this returns."""
        with self._lock:
            self._drop()
            self._pico.do("powerCycle")
            self._resets += 1
            self._pico.until_usb()
            self._pico.run(BOOT_S)

    def cut_after(self, count):
        """The link breaks, once, when so many more bytes have gone to the chip."""
        with self._lock:
            self._sent, self._cut_at = 0, count

    def _run(self):
        while not self._has_ended:
            began = time.monotonic()
            with self._lock:
                self._step()
            time.sleep(max(0.0002, began + SLICE_S - time.monotonic()))

    def _step(self):
        if self._client is None:
            self._accept()
        else:
            self._take()
        self._pico.run(SLICE_S)
        said, self._pico.serial = self._pico.serial, b""
        resets = self._pico.do("state")["resets"]
        if resets != self._resets:
            self._resets = resets
            self._drop()
        elif self._client and said:
            try:
                self._client.sendall(said)
            except OSError:
                self._drop()

    def _accept(self):
        try:
            self._client, _ = self._listener.accept()
        except BlockingIOError:
            return
        self._client.settimeout(0)
        self._pico.do("open", isOpen=True)

    def _take(self):
        try:
            data = self._client.recv(PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop()
            return
        if self._cut_at is not None and self._sent + len(data) >= self._cut_at:
            data = data[:self._cut_at - self._sent]
            self._cut_at = None
            self._pico.send(data)
            self._drop()
            return
        self._sent += len(data)
        self._pico.send(data)

    def _drop(self):
        if self._client:
            self._client.close()
            self._client = None
            self._pico.do("open", isOpen=False)
