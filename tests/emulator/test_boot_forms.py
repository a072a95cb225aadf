"""How the firmware lies on the flash: what each form costs at boot."""

from pathlib import Path

import pytest
from littlefs import LittleFS

from pumpctl.firmware_image import FirmwareImage, build_image, compiled, module_sources
from tests.emulator import image
from tests.emulator.emulated import EmulatedPico
from tests.emulator.given import HOW_TO_GET, given

GARBAGE = b"import gc\ngc.threshold(65536)\n"          # as the loader sets it


def in_folders(turn):
    """The files of a firmware with `turn`(source, module) of each module in a file of its own."""
    suffix = ".py" if turn is plain else ".mpy"
    files = {module.replace(".", "/") + suffix: turn(source, module) for module, source in module_sources().items()}
    return {**files, "main.py": GARBAGE + module_sources()["main"].encode()}


def plain(source, module):
    return source.encode()


def apart():
    """The firmware's file with each module by itself."""
    modules = {f"{module.replace('.', '/')}.mpy": compiled(source, module)
               for module, source in module_sources().items()}
    return FirmwareImage("apart", modules, build_image().loader).installed()


FORMS = {
    "source in folders": lambda: in_folders(plain),
    "compiled in folders": lambda: in_folders(compiled),
    "compiled in one file": apart,
    "compiled as one module in one file": lambda: build_image().installed(),
}


def used_bytes(path: Path):
    system = LittleFS(**image.GEOMETRY, mount=False)
    system.context.buffer = bytearray(path.read_bytes())
    system.mount()
    return system.used_block_count * image.BLOCK_SIZE


@pytest.mark.figure
@pytest.mark.parametrize("form", FORMS)
def test_what_a_form_costs(form, tmp_path, say, figure):
    if given() is None:
        pytest.skip(HOW_TO_GET)
    target = tmp_path / "files.img"
    image.write(target, FORMS[form]())
    flash_kb = used_bytes(target) // 1024
    boots = []
    for miss_cycles in (0, 45):
        pico = EmulatedPico(*given(), target, miss_cycles)
        pico.until_usb(8)
        pico.request("hello", seconds=20)
        boots.append(pico.seconds)
        free = pico.ask("status")["memory_free"]
        pico.close()
    say(f"{form}: boot to first reply {boots[0]:.2f} s ({boots[1]:.2f} s with cache misses estimated), "
        f"heap free {free // 1000} KB, flash {flash_kb} KB")
    if form == "compiled as one module in one file":
        figure("flash", flash_kb)
        assert max(boots) <= 1.5
