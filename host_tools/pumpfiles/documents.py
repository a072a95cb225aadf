"""Program and rig documents as they are sent: one text each, read by the pump's own code (U-04). Knows no keys."""

from __future__ import annotations

import hashlib
import json

from pump.errors import PumpError
from pumpfiles.toml_source import Value


def canonical_json(document: dict) -> bytes:
    """One text for one document: keys sorted, no spaces, ASCII."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def accepted(kind: type, body: bytes, root: Value):
    """`kind(body)`, what the pump makes of it; InputError at the file's head for what only the pump refuses."""
    try:
        return kind(body)
    except PumpError as error:
        raise root.refusal(f"what the pump takes: {error.message}")


def digest_of(body: bytes) -> str:
    """SHA-256 in hex, as `pumpctl status` shows it of what the pump holds."""
    return hashlib.sha256(body).hexdigest()
