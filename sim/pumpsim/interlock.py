"""The simulated interlock: the enable line, and the inputs that take it off in the instant in which they are seen."""

from pump.board import INPUT_LIMIT, INPUT_LINK, INPUT_STALL, INPUT_STOP

WATCHED = INPUT_STALL | INPUT_LIMIT | INPUT_STOP | INPUT_LINK


class SimInterlock:
    """`on_off()` is called when the line goes off."""

    def __init__(self, inputs, on_off):
        self._inputs = inputs
        self._on_off = on_off
        self.is_asked = False         # for the line to be on
        self.tripped = 0              # the inputs that have taken the line off since it was put on
        inputs.attach(self)

    @property
    def is_on(self):
        """The level of the line: the driver has its current."""
        return self.is_asked and not self.tripped

    def enable(self, on):
        if not on:
            self._on_off()
            self.tripped = 0
        has_come = on and not self.is_asked
        self.is_asked = on
        if has_come:
            self.look(self._inputs.seen | self._inputs.marked)

    def look(self, bits):
        """These inputs are active from now on."""
        if self.is_on and bits & WATCHED:
            self._on_off()
            self.tripped = bits & WATCHED
