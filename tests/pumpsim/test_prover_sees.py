"""The prover finds what it is there to find: a firmware broken on purpose, once for every kind of finding."""

from random import Random

import pytest

from pump import boot
from pump.boluses import Boluses
from pump.journal import TAIL, Journal
from pump.ledger import Ledger
from pump.run import Run
from pump.settings import Slots, pack
from pump.timetable import Timetable
from pumpsim.prover import judge
from pumpsim.prover.run import all_cases, run_cases, stage_of

CUTS = 400                    # at most


@pytest.fixture
def found(monkeypatch):
    """Call with (class, name, broken, *kinds): whether some cut of the short scenario shows one of these kinds."""
    def look(owner, name, broken, *kinds):
        monkeypatch.setattr(owner, name, broken)
        stage_of.cache_clear()
        for case in Random(1).sample(all_cases(("fresh",)), CUTS):
            if not set(kinds).isdisjoint(run_cases([case]).kinds):
                return True
        return False

    yield look
    stage_of.cache_clear()


def test_a_record_written_after_its_acknowledgement(found):
    real = Journal.append

    def late(self, head, data):
        storage, self._storage = self._storage, _Late(self._storage)
        real(self, head, data)
        self._storage = storage

    assert found(Journal, "append", late, judge.LOST)


class _Late:
    """Writes the tail as it was before."""

    def __init__(self, storage):
        self._storage = storage
        self.append = storage.append

    def write(self, name, data):
        self._storage.write(name, data[:-64])


def test_a_tail_emptied_before_its_segment_has_it(found):
    real = Journal._store

    def store(self, full_tail):
        self._storage.write(TAIL, b"")
        real(self, full_tail)

    assert found(Journal, "_store", store, judge.LOST)


def test_a_tail_that_is_taken_without_looking_whether_it_is_stored_already(found):
    def take(self, tail):
        self._tail = tail

    assert found(Journal, "_take_tail", take, judge.CHAIN, judge.BOOT, judge.LOST)


def test_a_document_that_is_removed_before_the_next_one_is_written(found):
    def save(self, body):
        for name in self._files:
            self._storage.remove(name)
        self.generation += 1
        self._storage.write(self._files[1 - self._in_force], pack(self.generation, body))
        self._in_force = 1 - self._in_force
        return self.generation

    assert found(Slots, "save", save, judge.DOCUMENT)


def test_a_document_that_is_acknowledged_and_not_stored(found):
    def save(self, body):
        self._in_force = 1 - self._in_force
        self._storage.write(self._files[self._in_force], pack(0, body))        # so old that no boot takes it
        self.generation += 1
        return self.generation

    assert found(Slots, "save", save, judge.DOCUMENT)


def test_an_authorised_volume_that_is_not_counted_as_uncertain(found):
    real = Ledger.restore
    assert found(Ledger, "restore", lambda self, confirmed, ahead, uncertain:
                                   real(self, confirmed, 0, uncertain), judge.INTERVAL)


def test_steps_beyond_the_authorised_ones(found):
    real = Run.write_dose

    def write(self, ms, event, actor, code, confirmed_steps, ahead_steps, rate_nl_per_h):
        real(self, ms, event, actor, code, confirmed_steps, 0, rate_nl_per_h)
        self._delivery.ledger.authorised_steps = confirmed_steps + ahead_steps

    assert found(Run, "write_dose", write, judge.INTERVAL)


def test_a_scheduled_bolus_that_is_given_again(found):
    def forget(self, handled, until_utc_ms):
        self._book.look_from(until_utc_ms // 60_000 - 60)

    assert found(Timetable, "restore", forget, judge.REPEATED)


def test_a_lockout_that_a_boot_forgets(found):
    real = Boluses.started
    assert found(Boluses, "started", lambda self, kind, ms: ms > 0 and real(self, kind, ms), judge.LOCKOUT)


def test_windows_that_a_boot_forgets(found):
    class Forgetful(boot.Recall):
        def __init__(self, journal, now_utc_ms, alive):
            super().__init__(journal, now_utc_ms, alive)
            self.pasts = []

    assert found(boot, "Recall", Forgetful, judge.WINDOW)


def test_a_level_that_a_boot_takes_for_full(found):
    assert found(boot, "_restore_levels", lambda parts, recall:
                                parts.reservoir.set(20_000_000, parts.delivery.ledger.out_steps), judge.LEVEL)


def test_a_boot_that_fails(found):
    class Failing(boot.Recall):
        def __init__(self, journal, now_utc_ms, alive):
            super().__init__(journal, now_utc_ms, alive)
            if journal.next_seq > 3:
                raise ValueError("cannot read back")

    assert found(boot, "Recall", Failing, judge.BOOT)
