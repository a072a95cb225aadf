"""Lines that coverage leads to: `python -m tests.fuzz.guided COUNT`, a process of its own, for atheris ends it itself.

Prints the number of lines from time to time and at the end; what it finds ends it with an exception and the input in a
file. Needs atheris (the extra `fuzz`).
"""

import os
import sys
import tempfile
from pathlib import Path

import atheris

EACH = 2000


def main():
    count = int(sys.argv[1])
    with atheris.instrument_imports(include=["pump"], enable_loader_override=False):
        from tests.fuzz.disturbed import Disturbed
        from tests.fuzz.mutants import seeds
    target = Disturbed()
    told = 0

    def one(data):
        nonlocal told
        for line in (data, _framed(data)):
            target.feed(line)
        if target.lines - told >= EACH:
            told = target.lines
            print(told, flush=True)
        if target.lines >= count:
            target.look()
            print(target.lines, flush=True)
            os._exit(0)

    with tempfile.TemporaryDirectory() as folder:
        for number, line in enumerate([*seeds(), target.sealed]):
            (Path(folder) / str(number)).write_bytes(line.rsplit(b" *", 1)[0])
        atheris.Setup([sys.argv[0], folder, f"-artifact_prefix={folder}/", "-max_len=1100", "-verbosity=0",
                       "-print_final_stats=0"], one)
        atheris.Fuzz()


def _framed(data):
    """With a right CRC, so that mistakes are met past the framing."""
    from tests.vm.wrong_lines import framed

    return framed(data).strip()


if __name__ == "__main__":
    main()
