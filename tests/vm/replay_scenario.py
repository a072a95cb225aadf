"""What the replay covers: the demo's seven days with the daylight-saving change, driven through the link.

On top of the demo come the other requests, wrong lines, a power cut and a chip that refuses: everything that makes
the firmware take another path.
"""

from pump import protocol
from pump.board import CAUSE_WATCHDOG
from tests.pumps import HOUR_MS
from tests.vm.recorded_host import Host, expect_ok

IO_ERROR = -5                           # LFS_ERR_IO


def record_scenario(rig, program, start_utc_ms):
    """The lines of the record; `rig` and `program` are document bytes, `start_utc_ms` is the first local midnight."""
    host = Host()
    _talk_nonsense(host)
    host.ask("hello")
    host.ask("start")                                   # refused: nothing is stored
    expect_ok(host.push("rig", rig))
    host.ask("commit", kind="program", digest="0" * 64, confirm=0)                 # refused: wrong digest
    expect_ok(host.push("program", program))
    host.ask("start")                                   # refused: the clock is not set
    expect_ok(host.ask("clock", utc_ms=start_utc_ms))
    expect_ok(host.ask("start"))
    for day in range(7):
        _a_day(host, day, start_utc_ms)
    host.ask("stop")
    host.pull()
    _fail_the_chip(host)
    return host.recorder.lines


def _a_day(host, day, start_utc_ms):
    for hour in range(24):
        host.pump.run_for(HOUR_MS)
        if hour % 6 == 2:
            host.ask("status")
            host.pull()
        if hour == 9:
            expect_ok(host.ask("suspend"))
            host.pump.run_for(90_000)
            host.ask("suspend")                         # refused: it is suspended
            expect_ok(host.ask("resume"))
    if day == 1:
        expect_ok(host.ask("clock", utc_ms=start_utc_ms + host.pump.now_ms + 1500))
    if day == 2:
        _talk_nonsense(host)
    if day == 4:
        host.reboot(CAUSE_WATCHDOG)
        expect_ok(host.ask("clock", utc_ms=start_utc_ms + host.pump.now_ms))
        host.ask("start")                               # refused where the program resumes by itself


def _talk_nonsense(host):
    """Lines that are refused, and one that is repeated."""
    good = protocol.frame((("id", 900), ("do", "stage"), ("kind", "rig"), ("at", 0), ("data", b"abc")))
    host.send(good)
    host.send(good)                                     # answered from memory
    host.send(protocol.frame((("id", 900), ("do", "ack"))))             # id_reused
    host.send(good[:-9] + b"00000000\n")                # bad_crc
    host.send(b"x" * (protocol.LINE_MAX + 1) + b"\n")   # bad_line: too long
    host.send(b'{"do":"hello"}\n\n{"do":"dance"}\nnonsense\n\xff\xfe\n')
    host.send(protocol.frame((("id", 901), ("do", "stage"), ("kind", "rig"), ("at", 7), ("data", b"abc"))))
    host.send(protocol.frame((("id", 902), ("do", "clock"), ("utc_ms", -1))))
    host.send(good[:20])                                # a line in two pieces
    host.send(good[20:])


def _fail_the_chip(host):
    """The flash refuses to program: a fault, which is then acknowledged when the chip is well again."""
    flash = host.pump.flash
    expect_ok(host.ask("start"))
    host.pump.run_for(HOUR_MS)
    flash.prog = lambda cfg, block, off, data: IO_ERROR
    host.pump.run_for(HOUR_MS)
    host.ask("ack")
    host.ask("status")
    del flash.prog
    host.ask("ack")
    host.ask("status")
