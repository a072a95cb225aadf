"""Lines by chance, the same for the same seed: noise, requests with mistakes, and lines of a session changed."""

import binascii
import random
from pathlib import Path

from tests.fuzz.disturbed import MARK
from tests.vm.wrong_lines import REQUESTS, framed, mutated, request_lines

SEEDS = Path(__file__).parent / "seeds.txt"
KINDS = ("noise", "text", "request", "request", "request", "session", "session", "flood")


def seeds():
    """Lines that once found something, or that lead deep into the firmware."""
    return [line.encode("latin-1").decode("unicode_escape").encode("latin-1")
            for line in SEEDS.read_text(encoding="ascii").splitlines() if line]


class Mutants:
    """An endless iterator of lines. `sealed`: a line of a session that is open."""

    def __init__(self, seed, sealed):
        self._draw = random.Random(seed)
        self._sealed = sealed.strip()
        self._seeds = [*seeds(), *[line.strip() for line in request_lines(seed, 600)]]

    def __iter__(self):
        return self

    def __next__(self):
        return getattr(self, "_" + self._draw.choice(KINDS))()

    def _noise(self):
        return self._draw.randbytes(self._draw.choice((1, 3, 20, 200)))

    def _text(self):
        line = self._draw.choice(self._seeds)
        for _ in range(self._draw.randrange(4)):
            line = mutated(self._draw, line)
        return line

    def _request(self):
        """A request with a right CRC around a mistake, or none: what it asks for needs a session."""
        draw = self._draw
        fields = dict(draw.choice(REQUESTS))
        nonce = MARK.decode()
        if draw.random() < 0.1:
            fields = {"do": "login", "role": draw.choice(("operate", "program")), "nonce": nonce}
        pairs = [f'"{name}":{_json(value)}' for name, value in ({"id": draw.randrange(1 << 30)} | fields).items()]
        body = ("{" + ",".join(pairs) + "}").encode()
        for _ in range(draw.choice((0, 0, 1, 2))):
            body = mutated(draw, body)
        if draw.random() < 0.5:
            body += b" ~" + binascii.hexlify(draw.randbytes(16))
        return framed(body).strip()

    def _session(self):
        """The session's own line again, or with a change and a right CRC."""
        body = self._sealed[:-10]
        for _ in range(self._draw.randrange(3)):
            body = mutated(self._draw, body)
        return framed(body).strip()

    def _flood(self):
        """Longer than a line may be, or many lines at once."""
        if self._draw.random() < 0.2:
            return self._draw.randbytes(self._draw.choice((1024, 1025, 1300, 5000)))
        return b"\n".join([self._text()[:200], self._noise(), self._request()])


def _json(value):
    return f'"{value}"' if isinstance(value, str) else str(value)
