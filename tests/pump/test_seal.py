"""HMAC, seals and veils, held against Python's own hmac and against RFC 4231."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pump import protocol, seal

KEYS = st.binary(min_size=1, max_size=64)


@pytest.mark.parametrize("key, text, told", [         # RFC 4231, test cases 1, 2 and 3
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
])
def test_the_published_vectors(key, text, told):
    assert seal.hmac(key, text).hex() == told


@given(KEYS, st.binary(max_size=300))
def test_it_is_the_hmac_that_everybody_has(key, text):
    assert seal.hmac(key, text) == hmac.new(key, text, hashlib.sha256).digest()


@given(KEYS, st.binary(max_size=40))
def test_a_seal_stands_in_its_line_and_comes_out_of_it(key, text):
    line = protocol.frame((("id", 1), ("do", text.hex())), lambda body: seal.of(key, body))
    message, checked = protocol.unframe(line)
    body, sealed = protocol.unsealed(line.strip()[:-protocol.CRC_SIZE])
    assert checked and message["do"] == text.hex()
    assert sealed.decode() == hmac.new(key, body, hashlib.sha256).hexdigest()[:32]


def test_a_line_without_a_seal_has_none():
    assert protocol.unsealed(b'{"do":"hello"}') == (b'{"do":"hello"}', b"")
    assert protocol.unsealed(b"") == (b"", b"")


@given(KEYS, st.integers(0, protocol.ID_MAX), st.binary(min_size=64, max_size=64))
def test_a_veil_comes_off_with_its_session_and_id_alone(key, number, secret):
    hidden = seal.veiled(key, number, secret)
    assert seal.veiled(key, number, hidden) == secret
    assert hidden != secret and seal.veiled(key, number ^ 1, hidden) != secret


@given(st.binary(max_size=8), st.binary(max_size=8))
def test_a_comparison_says_what_equality_says(one, other):
    assert seal.is_same(one, other) == (one == other) and seal.is_same(one, bytes(one))


@pytest.mark.requirement("C-02")
def test_a_veil_is_what_the_protocol_says():
    # HMAC-SHA-256 of "1 ID" and of "2 ID", one behind the other, exclusive-or the secret
    key, secret = bytes(range(32)), bytes(range(64))
    veil = b"".join(hmac.new(key, text, "sha256").digest() for text in (b"1 77", b"2 77"))
    assert seal.veiled(key, 77, secret) == bytes(a ^ b for a, b in zip(secret, veil, strict=True))
