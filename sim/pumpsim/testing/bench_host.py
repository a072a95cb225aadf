"""The host of a bench test: its requests, and why one stays without an answer."""

from pumpsim.host import Host, NoAnswerError


class BenchHost(Host):
    def do(self, name, **fields):
        """As Host's; NoAnswerError says why, and what to do."""
        try:
            return super().do(name, **fields)
        except NoAnswerError as error:
            raise NoAnswerError(f"{error}: {silence(self._pump)}") from None


def silence(sim):
    """Why a SimPump says nothing at this instant, and what to do."""
    active = ", ".join(sim.faults.active())
    ends = f"clear it, or let time pass until it is over; active: {active or 'no fault'}"
    if not sim.is_on:
        return f"it has no power; {ends}"
    if sim.is_starved:
        return "its interpreter hangs; let time pass until the watchdog has reset it"
    return f"its link is disturbed; {ends}"
