"""The files that the emulated Pico needs: one that is named and cannot be used is told of, and skips nothing."""

import os
import subprocess
import sys

import pytest

from tests.emulator.given import ROM_BYTES, UF2_FAMILY, UF2_MAGIC, GivenError, given

UF2 = UF2_MAGIC + bytes(24) + UF2_FAMILY + bytes(480)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Both files, named; a function that writes other bytes into one, or takes it away."""
    paths = {"PICO_UF2": tmp_path / "pico.uf2", "PICO_BOOTROM": tmp_path / "b1.bin"}
    for name, path in paths.items():
        monkeypatch.setenv(name, str(path))

    def change(name, data):
        paths[name].unlink(missing_ok=True)
        if data is not None:
            paths[name].write_bytes(data)

    change("PICO_UF2", UF2)
    change("PICO_BOOTROM", bytes(ROM_BYTES))
    return change


def test_two_good_files_are_taken_and_none_named_is_none(files, monkeypatch):
    assert [path.name for path in given()] == ["pico.uf2", "b1.bin"]
    for name in ("PICO_UF2", "PICO_BOOTROM"):
        monkeypatch.setenv(name, "")
    assert given() is None


@pytest.mark.parametrize("name, data, said", [
    ("PICO_UF2", None, "there is no file"), ("PICO_BOOTROM", None, "there is no file"),
    ("PICO_UF2", b"\x7fELF" + UF2[4:], "is no UF2 file for the RP2040"),
    ("PICO_UF2", UF2[:28] + b"RP23" + UF2[32:], "is no UF2 file for the RP2040"), ("PICO_UF2", b"", "is no UF2 file"),
    ("PICO_BOOTROM", bytes(ROM_BYTES - 1), "has not the 16384 bytes")])
def test_a_file_that_cannot_be_used_is_named(files, name, data, said):
    files(name, data)
    with pytest.raises(GivenError, match=f"{name}: .*{said}"):
        given()


def test_one_of_the_two_alone_is_not_enough(files, monkeypatch):
    monkeypatch.setenv("PICO_BOOTROM", "")
    with pytest.raises(GivenError, match=r"PICO_BOOTROM: there is no file"):
        given()


def emulate(*words):
    return subprocess.run([sys.executable, "-m", "tests.emulator", *words], capture_output=True, text=True,
                          env=os.environ)


def test_make_emulate_ends_with_the_reason(files):
    files("PICO_UF2", None)
    done = emulate()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("make emulate: PICO_UF2: there is no file") and done.stderr.count("\n") == 1


def test_make_emulate_refuses_a_flash_that_is_none_and_leaves_it_as_it_is(files, tmp_path):
    flash = tmp_path / "short.flash"
    flash.write_bytes(bytes(4096))
    for wrong, said in ((flash, "has not the 2097152 bytes of a Pico's flash"), (tmp_path, "has not the 2097152 bytes"),
                        (tmp_path / "none" / "x.flash", "there is no folder")):
        done = emulate("tcp:0", "--flash", str(wrong))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert done.stderr.startswith("make emulate: FLASH: ") and said in done.stderr
    assert flash.read_bytes() == bytes(4096)


def test_make_emulate_refuses_a_port_that_is_none(files):
    done = emulate("ttyACM0")
    assert (done.returncode, done.stdout) == (2, "") and "write pty:PATH or tcp:NUMBER" in done.stderr
