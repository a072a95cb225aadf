"""A full journal pulled from the emulated Pico through its USB serial: how long ten thousand records take."""

import time

import pytest

from pump import record
from pumpctl.archive import Archive
from pumpctl.archiving import pull_into
from pumpctl.proofs import prove
from pumpctl.pump import Pump
from pumpsim import SimPump
from tests.pumps import DAY_MS, RIG, START_UTC_MS, ask, program, push, records

FOLDER = "data"
RECORDS = 10_000
SECONDS_MOST = 60
FIRST_REPLY_S = 10            # with a full journal the boot reads back a day of it


class EmulatedLink:
    """Transport to an emulated Pico, whose time passes only while an answer is waited for."""

    def __init__(self, pico):
        self._pico = pico
        self.bytes = 0

    def write(self, data):
        self.bytes += len(data)
        self._pico.send(data)

    def read_line(self, timeout_s):
        line = self._pico.until("\n", FIRST_REPLY_S).encode()[:-1]
        self.bytes += len(line) + 1
        return line

    def close(self):
        pass


class InData:
    """A file for the image, in the folder of the pump's own files."""

    def __init__(self, name, content):
        self.name = f"{FOLDER}/{name}"
        self._content = content

    def read_bytes(self):
        return self._content


def filled(unique_id):
    """A simulated pump that has run until its journal held RECORDS records."""
    sim = SimPump(unique_id=unique_id)
    assert "ok" in push(sim, "rig", RIG)
    assert "ok" in push(sim, "program", program())
    ask(sim, "clock", utc_ms=START_UTC_MS)
    ask(sim, "ack")
    ask(sim, "start")
    while ask(sim, "status")["next_seq"] < RECORDS:
        sim.run_for(DAY_MS)
    ask(sim, "stop")
    return sim


@pytest.mark.figure
def test_ten_thousand_records_are_pulled_in_a_minute(boot, say, figure, tmp_path):
    pico = boot()
    pico.until_usb()
    sim = filled(Pump(EmulatedLink(pico)).hello().unique_bytes)
    pico = boot(files=[InData(name, sim.board.storage.read(name)) for name in sim.board.storage.names()])
    pico.until_usb()
    link = EmulatedLink(pico)
    pump = Pump(link)
    held = pump.status().next_seq
    assert held > RECORDS
    began, began_s, link.bytes = pico.seconds, time.monotonic(), 0
    with Archive(tmp_path / "archive.sqlite", for_writing=True) as archive:
        pulled = pull_into(archive, pump)
        raw = archive.raw(pulled.journal.id)
    seconds = pico.seconds - began
    say(f"{pulled.new} records in {seconds:.1f} s of the Pico ({pulled.new / seconds:.0f} records/s, "
        f"{link.bytes} bytes on the link); the emulation took {time.monotonic() - began_s:.0f} s")
    assert pulled.new == held == prove(raw, pulled.unique_id).count
    assert raw.startswith(b"".join(records(sim)[:RECORDS]))
    assert len(raw) // record.SIZE > RECORDS
    figure("pull", pulled.new / seconds)
    assert seconds <= SECONDS_MOST
