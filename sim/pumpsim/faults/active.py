"""The faults of one simulated pump: which are active, and that none is forgotten or contradicts another."""

from pumpsim.faults import fault as registry


class Faults:
    def __init__(self, pump):
        self._pump = pump
        self._active = {}              # by name: (fault, what it keeps, entry of the agenda that ends it)

    def apply(self, fault, for_ms=None):
        """Applies it now, for `for_ms` where given. ValueError, with what to do, where the simulator cannot."""
        if fault.is_momentary and for_ms is not None:
            raise ValueError(f"{fault.name} happens at once and lasts for no time; leave the duration out")
        if fault.name in self._active:
            raise ValueError(f"{fault.name} is active already; clear it first")
        for name, (other, *_) in self._active.items():
            if fault.part and other.part == fault.part:
                raise ValueError(f"{fault.name} contradicts {name}, which is active; clear that first")
        kept = fault.apply(self._pump)
        if fault.is_momentary:
            self._pump.poll()
            return
        end = None if for_ms is None else self._pump.after_ms(for_ms, lambda: self.end(fault))
        self._active[fault.name] = (fault, kept, end)
        self._pump.poll()

    def clear(self, name):
        """Ends an active fault; ValueError where it is none."""
        if name not in self._active:
            active = ", ".join(self._active) or "none"
            raise ValueError(f"{name!r} is not active, so it cannot be cleared; active: {active}")
        self.end(self._active[name][0])
        self._pump.poll()

    def clear_all(self):
        for name in list(self._active):
            if name in self._active:
                self.clear(name)

    def is_active(self, name):
        return name in self._active

    def active(self):
        """Parameters by name of what is active, in the order in which it began."""
        return {name: entry[0].values() for name, entry in self._active.items()}

    def listed(self):
        """All faults there are, as registry.described has them, with `active`: the parameters or None."""
        active = self.active()
        return [registry.described(name) | {"active": active.get(name)} for name in registry.names()]

    def end(self, fault):
        """Ends this fault, if it is still active."""
        active, kept, entry = self._active.get(fault.name, (None, None, None))
        if active is fault:
            del self._active[fault.name]
            self._pump.agenda.strike(entry)
            fault.clear(self._pump, kept)
