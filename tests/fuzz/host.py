"""A host that reads a running pump over a link whose replies are changed: it ends with what the pump said, or with an
error of its own, one line that says what to do; never with anything else, and it keeps no record that is not proven."""

import binascii
import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from pumpctl.archive import Archive
from pumpctl.archiving import pull_into
from pumpctl.errors import HostError
from pumpctl.probe import _ask
from pumpctl.proofs import prove
from pumpctl.pump import Pump
from tests.fuzz.disturbed import FoundError
from tests.pumps import HOUR_MS, records, running_pump
from tests.vm.wrong_lines import framed, mutated

ONE_IN = 4                    # replies that are changed, of the others


class ChangedLink:
    """A transport to a simulated pump, whose replies are now and then others. `replies`: how many came by."""

    def __init__(self, sim, draw):
        self._sim, self._draw = sim, draw
        self._lines = []
        self._past = [b"{}"]
        self.replies = 0

    def write(self, data):
        self._sim.send(data)
        self._sim.poll()
        for line in self._sim.receive().splitlines():
            self.replies += 1
            self._past = [*self._past[-20:], line]
            self._lines += [line] if self._draw.randrange(ONE_IN) else self._changed(line)

    def read_line(self, timeout_s):
        return self._lines.pop(0) if self._lines else b""

    def close(self):
        pass

    def _changed(self, line):
        """None, an old one, half of it, noise, or itself with mistakes: seen by the CRC, or with a right CRC. One with
        records may have a bit of them flipped."""
        draw, body = self._draw, line.rsplit(b" *", 1)[0]
        if b'"records":"' in body and draw.randrange(2):
            return [framed(_with_a_bit_flipped(body, draw)).strip()]
        wrong = body
        for _ in range(draw.choice((1, 1, 2, 5))):
            wrong = mutated(draw, wrong)
        return draw.choice(([], [draw.choice(self._past)], [line[:draw.randrange(len(line))]],
                            [draw.randbytes(draw.choice((1, 30, 3000)))], [mutated(draw, line)],
                            [framed(wrong).strip()], [framed(wrong).strip()], [draw.choice(self._past), line]))


def _with_a_bit_flipped(body, draw):
    """A reply of the request `log`, one bit of whose records is another."""
    reply = json.loads(body)
    raw = bytearray(binascii.a2b_base64(reply["ok"]["records"]))
    if raw:
        raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
    reply["ok"]["records"] = binascii.b2a_base64(raw, newline=False).decode()
    return json.dumps(reply).encode()


def by_replies(count, seed, advance=lambda count: None):
    """Replies that came by, of which some were changed; FoundError where a host did what it must not."""
    sim, draw, made = running_pump(), random.Random(seed), 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.sqlite"
        while made < count:
            sim.run_for(HOUR_MS)
            link = ChangedLink(sim, draw)
            with Archive(path, for_writing=True) as archive:
                for job in _jobs(link, archive):
                    _try(job, seed, made + link.replies)
                kept = [archive.raw(stored.id) for stored in archive.journals()]
            _judge(kept, b"".join(records(sim)))
            path.unlink()
            made += link.replies
            advance(made)
    return made


def _jobs(link, archive):
    def pump():
        return Pump(link, timeout_s=0, tries=2)
    return (lambda: pump().hello(), lambda: pump().status(), lambda: pump().inputs(), lambda: pump().rig(),
            lambda: pump().document("program"), lambda: pump().program(), lambda: list(pump().records()),
            lambda: pull_into(archive, pump()), lambda: pump().results(), lambda: pump().preview(1),
            lambda: pump().suspend(), lambda: pump().resume(), lambda: pump().ack(),
            lambda: _ask(link, 0.0005))


def _try(job, seed, at):
    try:
        job()
    except HostError as error:
        if not error.message or "\n" in error.message:
            raise FoundError(f"seed {seed}, reply {at}: {error.message!r} is no line")
    except Exception as error:
        raise FoundError(f"seed {seed}, reply {at}: {error!r}") from error


def _judge(kept, journal):
    for raw in kept:
        if prove(raw).broken is not None or raw not in journal:
            raise FoundError("the archive holds records that the pump has not written")
