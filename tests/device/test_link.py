"""A pump at its port: what it says, what it does not take, what resets and updates leave. Nothing moves."""

import json

import pytest

from pump import protocol, record
from pumpctl import Pump, firmware_image, updating
from pumpctl.__main__ import main
from pumpctl.firmware_image import FirmwareImage
from pumpctl.proofs import prove
from pumpctl.transport import open_transport
from tests.device.conftest import opened

WRONG = (b"nonsense\n", b'{"do":"dance"}\n', b"x" * 5000 + b"\n", b"\xff\xfe\x00\n", b'{"do":"start"}\n')
CONTROL = (b"\r\x03\x03", b"\x01", b"\x04", b"\r\x02", b"\x05A\x01", b"import machine; machine.reset()\r\n")


def identity(port):
    with opened(port) as pump:
        hello, status = pump.hello(), pump.status()
        return hello.unique_id, status.rig_digest, status.program_digest, list(pump.records())


def pumpctl(monkeypatch, capsys, *words):
    """Runs a command, which must succeed; returns its JSON."""
    monkeypatch.setattr("sys.argv", ["pumpctl", *words, "--json"])
    code = main()
    said = capsys.readouterr()
    assert code == 0, said.err
    return json.loads(said.out)


@pytest.mark.requirement("C-05")
def test_it_says_what_it_is(pump):
    assert pump.board == "pico"
    assert pump.hello().journal == record.JOURNAL_VERSION
    assert pump.status().memory_free >= 100_000


@pytest.mark.requirement("C-01")
@pytest.mark.parametrize("line", WRONG, ids=["no JSON", "unknown", "too long", "no text", "unchecked"])
def test_a_wrong_line_gets_an_error_and_changes_nothing(pump, port, line):
    before = pump.status()
    pump.close()
    transport = open_transport(port)
    transport.write(line)
    reply, _ = protocol.unframe(transport.read_line(5))
    transport.close()
    assert "error" in reply
    with Pump.open(port) as again:
        after = again.status()
    assert (after.state, after.next_seq) == (before.state, before.next_seq)


@pytest.mark.requirement("C-04")
@pytest.mark.parametrize("data", CONTROL, ids=["Ctrl-C", "raw prompt", "Ctrl-D", "Ctrl-B", "raw paste", "code"])
def test_no_byte_reaches_the_interpreter(pump, port, data):
    boot = pump.hello().boot
    pump.close()
    transport = open_transport(port)
    transport.write(data)
    transport.close()
    with opened(port) as again:
        assert again.hello().boot == boot


@pytest.mark.requirement("J-04")
def test_its_journal_is_whole(pump):
    raw = b"".join(pump.records())
    assert prove(raw, pump.hello().unique_bytes).count == pump.status().next_seq - pump.status().first_seq


@pytest.mark.requirement("C-04")
def test_maintenance_gives_the_prompt_and_a_reset_the_pump_again(pump, port):
    pump.close()
    before = identity(port)
    updating.hand_over(port, updating.look(port))
    with updating.prompt_of(port, updating.PROMPT_S) as repl:
        assert repl.run("print(6 * 7)") == 42
        repl.reset()
    after = identity(port)
    assert after[:3] == before[:3] and after[3][:len(before[3])] == before[3]


@pytest.mark.requirement("J-08")
def test_an_update_and_the_way_back_keep_journal_and_documents(pump, port, monkeypatch, capsys):
    pump.close()
    before = identity(port)
    ours = firmware_image.build_image()
    newer = FirmwareImage(ours.version, {**ours.modules, "more.mpy": b"M\x06\x00\x1f"}, ours.loader)
    slots = []
    for image in (newer, ours):
        monkeypatch.setattr(firmware_image, "build_image", lambda image=image: image)
        done = pumpctl(monkeypatch, capsys, "flash", "--port", port)
        slots.append(done["to"]["slot"])
        with opened(port) as again:
            assert (again.hello().build, again.hello().trial) == (image.build, False)
    assert set(slots) == {"a", "b"}
    after = identity(port)
    assert after[:3] == before[:3] and after[3][:len(before[3])] == before[3]
