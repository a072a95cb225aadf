"""A whole simulated pump: world, flash chip, board and the firmware's App, jumping from deadline to deadline."""

from pump.app import App
from pump.board import CAUSE_POWER, CAUSE_SOFT, CAUSE_WATCHDOG, INPUT_BUTTON
from pumpsim.agenda import Agenda
from pumpsim.board import PRESS_MS, Bench, SimBoard, SimLink
from pumpsim.cable import Cable
from pumpsim.faults.active import Faults
from pumpsim.flash import NorFlash
from pumpsim.power import PowerCut
from pumpsim.world import World

UNIQUE_ID = bytes.fromhex("53494d5055303031")          # "SIMPU001"
NEVER_MS = 1 << 62


class SimPump:
    """Runs the firmware in virtual time.

    `send`/`receive` are the host's end of the link; `run_for` lets time pass. `wrap_board` may put a recorder between
    App and board; `poll_ms` polls at a fixed period instead of jumping. `inject` and `clear` are for faults
    (pumpsim/faults), `at_ms` for anything else that is to happen at an instant.
    """

    def __init__(self, unique_id=UNIQUE_ID, flash=None, on_edges=None, wrap_board=None, poll_ms=None, world=None,
                 bench=None, plant=None):
        """Powers up. `world` and `bench`: the time, and what is around the board, that it finds; new ones if None.
        `plant`: what hangs on the motor, a pumpsim.Plant; without one the steps are all there is."""
        self.world = world or World()
        self.flash = flash or NorFlash()
        self.poll_ms = poll_ms
        self._unique_id = unique_id
        self._on_edges = on_edges
        self.plant = None
        self._wrap_board = wrap_board or (lambda board: board)
        self.polls = 0
        self.link = None
        self.bench = bench or Bench(self.world)
        self.rtc = self.bench.rtc
        self.firmware = self.bench.firmware
        self.board = None
        self.is_on = True             # has power
        self.is_starved = False       # has power, and nobody polls
        self.on_power_cut = None      # called when the power goes in the middle of a flash operation
        self.faults = Faults(self)
        self.agenda = Agenda()
        self.lines_sent = 0           # by the host
        self._awaited = []            # (condition, action)
        self.on_polled = None         # called after every poll, and after what would have been one
        self._cable = None            # without faults of the link bytes take no way
        self.boot(CAUSE_POWER)
        if plant:
            self.attach(plant)

    def boot(self, reset_cause):
        """Power-up or reset at this instant: everything but the flash chip starts anew, the motor included. Only a
        reset that is no power-up keeps the step count."""
        kept = self.board.counter.at_reset() if self.board and reset_cause != CAUSE_POWER else None
        unread = self.link.receive() if self.link else b""
        self.link = SimLink()
        self.link.write(unread)                         # what was said before is on its way
        self.firmware.boot()
        self.is_on, self.is_starved = True, False
        try:
            self.board = SimBoard(self.world, self.flash, self.link, self._unique_id, reset_cause, self._on_edges,
                                  self.bench, kept)
            if self.plant:
                self.plant.connect(self.world, self.board.stepper)
                self.plant.show(self.bench)
            self.app = App(self._wrap_board(self.board))
        except PowerCut:
            self._lose_power()
            return
        self._next_poll_ms = self.world.now_ms

    @property
    def now_ms(self):
        """Milliseconds since the simulation began."""
        return self.world.now_ms

    @property
    def state(self):
        """The pump's own word, or "off"."""
        return self.app.controller.state if self.is_on else "off"

    def attach(self, plant):
        """Puts a plant behind the step pin, in place of whatever there was; its time begins now."""
        first = self._on_edges
        self.plant = plant
        self._on_edges = plant.on_edges if first is None else lambda *edges: (first(*edges), plant.on_edges(*edges))
        self.board.stepper.watch(self._on_edges)
        plant.connect(self.world, self.board.stepper)
        self._next_poll_ms = min(self._next_poll_ms, self.now_ms)

    # the host's end of the link

    def send(self, data):
        """Bytes from the host; they are answered by `poll`. A pump without power hears nothing."""
        if not self.is_on:
            return
        self.lines_sent += data.count(b"\n")
        if self._cable:
            self._cable.to_pump(data, self.now_ms, self.link)
        else:
            self.link.send(data)

    def receive(self):
        """Bytes for the host, b"" for none."""
        if not self._cable:
            return self.link.receive()
        self._cable.collect(self.link.receive(), self.now_ms)
        return self._cable.to_host(self.now_ms)

    @property
    def cable(self):
        """The link's cable, from the first time that somebody does something to it."""
        if self._cable is None:
            self._cable = Cable(lambda ms, data: self.at_ms(ms, lambda: self.is_on and self.link.send(data)))
        return self._cable

    @property
    def has_cable(self):
        """Something has been done to the link."""
        return self._cable is not None

    # time

    def poll(self):
        """One poll of the firmware, now; or as many as it takes to answer a slow request. Time stands still.

        Computing takes no time here, so all slices of a check fall into one instant; `app.poll` gives a single one.
        """
        if self.plant:
            self.plant.show(self.bench)
        if self.is_starved or not self.is_on:
            self._next_poll_ms = NEVER_MS               # unless an awaited step comes before
            self._polled()
            return NEVER_MS
        try:
            wait_ms = self.app.poll()
            self.polls += 1
            while self.app.is_busy:
                wait_ms = self.app.poll()
                self.polls += 1
        except PowerCut:
            self._lose_power()
            self._polled()
            return NEVER_MS
        if self.firmware.has_left:
            self.boot(CAUSE_SOFT)
            wait_ms = 0
        if self.plant:
            wait_ms = min(wait_ms, self.plant.look_ms())
        self._next_poll_ms = self.now_ms + (self.poll_ms or wait_ms)
        if self._cable:
            self._cable.collect(self.link.receive(), self.now_ms)
        if self._awaited or self.on_polled:
            self._polled()
        return wait_ms

    def _polled(self):
        if self.on_polled:
            self.on_polled()
        if self._awaited:
            self._look_for_awaited()

    def _look_for_awaited(self):
        """Does what was waiting for a condition that holds now, and looks again where another may hold."""
        held = [entry for entry in self._awaited if entry[0].holds(self)]
        self._awaited = [entry for entry in self._awaited if entry not in held]
        for _, action in held:
            action()
        for condition, _ in self._awaited:
            self._next_poll_ms = condition.next_ms(self, self._next_poll_ms)
        if held and self.is_on and not self.is_starved:
            self._next_poll_ms = self.now_ms

    def run_until(self, end_ms):
        """Lets virtual time pass to `end_ms`, polling whenever the firmware asked to be; ends polled at `end_ms`."""
        world = self.world
        while self._next_poll_ms < end_ms or self.agenda:
            if self.agenda and self.agenda.next_ms <= self._next_poll_ms:
                if self.agenda.next_ms > end_ms:
                    break
                world.move_to(max(self.agenda.next_ms, world.now_ms))
                self.agenda.do_until(world.now_ms)
            elif self._next_poll_ms < end_ms:
                world.move_to(max(self._next_poll_ms, world.now_ms))
            else:
                break
            self.poll()
        world.move_to(end_ms)
        self.poll()

    def run_for(self, ms):
        self.run_until(self.now_ms + ms)

    def at_ms(self, ms, action):
        """Has action() called at the instant `ms`, and the pump polled; returns the entry of the agenda."""
        return self.agenda.enter(max(ms, self.now_ms), action)

    def after_ms(self, ms, action):
        return self.at_ms(self.now_ms + ms, action)

    # power

    def power_off(self):
        """The power goes at this instant: motor, memory and link; what is in flash and the battery's clock stay."""
        self.board.stepper.halt()
        self.link = SimLink()
        self.is_on = self.is_starved = False
        self._next_poll_ms = NEVER_MS

    def _lose_power(self):
        self.power_off()
        if self.on_power_cut:
            self.on_power_cut()

    def power_on(self):
        """And comes back; nothing happens where it is there."""
        if not self.is_on:
            self.flash.power_on()
            self.boot(CAUSE_POWER)

    def starve(self, ms):
        """The interpreter hangs from now on, the pulses do not; after `ms` the watchdog resets the chip (P-02, P-03).
        """
        if self.is_on and not self.is_starved:
            self.is_starved = True
            self._next_poll_ms = NEVER_MS
            self.after_ms(ms, lambda: self.is_starved and self.boot(CAUSE_WATCHDOG))

    # what people do, and what goes wrong

    def press(self, ms=PRESS_MS):
        """Presses the button at this instant and lets it go `ms` later. Its contact may bounce: see the faults."""
        self._push(True)
        self.after_ms(ms, lambda: self._push(False))
        self.poll()

    def _push(self, is_down):
        inputs = self.bench.inputs
        for after_ms in inputs.bounces_ms():
            self.after_ms(after_ms, inputs.toggle)
        inputs.level = inputs.level | INPUT_BUTTON if is_down else inputs.level & ~INPUT_BUTTON

    def inject(self, fault, for_ms=None, when=None):
        """Applies a fault of pumpsim.faults now, or when a condition holds; see Faults.apply."""
        if when is None:
            self.faults.apply(fault, for_ms)
        else:
            self.when(when, lambda: self.faults.apply(fault, for_ms))

    def when(self, condition, action):
        """Has action() called once, as soon as a pumpsim.faults.condition holds; counts begin now."""
        condition.begin(self)
        self._awaited.append((condition, action))
        self._next_poll_ms = min(self._next_poll_ms, self.now_ms)

    def clear(self, name):
        """Ends an active fault."""
        self.faults.clear(name)
