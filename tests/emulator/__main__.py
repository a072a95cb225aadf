"""python -m tests.emulator [PORT]: an emulated Pico with this firmware, its USB serial on a loopback port."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import nodejs
from tests.emulator import image
from tests.emulator.given import HOW_TO_GET, GivenError, given

HERE = Path(__file__).parent
PORT = "4000"


def main():
    try:
        files = given()
    except GivenError as error:
        print(f"make emulate: {error}", file=sys.stderr)
        return 2
    if files is None:
        print(f"make emulate: {HOW_TO_GET}; or give them: make emulate UF2=file BOOTROM=file")
        return 0
    node, _ = nodejs.programs()
    nodejs.install(HERE)
    port = sys.argv[1] if len(sys.argv) > 1 else PORT
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "files.img"
        image.build(target)
        options = {"uf2": str(files[0].resolve()), "bootRom": str(files[1].resolve()), "files": str(target)}
        try:
            return subprocess.run([node, HERE / "serve.mjs", json.dumps(options), port]).returncode
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    sys.exit(main())
