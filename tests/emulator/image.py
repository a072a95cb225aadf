"""The Pico's file system as an image: the firmware, with MicroPython's littlefs geometry."""

from littlefs import LittleFS

from pumpctl.firmware_image import build_image

FILES_OFFSET = 0xA0000                  # of board RPI_PICO in its 2 MiB flash
BLOCK_SIZE = 4096
BLOCK_COUNT = 352
FLASH_BYTES = FILES_OFFSET + BLOCK_SIZE * BLOCK_COUNT       # the whole chip: the file system is its end
GEOMETRY = {"block_size": BLOCK_SIZE, "block_count": BLOCK_COUNT, "prog_size": 256, "read_size": 32,
            "lookahead_size": 32, "cache_size": 256}


def build(target, changed=None, extra=None):
    """Writes the image of the firmware, installed in slot a, to `target`. `changed`: sources by module, taken in the
    place of the firmware's own or beside them; `extra` is {path: bytes}, added or put in place.
    """
    write(target, {**build_image(changed).installed(), **(extra or {})})


def write(target, files):
    """Writes the image of a file system with these files, {path: bytes}, to `target`."""
    system = LittleFS(**GEOMETRY)
    for path, data in files.items():
        if "/" in path:
            system.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        with system.open(path, "wb") as file:
            file.write(data)
    target.write_bytes(bytes(system.context.buffer))


def read_files(flash):
    """{path: bytes} of the files in a whole flash image, for looking at what a run has left."""
    system = LittleFS(**GEOMETRY, mount=False)
    system.context.buffer = bytearray(flash[FILES_OFFSET:FLASH_BYTES])
    system.mount()
    found = {}
    for folder, _, names in system.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with system.open(path, "rb") as file:
                found[path] = file.read()
    return found
