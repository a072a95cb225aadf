"""An emulated Pico for tests: starts drive.mjs and speaks to it in lockstep. Knows no pump but its line protocol."""

import base64
import hashlib
import json
import subprocess
from itertools import count
from pathlib import Path

from pump import protocol
from pump.board import STOP_MARK
from pumpctl.exchange import SLOW, TIMEOUT_S, TRIES
from tests import nodejs

HERE = Path(__file__).parent


class EmulatedPico:
    """Its time stands still between calls. `close` ends it."""

    def __init__(self, uf2, boot_rom, files, miss_cycles=0):
        """Powered up at second 0 with the file system image `files`. `miss_cycles`: see xip.mjs."""
        node, _ = nodejs.programs()
        nodejs.install(HERE)
        options = {"uf2": str(uf2), "bootRom": str(boot_rom), "files": str(files), "missCycles": miss_cycles}
        self._process = subprocess.Popen([node, HERE / "drive.mjs", json.dumps(options)], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        self._ids = count(1)
        self.serial = b""               # what came over USB and was not taken yet
        self.cycles = 0
        self.clock_hz = self.do("state")["clockHz"]

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=10)

    @property
    def seconds(self):
        """Of the chip's time since power-up."""
        return self.cycles / self.clock_hz

    def do(self, name, **fields):
        """One request of drive.mjs; returns its answer."""
        self._process.stdin.write(json.dumps({"do": name, **fields}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        self.cycles = answer["cycles"]
        self.serial += base64.b64decode(answer["serial"])
        return answer["ok"]

    def run(self, seconds):
        self.do("run", seconds=seconds)

    def send(self, data):
        self.do("send", data=base64.b64encode(data).decode())

    def until(self, text, seconds=5):
        """Lets time pass until `text` has come over USB; takes and returns everything up to and with it."""
        if text.encode() not in self.serial:
            assert self.do("until", text=text, seconds=seconds), f"no {text!r}; got {self.serial!r}"
        end = self.serial.index(text.encode()) + len(text)
        taken, self.serial = self.serial[:end], self.serial[end:]
        return taken.decode()

    def until_usb(self, seconds=2):
        """Lets time pass until the chip is enumerated."""
        end = self.seconds + seconds
        while not self.do("state")["usb"]:
            assert self.seconds < end, "the chip does not come up on USB"
            self.run(0.001)

    # the pump's line protocol

    def request(self, name, seconds=5, **fields):
        """One request with an id and a CRC, as pumpctl sends it; returns the reply's message, ok or error."""
        line = protocol.frame((("id", next(self._ids)), ("do", name), *fields.items()))
        self.send(STOP_MARK + line if name == "stop" else line)
        return protocol.unframe(self.until("\n", seconds).encode())[0]

    def ask(self, name, **fields):
        """The fields of an ok reply; a refusal fails the test."""
        reply = self.request(name, TIMEOUT_S * TRIES * SLOW.get(name, 1), **fields)
        assert "ok" in reply, reply
        return reply["ok"]

    def push(self, kind, document, confirm=0):
        """Stages and commits a document given as a dict."""
        body = json.dumps(document).encode()
        for at in range(0, len(body), protocol.CHUNK_MAX):
            self.ask("stage", kind=kind, at=at, data=body[at:at + protocol.CHUNK_MAX])
        return self.ask("commit", kind=kind, digest=hashlib.sha256(body).hexdigest(), confirm=confirm)
