"""Documents on their way: whole and by digest, or not at all (C-03)."""

import hashlib

import pytest

from pump.errors import PumpError
from pump.staging import CHUNK_READ, Staging
from pumpsim.flash import NorFlash, SimStorage

SIZE_MAX = 600
OLD = b"old document"
NEW = b"new document, longer than the old one"


def digest_of(body):
    return hashlib.sha256(body).hexdigest()


def parse(body):
    """A document is its text; "bad" is none."""
    if body.startswith(b"bad"):
        raise PumpError("bad_rig", "not one")
    return body.decode()


@pytest.fixture
def storage():
    return SimStorage(NorFlash())


@pytest.fixture
def staging(storage):
    """With OLD in force."""
    made = Staging(storage, "rig", SIZE_MAX, parse)
    send(made, OLD)
    made.commit(made.staged(digest_of(OLD)))
    return made


def send(staging, body, size=10):
    for at in range(0, len(body), size):
        staging.stage(at, body[at:at + size])


def code_of(action, *arguments):
    with pytest.raises(PumpError) as refusal:
        action(*arguments)
    return refusal.value.code


def assert_old_in_force(staging, storage):
    assert (staging.piece(0), staging.document, staging.digest) == (OLD, OLD.decode(), digest_of(OLD))
    assert Staging(storage, "rig", SIZE_MAX, parse).load() == OLD.decode()


def test_nothing_is_in_force_at_first(storage):
    made = Staging(storage, "rig", SIZE_MAX, parse)
    assert made.load() is None
    assert (made.size, made.document, made.digest, made.piece(0)) == (0, None, "", b"")


def test_pieces_become_a_document_that_survives(staging, storage):
    send(staging, NEW)
    assert staging.commit(staging.staged(digest_of(NEW))) == 2
    assert (staging.piece(0), staging.document, staging.digest) == (NEW, NEW.decode(), digest_of(NEW))
    assert Staging(storage, "rig", SIZE_MAX, parse).load() == NEW.decode()


def test_stage_says_how_much_it_holds(staging):
    assert [staging.stage(0, b"abc"), staging.stage(3, b"de"), staging.stage(0, b"f")] == [3, 5, 1]


@pytest.mark.requirement("C-03")
@pytest.mark.parametrize("cut", range(0, len(NEW) + 1))
def test_a_link_cut_at_any_byte_leaves_the_old_document(staging, storage, cut):
    send(staging, NEW[:cut], 1)
    assert_old_in_force(staging, storage)
    if cut < len(NEW):
        assert code_of(staging.staged, digest_of(NEW)) == "digest"
    assert_old_in_force(staging, storage)


@pytest.mark.requirement("C-03")
def test_a_gap_an_overlap_or_a_late_piece_is_refused_and_what_is_staged_stays(staging):
    staging.stage(0, NEW[:10])
    for at in (9, 11, 500):
        assert code_of(staging.stage, at, b"x") == "staging"
    staging.stage(10, NEW[10:])
    assert staging.staged(digest_of(NEW)) == NEW.decode()


def test_a_document_may_have_its_full_size_and_no_byte_more(staging):
    send(staging, bytes(SIZE_MAX), 200)
    assert code_of(staging.stage, SIZE_MAX, b"x") == "staging"
    assert code_of(staging.stage, 0, bytes(SIZE_MAX + 1)) == "staging"


@pytest.mark.requirement("C-03")
def test_a_document_that_cannot_be_parsed_is_refused(staging, storage):
    send(staging, b"bad one")
    assert code_of(staging.staged, digest_of(b"bad one")) == "bad_rig"
    assert_old_in_force(staging, storage)


def test_a_commit_empties_the_stage(staging):
    send(staging, NEW)
    staging.commit(staging.staged(digest_of(NEW)))
    assert code_of(staging.staged, digest_of(NEW)) == "digest"
    assert code_of(staging.stage, len(NEW), b"x") == "staging"


@pytest.mark.requirement("C-03")
def test_a_storage_that_refuses_leaves_the_old_document(staging, storage):
    send(staging, NEW)
    document = staging.staged(digest_of(NEW))
    storage._flash.prog = lambda cfg, block, off, data: -5          # LFS_ERR_IO
    with pytest.raises(OSError):
        staging.commit(document)
    del storage._flash.prog
    assert_old_in_force(staging, SimStorage(storage._flash))


def test_a_stored_document_of_another_version_counts_as_none(storage):
    made = Staging(storage, "rig", SIZE_MAX, lambda body: body)
    send(made, b"bad in the eyes of the next firmware")
    made.commit(made.staged(digest_of(b"bad in the eyes of the next firmware")))
    assert Staging(storage, "rig", SIZE_MAX, parse).load() is None


def test_the_document_in_force_is_read_in_pieces(storage):
    made = Staging(storage, "rig", SIZE_MAX, lambda body: body)
    body = bytes(range(256)) * 2 + b"tail"
    send(made, body, 100)
    made.commit(made.staged(digest_of(body)))
    assert [made.piece(at) for at in (0, CHUNK_READ, len(body), 9999)] == [body[:512], b"tail", b"", b""]
