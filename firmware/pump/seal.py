"""HMAC-SHA256 and what is made of it: seals of lines, keys on their way. Knows bytes; no role, no session.

RFC 2104 over hashlib's SHA-256; MicroPython has no hmac. One hash object at a time: some chips have but one.
"""

import binascii
import hashlib

KEY_SIZE = 32                 # bytes of a role's key, and of a session's
SEAL_SIZE = 32                # hex digits of a line's seal: 128 bits, of which nobody guesses one in a session
_BLOCK = 64                   # bytes, of SHA-256


def hmac(key, text):
    """32 bytes; the key has at most 64."""
    inner = hashlib.sha256(_padded(key, 0x36))
    inner.update(text)
    inner = inner.digest()
    outer = hashlib.sha256(_padded(key, 0x5C))
    outer.update(inner)
    return outer.digest()


def of(key, body):
    """The seal of a line's JSON, as hex digits (bytes)."""
    return binascii.hexlify(hmac(key, body)[:SEAL_SIZE // 2])


def session_key(key, nonce):
    """The key of a session: of a role's key and the pump's nonce (text)."""
    return hmac(key, nonce.encode())


def veiled(session, request_id, secret):
    """64 bytes made unreadable to whoever has not the session's key, and with the same request id readable again.

    No two requests of a session have one id, so no two secrets are veiled alike. No line's JSON begins with a digit, so
    no seal tells a part of the veil.
    """
    veil = b"".join([hmac(session, b"%d %d" % (part, request_id)) for part in (1, 2)])
    return bytes([secret[at] ^ veil[at] for at in range(len(secret))])


def is_same(one, other):
    """Whether two texts of bytes are the same, in a time that does not tell where they differ."""
    if len(one) != len(other):
        return False
    differ = 0
    for at in range(len(one)):
        differ |= one[at] ^ other[at]
    return differ == 0


def _padded(key, mask):
    return bytes([byte ^ mask for byte in key]) + bytes([mask]) * (_BLOCK - len(key))
