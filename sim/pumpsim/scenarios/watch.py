"""Watches a pump while a scenario is played: states, alarms and steps after every poll. Changes nothing."""

from pump.states import MOVING


class Watch:
    """`states` and `raised`: (ms, state or alarm) at each change; `broken`: (ms, text) where something must not be."""

    def __init__(self, pump):
        self._pump = pump
        self.states = []
        self.raised = []
        self.broken = []
        self._state = None
        self._shown = 0
        self._rest = None             # (stepper, edges) while nothing may step
        self._made = 0                # edges of earlier boots
        self._stepper = None
        pump.on_polled = self.look

    def look(self):
        pump = self._pump
        if pump.state != self._state:
            self._state = pump.state
            self.states.append((pump.now_ms, self._state))
        if pump.is_on:
            self._look_at_alarms(pump)
        self._look_at_steps(pump)

    def edges(self):
        """On the step pin, over all boots."""
        self._follow()
        return self._made + self._stepper.edges()

    def _look_at_alarms(self, pump):
        alarms = pump.app.parts.alarms
        if alarms.shown != self._shown:
            names = type(alarms)()
            names.shown = alarms.shown & ~self._shown
            self.raised += [(pump.now_ms, name) for name in names.names()]
            self._shown = alarms.shown

    def _look_at_steps(self, pump):
        """No step while the pump is stopped, suspended, at fault or without power (D-08)."""
        self._follow()
        edges = self._stepper.edges()
        if self._rest and self._rest[0] is self._stepper and edges != self._rest[1] and self._state not in MOVING:
            self.broken.append((pump.now_ms, f"{edges - self._rest[1]} steps while {self._state}"))
        self._rest = None if self._state in MOVING else (self._stepper, edges)

    def _follow(self):
        stepper = self._pump.board.stepper
        if stepper is not self._stepper:
            self._made += self._stepper.edges() if self._stepper else 0
            self._stepper = stepper
