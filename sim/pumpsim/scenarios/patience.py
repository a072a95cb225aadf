"""Patience: that nobody waits in vain for a pump whose firmware never comes back from a poll. Knows no scenario."""

import ctypes
import threading
import time

STANDSTILL_S = 5              # of computing at one instant: a hundred times what the largest program's check takes


class StandsStill(BaseException):
    """Raised in the simulation, past the firmware, which handles Exception only."""


class Patience:
    """`with Patience(now_ms):` raises StandsStill inside where virtual time stands still for STANDSTILL_S s of
    computing: of this thread alone, so that a busy machine ends nothing."""

    def __init__(self, now_ms):
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._over = threading.Event()

    def __enter__(self):
        threading.Thread(target=self._watch, args=(threading.get_ident(),), daemon=True).start()

    def __exit__(self, *_):
        with self._lock:
            self._over.set()

    def _watch(self, thread):
        clock = _clock_of(thread)
        seen_ms, since_s = self._now_ms(), clock()
        while not self._over.wait(STANDSTILL_S / 5):
            now_ms, now_s = self._now_ms(), clock()
            if now_ms != seen_ms:
                seen_ms, since_s = now_ms, now_s
            elif now_s - since_s >= STANDSTILL_S:
                with self._lock:
                    if not self._over.is_set():
                        _raise_in(thread, StandsStill)
                return


def _raise_in(thread, error):
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _clock_of(thread):
    """What a thread has computed, in s, where the system tells it; otherwise what has passed."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return time.monotonic
    number = time.pthread_getcpuclockid(thread)
    return lambda: time.clock_gettime(number)
