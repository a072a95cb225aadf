"""Who is at the other end of a port: a pump, MicroPython's prompt, or nobody that answers. Changes nothing there."""

from __future__ import annotations

import binascii
import time
from typing import Any

from pump import protocol, record
from pump.errors import PumpError
from pumpctl.transport import Transport, open_transport

PUMP = "pump"
PROMPT = "prompt"
SILENT = "silent"
PATIENCE_S = 1.5              # a pump answers hello within 0.1 s, unless it is erasing flash or collecting a journal
ASK_AGAIN_S = 0.5
_PROMPT_MARK = b">>>"


class Found:
    """What was found: `kind` is PUMP, PROMPT or SILENT, `hello` a pump's reply with board and protocol."""

    def __init__(self, kind: str, hello: dict[str, Any] | None = None):
        self.kind = kind
        self.hello = hello or {}

    @property
    def id_hex(self) -> str | None:
        """The pump's unique id in hex, None where no pump answers or it tells none."""
        try:
            return binascii.a2b_base64(self.hello["unique_id"]).hex() or None
        except (KeyError, TypeError, ValueError):
            return None


def probe(port: str, patience_s: float = PATIENCE_S) -> Found:
    """Asks at `port` for at most `patience_s`; NoConnectionError where it cannot be opened or breaks."""
    transport = open_transport(port)
    try:
        return _ask(transport, patience_s)
    finally:
        transport.close()


def _ask(transport: Transport, patience_s: float) -> Found:
    """The carriage returns end a line at MicroPython's prompt, which then shows itself; a pump passes over them."""
    question = b"\r\n" + protocol.frame((("do", "hello"),)).strip() + b"\r\n"
    deadline = time.monotonic() + patience_s
    seen_prompt = False
    while (left_s := deadline - time.monotonic()) > 0:
        transport.write(question)
        again = time.monotonic() + min(left_s, ASK_AGAIN_S)
        while (left_s := again - time.monotonic()) > 0:
            line = transport.read_line(left_s)
            hello = _hello_of(line)
            if hello is not None:
                return Found(PUMP, hello)
            seen_prompt = seen_prompt or line.strip().startswith(_PROMPT_MARK)
        if seen_prompt:
            return Found(PROMPT)
    return Found(SILENT)


def _hello_of(line: bytes) -> dict[str, Any] | None:
    """The fields of a reply to hello, None where the line is none."""
    try:
        reply, is_checked = protocol.unframe(line)
    except PumpError:
        return None
    fields = reply.get("ok")
    if not is_checked or reply.get("board") not in record.BOARD_NUMBERS or not isinstance(fields, dict):
        return None
    return {**fields, "board": reply["board"], "protocol": reply.get("protocol")} if "firmware" in fields else None
