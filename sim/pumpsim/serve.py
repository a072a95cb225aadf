"""A simulated pump behind a port, in real time or faster. Owns the passing of time; the pump is SimPump, unchanged."""

import mmap
import os
import selectors
import signal
import socket
import time

from pump.states import PRIMING, RUNNING, WITHDRAWING
from pumpsim.control import Control
from pumpsim.device import UNIQUE_ID, SimPump
from pumpsim.fault_command import parameters_of
from pumpsim.flash import SECTOR_SIZE, SECTORS, NorFlash
from pumpsim.plant import Plant
from pumpsim.ports import PortError

TICK_S = 0.02                 # how often virtual time is brought up to real time
QUIET_S = 0.1                 # at "max": how long the host must be silent before time jumps on
MOVING = (RUNNING, PRIMING, WITHDRAWING)
JUMP_MS = 3_600_000           # at "max": a jump; the link is looked at between two


class Server:
    """Serves one pump until `stop`. speed: times real time, 0 for time that stands still, "max" for jumps.

    At "max" time jumps only while the motor may move and the host is silent; otherwise it passes as real time does, so
    that a stopped pump does not run out of years.
    """

    def __init__(self, pump, link, speed, control=None):
        self.pump = pump
        self.speed = speed
        self._selector = selectors.DefaultSelector()
        self._ports = [link]
        self._real_s = self._heard_s = time.monotonic()
        self._rest_ms = 0.0
        self._stopping = False
        self._reply = None            # to whoever spoke last
        link.register(self._selector, self._answer)
        if control:
            self._ports.append(control)
            channel = Control(self)
            control.register(self._selector, channel.take, channel.begin)

    @property
    def state(self):
        return self.pump.state

    def run(self, on_ready=lambda: None):
        """Until SIGINT, SIGTERM or `stop`; closes its ports. Calls on_ready() when a signal would end it cleanly."""
        wake, woken = socket.socketpair()
        for end in (wake, woken):
            end.setblocking(False)
        self._selector.register(woken, selectors.EVENT_READ, lambda: woken.recv(64))
        former_fd = signal.set_wakeup_fd(wake.fileno())
        former = {number: signal.signal(number, self.stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            on_ready()
            while not self._stopping:
                self._step()
        finally:
            for port in self._ports:
                port.close()
            for number, handler in former.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(former_fd)
            self._selector.close()
            wake.close()
            woken.close()

    def end_with(self, descriptor):
        """Stops when this file descriptor comes to its end, as a pipe does when who holds the other end is gone."""
        self._selector.register(descriptor, selectors.EVENT_READ, lambda: os.read(descriptor, 4096) or self.stop())

    def stop(self, *signal_and_frame):
        self._stopping = True

    def advance(self, ms):
        """Exactly `ms` of virtual time, however long that takes; real time does not count meanwhile."""
        self.pump.run_for(ms)
        self._say()
        self._real_s = time.monotonic()

    def set_speed(self, speed):
        self.speed = speed
        self._rest_ms = 0.0

    def _step(self):
        for key, _ in self._selector.select(self._patience()):
            key.data()
        self._pass_time()
        self._say()

    def _patience(self):
        if self.speed == 0:
            return None
        return 0 if self._jumps() else TICK_S

    def _jumps(self):
        return self.speed == "max" and self.state in MOVING and time.monotonic() - self._heard_s > QUIET_S

    def _pass_time(self):
        now_s = time.monotonic()
        passed_ms = (now_s - self._real_s) * 1000
        self._real_s = now_s
        if self._jumps():
            self.pump.run_for(JUMP_MS)
            return
        virtual_ms = passed_ms * (1 if self.speed == "max" else self.speed) + self._rest_ms
        self._rest_ms = virtual_ms % 1
        if virtual_ms >= 1:
            self.pump.run_for(int(virtual_ms))

    def _answer(self, data, reply):
        self._heard_s = time.monotonic()
        self._pass_time()
        self.pump.send(data)
        while self.pump.link.is_waiting() and not self.pump.is_starved:
            self.pump.poll()
        self._reply = reply
        self._say()

    def _say(self):
        """What the pump has said, also late, goes to whoever spoke last."""
        data = self.pump.receive()
        if data and self._reply:
            self._reply(data)


def flash_of_file(path):
    """A flash chip whose bytes are the file's, written through at once; a new file is an erased chip.

    PortError where the file cannot be used, is no image, or another simulation has it.
    """
    size = SECTOR_SIZE * SECTORS
    try:
        with open(path, "a+b") as file:
            _lock(file)
            if file.tell() == 0:
                file.write(b"\xff" * size)
                file.flush()
            if file.tell() != size:
                raise PortError(f"{path} is no flash image of {size} bytes; give another file, or remove it")
            image = mmap.mmap(file.fileno(), size)
    except BlockingIOError:
        raise PortError(f"another pumpsim uses {path}; end it, or give another file")
    except OSError as error:
        raise PortError(f"cannot use {path}: {error.strerror}; give another file")
    flash = NorFlash()
    flash.image = image
    return flash


def _lock(file):
    """For one simulation at a time, as long as the file is mapped; BlockingIOError where another has it."""
    try:
        import fcntl
    except ImportError:                 # Windows: nothing there outlives the closing of the file
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def new_pump(flash_path=None, unique_id=None, plant=None):
    """A simulated pump, powered up, with the flash image of a file, an id and a plant where they are given."""
    return SimPump(unique_id or UNIQUE_ID, flash=flash_of_file(flash_path) if flash_path else None, plant=plant)


def plant_of(words):
    """The plant of KEY=VALUE words; ValueError, with what to do, for those that are none."""
    return Plant(**parameters_of(words))
