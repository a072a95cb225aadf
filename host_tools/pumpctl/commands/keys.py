"""keys: who may operate and program a pump. What is kept on this computer is key_store.py's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pumpctl.cli import example, json_option, lines_of, say
from pumpctl.on_pumps import Answer, Change, One, Steps, on_pumps

if TYPE_CHECKING:
    from pumpctl.pump import Pump

LOST = """\b
Lost keys: fit the jumper (GPIO 15 to ground), switch the Pico off and on, then
  mpremote connect PORT rm :/data/keys.a + rm :/data/keys.b
take the jumper away, switch it off and on: the pump is open, and says so.

"""


@click.group(epilog=LOST + example("pumpctl keys make", "pumpctl keys export operator.json --role operate",
                                   "pumpctl keys import operator.json"))
def keys() -> None:
    """Keys of pumps: the role operate may run them, program may also change what they do.

    pumpctl flash makes them. They stay in your configuration folder, or in the system's keyring where the package
    keyring is installed, and are used by themselves. A pump without keys is open to whoever is at its port.
    """


@keys.command("list", epilog=example("pumpctl keys list", "pumpctl keys list --json"))
@json_option
def list_keys(as_json: bool) -> None:
    """Show for which pumps there are keys in files here, and of which roles; never a key."""
    from pumpctl.key_store import KeyStore

    store = KeyStore()
    found = {unique_id.hex(): store.of(unique_id)[0].roles for unique_id in store.ids()}
    say(as_json, found, lambda: lines_of([(name, ", ".join(roles)) for name, roles in found.items()]) if found
        else f"no keys in {store.folder}; a keyring cannot be listed")


def _job(name: str, what: str, said: str):
    def command() -> One:
        from pumpctl import keys_job
        from pumpctl.key_store import KeyStore

        def one(pump: Pump) -> Steps:
            yield Change(what, asks=name == "remove")
            where = getattr(keys_job, name)(pump, KeyStore())
            return Answer({"access": pump.status().access, "where": where}, lambda: said.format(where=where))
        return one
    return command


make = keys.command("make", help="Give an open pump its first keys. They go over the cable in clear.",
                    epilog=example("pumpctl keys make --pump left"))(
    on_pumps(changes=True)(_job("make", "give the pump keys", "the pump has keys now, kept in {where}")))
rotate = keys.command("rotate", help="Give a pump other keys; the old ones are worth nothing then.",
                      epilog=example("pumpctl keys rotate"))(
    on_pumps(changes=True)(_job("rotate", "give the pump other keys", "the pump has other keys now, kept in {where}")))
remove = keys.command("remove", help="Make a pump open: whoever is at its port may change everything.",
                      epilog=example("pumpctl keys remove --yes"))(
    on_pumps(changes=True)(_job("remove", "take the pump's keys away: it is open to everybody then",
                                "the pump is open now")))


@keys.command("export", epilog=example("pumpctl keys export operator.json --role operate"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--role", type=click.Choice(["operate", "program"]), help="The key of one role only; both otherwise.")
@on_pumps()
def export_keys(file: Path, role: str | None) -> One:
    """Write a pump's keys into FILE, for another computer. Whoever has that file has the keys."""
    from pumpctl.key_store import KeyStore, PumpKeys, write_secret
    from pumpctl.refusals import NoKeyError

    def one(pump: Pump) -> Answer:
        unique_id = pump.hello().unique_bytes
        found = KeyStore().of(unique_id)
        if not found or (role and not getattr(found[0], role)):
            raise NoKeyError(f"no {role + ' ' if role else ''}key of the pump {unique_id.hex()} is here",
                             "see: pumpctl keys list")
        both = found[0]
        chosen = both if not role else PumpKeys(both.operate if role == "operate" else None,
                                                both.program if role == "program" else None)
        write_secret(file, json.dumps({"pump": unique_id.hex(), **chosen.as_dict()}))
        return Answer({"pump": unique_id.hex(), "roles": chosen.roles, "file": str(file)},
                      lambda: f"{' and '.join(chosen.roles)} of the pump {unique_id.hex()} written to {file}")
    return one


@keys.command("import", epilog=example("pumpctl keys import operator.json"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def import_keys(file: Path, as_json: bool) -> None:
    """Take the keys of FILE, from pumpctl keys export, into what is kept here. Asks no pump."""
    from pumpctl.key_store import KeyFileError, KeyStore, PumpKeys, read_secret

    text = read_secret(file)
    found = PumpKeys.of_text(text, file)
    try:
        unique_id = bytes.fromhex(json.loads(text)["pump"])
    except (ValueError, KeyError, TypeError):
        unique_id = b""
    if len(unique_id) != 8:
        raise KeyFileError(f"{file} does not say of which pump it is",
                           "give a file that pumpctl keys export has written")
    where = KeyStore().save(unique_id, found)
    say(as_json, {"pump": unique_id.hex(), "roles": found.roles, "where": where},
        lambda: f"{' and '.join(found.roles)} of the pump {unique_id.hex()} kept in {where}")


@keys.command(epilog=example("pumpctl keys forget e6614103e7"))
@click.argument("pump_id")
@json_option
def forget(pump_id: str, as_json: bool) -> None:
    """Remove the keys of the pump with the unique id PUMP_ID from this computer. The pump keeps its own."""
    from pumpctl.key_store import KeyStore

    store = KeyStore()
    found = [unique_id for unique_id in store.ids() if unique_id.hex().startswith(pump_id.lower())]
    if len(found) != 1:
        raise click.UsageError(f"{len(found) or 'no'} pumps whose id begins with {pump_id!r} have keys in files here")
    store.forget(found[0])
    say(as_json, {"pump": found[0].hex()}, lambda: f"the keys of {found[0].hex()} are gone from here")
