"""Which pump is meant: from what was typed, the environment, the user's configuration, or the only one on USB.

Owns the order in which these count, and the names under which pumps are shown. Opens none (opening.py does), knows no
request and prints nothing.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace

from pumpctl.errors import HostError
from pumpctl.transport import NoConnectionError

ID = re.compile(r"[0-9a-f]{4,16}", re.IGNORECASE)     # a unique id in hex, or its beginning
PORT_ENV, PUMP_ENV = "PUMPCTL_PORT", "PUMPCTL_PUMP"
CHOOSE_HINT = "name one with --pump or --port, or all with --all; see: pumpctl list"


@dataclass(frozen=True)
class Wanted:
    """What was asked for. Both empty and not `every`: whatever pump there is."""

    port: str | None = None
    pumps: tuple[str, ...] = ()
    every: bool = False

    @property
    def is_several(self) -> bool:
        """Results stand under the pumps' names then, even where one pump is found."""
        return self.every or len(self.pumps) > 1


@dataclass(frozen=True)
class Target:
    """A pump to talk to. `name`: the user's own, otherwise its id or port. `port` is "" where it has a name and an id
    and is not there."""

    name: str
    port: str
    is_one_of_several: bool = False

    @property
    def folder_name(self) -> str:
        """The name as a folder can have it on every system."""
        return re.sub(r"[^\w-]+", "_", self.name).strip("_") or "pump"

    def require_port(self) -> str:
        """The port; NoConnectionError where it is not there."""
        if not self.port:
            raise NoConnectionError(f"the pump that you call {self.name} is not on USB", "see: pumpctl list")
        return self.port


def targets_of(wanted: Wanted) -> list[Target]:
    """The pumps that are meant, each once, at least one. NoConnectionError where none is found or it is not clear
    which; HostError for a name that nobody has."""
    return [replace(each, is_one_of_several=wanted.is_several) for each in _found(wanted)]


def _found(wanted: Wanted) -> list[Target]:
    if wanted.port and (wanted.pumps or wanted.every):
        raise HostError("--port was given together with --pump or --all", "give one of them")
    if wanted.every:
        return _every()
    if wanted.port:
        return [Target(wanted.port, wanted.port)]
    if wanted.pumps:
        return _distinct([_named(each) for each in wanted.pumps])
    port = os.environ.get(PORT_ENV)
    if port:
        return [Target(port, port)]
    named = os.environ.get(PUMP_ENV) or _config().get("pump")
    return [_named(named)] if named else [_only()]


def target_of(wanted: Wanted) -> Target:
    """The one pump that is meant; HostError where it is several."""
    found = targets_of(wanted)
    if len(found) > 1:
        raise HostError(f"this takes one pump, not {len(found)}", "name one with --pump")
    return found[0]


def _config():
    from pumpctl.user_config import UserConfig

    return UserConfig.load()


def _named(text: str) -> Target:
    """The pump that the configuration calls so, or whose unique id begins so."""
    names = _config().pumps
    if text in names:
        return _by_id(names[text], text) if ID.fullmatch(names[text]) else Target(text, names[text])
    if ID.fullmatch(text):
        return _by_id(text, text)
    known = f"your names are {', '.join(sorted(names))}" if names else "you have given no names"
    raise HostError(f"no pump is called {text!r}: {known}",
                    f"give it a name with: pumpctl config set pumps.{text} PORT; or a port with --port")


def _by_id(beginning: str, name: str) -> Target:
    """The only pump found whose id begins so: on USB, otherwise at a port that has a name."""
    found = [Target(name, port) for port, id_ in usb_pumps().items() if id_.startswith(beginning.lower())]
    if not found:
        ports = [port for port in _config().pumps.values() if not ID.fullmatch(port)]
        found = [Target(name, port) for port in ports if (asked_id(port) or "").startswith(beginning.lower())]
    if len(found) != 1:
        many = f"{len(found)} pumps have ids that begin" if found else "no pump is found whose id begins"
        raise NoConnectionError(f"{many} with {beginning}", "see what is there with: pumpctl list")
    return found[0]


def usb_pumps() -> dict[str, str]:
    """Port: unique id in hex, of all Picos on USB; those whose id the system does not tell are asked, and left out
    where no pump answers."""
    from pumpctl.ports import pico_ports

    found = {port: id_ or asked_id(port) for port, id_ in pico_ports().items()}
    return {port: id_ for port, id_ in found.items() if id_}


def asked_id(port: str) -> str | None:
    """The unique id in hex of the pump at a port, None where none answers."""
    from pumpctl.probe import probe

    try:
        return probe(port).id_hex
    except NoConnectionError:
        return None


def _only() -> Target:
    """The only pump on USB. Where there are several Picos they are asked: one without a pump does not count."""
    from pumpctl.ports import pico_ports

    found = pico_ports()
    if len(found) > 1:
        found = {port: id_ for port in found if (id_ := asked_id(port))}
    if len(found) == 1:
        [(port, _)] = found.items()
        return Target(port, port)
    if not found:
        from pumpctl.pico_board import NO_PORT

        raise NoConnectionError("no pump is found on USB and no port was given",
                                f"plug it in, or give its port with --port or {PORT_ENV}, such as /dev/ttyACM0 or "
                                f"socket://127.0.0.1:4000; {NO_PORT}")
    there = ", ".join(f"{id_} at {port}" for port, id_ in found.items())
    raise NoConnectionError(f"{len(found)} pumps are found: {there}", CHOOSE_HINT)


def _every() -> list[Target]:
    """All that have a name, found or not, and all others on USB that answer as a pump."""
    from pumpctl.ports import pico_ports

    found = named_pumps()
    taken = {each.port for each in found}
    found += [Target(id_, port) for port in pico_ports() if port not in taken and (id_ := asked_id(port))]
    if not found:
        raise NoConnectionError("no pump has a name and none is found on USB",
                                "give one a name with: pumpctl config set pumps.NAME PORT")
    return _distinct(found)


def named_pumps() -> list[Target]:
    """Those that have a name."""
    found = []
    for name, place in _config().pumps.items():
        if ID.fullmatch(place):
            place = next((port for port, id_ in usb_pumps().items() if id_.startswith(place.lower())), "")
        found.append(Target(name, place))
    return found


def _distinct(found: list[Target]) -> list[Target]:
    """Each port once: under two names a pump would get everything twice."""
    first: dict[str, Target] = {}
    for each in found:
        first.setdefault(each.port or each.name, each)
    return list(first.values())
