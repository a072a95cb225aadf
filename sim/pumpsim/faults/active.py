"""The faults of one simulated pump: which are active, and that none is forgotten or contradicts another."""

from pumpsim.faults import fault as registry


class Faults:
    def __init__(self, pump):
        self._pump = pump
        self._active = {}              # by its key: (fault, what it keeps, entry of the agenda that ends it)

    def apply(self, fault, for_ms=None):
        """Applies it now, for `for_ms` where given. ValueError, with what to do, where the simulator cannot."""
        if fault.is_momentary and for_ms is not None:
            raise ValueError(f"{fault.name} happens at once and lasts for no time; leave the duration out")
        if fault.own_ms is not None and for_ms is not None:
            raise ValueError(f"{fault.name} lasts for its own ms, {fault.own_ms}; leave the duration out")
        if fault.key in self._active:
            raise ValueError(f"{fault.key} is active already; clear it first")
        for key, (other, *_) in self._active.items():
            if set(fault.parts) & set(other.parts):
                raise ValueError(f"{fault.key} contradicts {key}, which is active; clear that first")
        fault.require(self._pump)
        kept = fault.apply(self._pump)
        if fault.is_momentary:
            self._pump.poll()
            return
        lasts_ms = for_ms if fault.own_ms is None else fault.own_ms
        end = None if lasts_ms is None else self._pump.after_ms(lasts_ms, lambda: self.end(fault))
        self._active[fault.key] = (fault, kept, end)
        self._pump.poll()

    def clear(self, name):
        """Ends an active fault by its key, or all of this name; ValueError where none is."""
        found = [key for key, (fault, *_) in self._active.items() if name in (key, fault.name)]
        if not found:
            active = ", ".join(self._active) or "none"
            raise ValueError(f"{name!r} is not active, so it cannot be cleared; active: {active}")
        for key in found:
            if key in self._active:
                self.end(self._active[key][0])
                self._pump.poll()

    def clear_all(self):
        for key in list(self._active):
            if key in self._active:
                self.clear(key)

    def is_active(self, name):
        return any(name in (key, fault.name) for key, (fault, *_) in self._active.items())

    def active(self):
        """Parameters by key of what is active, in the order in which it began."""
        return {key: entry[0].values() for key, entry in self._active.items()}

    def listed(self):
        """All faults there are, as registry.described has them, with `active`: the parameters or None. Where several
        have one name, those of the last."""
        active = {fault.name: fault.values() for fault, *_ in self._active.values()}
        return [registry.described(name) | {"active": active.get(name)} for name in registry.names()]

    def end(self, fault):
        """Ends this fault, if it is still active."""
        active, kept, entry = self._active.get(fault.key, (None, None, None))
        if active is fault:
            del self._active[fault.key]
            self._pump.agenda.strike(entry)
            fault.clear(self._pump, kept)
