"""Serial ports that may have a pump: by the USB id of MicroPython on a Pico. Opens none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serial.tools.list_ports_common import ListPortInfo

USB_ID = (0x2E8A, 0x0005)     # Raspberry Pi's vendor number, its product number for MicroPython


def pico_ports() -> dict[str, str]:
    """The devices of all Picos with MicroPython on this machine's USB, in the order of their names, and beside each
    the Pico's unique id in hex: MicroPython has it as USB serial number. "" where the system does not tell."""
    from serial.tools import list_ports

    return devices_of_picos(list_ports.comports())


def devices_of_picos(ports: Iterable[ListPortInfo]) -> dict[str, str]:
    found = {port.device: (port.serial_number or "").lower() for port in ports if (port.vid, port.pid) == USB_ID}
    return dict(sorted(found.items()))
