"""How the firmware lies on the flash: what source, compiled modules in folders and one file of them cost at boot."""

from pathlib import Path

import pytest
from littlefs import LittleFS

from pumpctl.firmware_image import FIRMWARE, build_image
from tests.emulator import image
from tests.emulator.emulated import EmulatedPico
from tests.emulator.given import HOW_TO_GET, given

MAIN = b"import gc\ngc.threshold(49152)\n" + (FIRMWARE / "main.py").read_bytes()        # as the loader sets it
FORMS = {
    "source in folders": lambda: {**build_image(compiled=False).modules, "main.py": MAIN},
    "compiled in folders": lambda: {**build_image().modules, "main.py": MAIN},
    "compiled in one file": lambda: build_image().installed(),
}


def used_bytes(path: Path):
    system = LittleFS(**image.GEOMETRY, mount=False)
    system.context.buffer = bytearray(path.read_bytes())
    system.mount()
    return system.used_block_count * image.BLOCK_SIZE


@pytest.mark.parametrize("form", FORMS)
def test_what_a_form_costs(form, tmp_path, say):
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
    if form == "compiled in one file":
        assert max(boots) <= 1.5
