"""Keys on the host: kept so that nobody else reads them, used by themselves, and never lost half way (C-02)."""

import json
import os
import stat

import keyring.backend
import pytest

from pumpctl import Pump, keys_job
from pumpctl.key_store import KeyFileError, KeyStore, PumpKeys, read_secret
from pumpctl.keys_job import HasKeysError
from pumpctl.refusals import NoKeyError, PumpRefused, UncertainError
from pumpctl.transport import SimTransport
from pumpsim import SimPump
from pumpsim.device import UNIQUE_ID
from tests.pumps import ask, ready_pump, records
from tests.serving import served
from tests.sessions import KEYS, OPERATE_KEY, PROGRAM_KEY, Session, lock_up

BOTH = PumpKeys(OPERATE_KEY, PROGRAM_KEY)


@pytest.fixture
def store(tmp_path):
    """Files in a folder of this test, and no keyring."""
    return KeyStore(tmp_path / "keys", ring=False)


@pytest.fixture
def sim():
    """With keys, stopped."""
    made = ready_pump()
    lock_up(made)
    return made


class Ring(keyring.backend.KeyringBackend):
    """A keyring of the package itself, in memory."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.kept = {}

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.mark.requirement("C-02")
@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX's")
def test_a_file_of_keys_is_for_its_owner_alone(store):
    path = store.save(UNIQUE_ID, BOTH)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(store.folder).st_mode) == 0o700
    assert store.of(UNIQUE_ID) == [BOTH] and store.ids() == [UNIQUE_ID]
    os.chmod(path, 0o640)
    with pytest.raises(KeyFileError) as caught:
        store.of(UNIQUE_ID)
    assert "chmod 600" in caught.value.hint


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"operate": 5}', '{"operate": "00"}', '{"program": "xyz"}',
                                  '{"operate": "' + "0" * 62 + '"}'])
def test_what_is_no_file_of_keys_is_named(store, text):
    with pytest.raises(KeyFileError, match="holds no keys"):
        PumpKeys.of_text(text, "a file")


@pytest.mark.requirement("C-02")
def test_the_systems_keyring_is_used_where_there_is_one(tmp_path):
    ring = Ring()
    KeyStore(tmp_path, ring=False).save(UNIQUE_ID, BOTH)
    store = KeyStore(tmp_path, ring)
    assert store.of(UNIQUE_ID) == [BOTH]                         # a file from before counts
    assert store.save(UNIQUE_ID, BOTH) == "the system's keyring"
    assert list(tmp_path.iterdir()) == [] and store.of(UNIQUE_ID) == [BOTH]
    assert store.forget(UNIQUE_ID) and store.of(UNIQUE_ID) == [] and ring.kept == {}


@pytest.mark.requirement("C-02")
def test_sessions_open_by_themselves_with_the_role_that_is_needed(sim, store):
    store.save(UNIQUE_ID, BOTH)
    with Pump(SimTransport(sim), keys=store) as pump:
        assert pump.start() == "running"
        assert pump.status().session == "operate"
        pump.clock_set(1_774_566_000_000)
        assert pump.status().session == "program"
        assert pump.suspend() == "suspended"
        assert pump.status().session == "program"                # it may do that too: no other login
        sim.run_for(16 * 60_000)
        assert pump.status().session == ""
        assert pump.resume() == "running"                        # anew, and nobody notices
        Session(sim)                                             # another program logs in
        assert pump.stop() == "stopped" and pump.start() == "running"


@pytest.mark.requirement("C-02")
def test_an_operators_computer_does_not_program(sim, store):
    store.save(UNIQUE_ID, PumpKeys(OPERATE_KEY, None))
    pump = Pump(SimTransport(sim), keys=store)
    assert pump.start() == "running"
    with pytest.raises(NoKeyError, match="role program"):
        pump.clock_set(1_774_566_000_000)
    assert pump.status().utc_ms == ask(sim, "status")["utc_ms"]


@pytest.mark.requirement("C-02")
def test_without_the_right_key_it_says_what_to_do_and_stop_works(sim, store):
    pump = Pump(SimTransport(sim), keys=store)
    with pytest.raises(NoKeyError) as caught:
        pump.start()
    assert UNIQUE_ID.hex() in caught.value.message and "keys import" in caught.value.hint
    store.save(UNIQUE_ID, PumpKeys(bytes(32), bytes(32)))
    with pytest.raises(NoKeyError):
        pump.start()
    for _ in range(4):
        with pytest.raises((NoKeyError, PumpRefused)):
            pump.start()
    with pytest.raises(PumpRefused) as caught:
        pump.start()
    assert caught.value.code == "locked" and "pumpctl stop" in caught.value.hint
    assert pump.stop() == "stopped"


@pytest.mark.requirement("C-02")
def test_keys_are_made_changed_and_taken_away(store):
    sim = ready_pump()
    pump = Pump(SimTransport(sim), keys=store)
    with pytest.raises(HasKeysError, match="no keys"):
        keys_job.rotate(pump, store)
    keys_job.make(pump, store)
    [first] = store.of(UNIQUE_ID)
    assert pump.start() == "running" and pump.status().access == "keys"
    with pytest.raises(HasKeysError, match="already"):
        keys_job.make(pump, store)
    keys_job.rotate(pump, store)
    [second] = store.of(UNIQUE_ID)
    assert second != first and pump.suspend() == "suspended"
    assert Session(sim, "program", first.program).reply["error"]["code"] == "bad_key"
    keys_job.remove(pump, store)
    assert pump.status().access == "open" and store.of(UNIQUE_ID) == [] and pump.stop() == "stopped"


class Silent(SimTransport):
    """Swallows every reply once a line that asks for `last` has been sent."""

    def __init__(self, sim, last):
        super().__init__(sim)
        self._last, self._is_silent = last, False

    def write(self, data):
        self._is_silent = self._is_silent or b'"do":"%s"' % self._last in data
        super().write(data)
        if self._is_silent:
            self._buffer = b""


@pytest.mark.requirement("C-06")
@pytest.mark.parametrize("do, has_keys", [(keys_job.make, False), (keys_job.rotate, True)])
def test_keys_whose_arrival_is_not_known_are_kept_beside_the_old_ones(store, do, has_keys):
    sim = ready_pump()
    if has_keys:
        lock_up(sim)
        store.save(UNIQUE_ID, BOTH)
    with pytest.raises(UncertainError):
        do(Pump(Silent(sim, b"keys"), tries=1, keys=store), store)
    again = Pump(SimTransport(sim), keys=store)
    assert again.status().access == "keys" and again.start() == "running"
    assert len(store.of(UNIQUE_ID)) == 1 + has_keys


def test_keys_that_a_pump_refuses_leave_what_was_kept(store, sim):
    store.save(UNIQUE_ID, PumpKeys(OPERATE_KEY, None))
    with pytest.raises(NoKeyError):
        keys_job.rotate(Pump(SimTransport(sim), keys=store), store)
    assert store.of(UNIQUE_ID)[0] == PumpKeys(OPERATE_KEY, None)


@pytest.mark.requirement("C-02")
def test_the_commands_keep_bring_and_take_keys(run, tmp_path, config_path, monkeypatch):
    with served() as serving:
        monkeypatch.setenv("PUMPCTL_PORT", serving.port)
        assert "open: no keys" in run("status")[1]
        code, out, err = run("keys", "make")
        assert code == 0 and str(config_path.parent / "keys") in out, err
        kept = config_path.parent / "keys" / f"{UNIQUE_ID.hex()}.json"
        file = tmp_path / "operator.json"
        assert run("keys", "export", str(file), "--role", "operate")[0] == 0
        assert list(json.loads(read_secret(file))) == ["pump", "operate"]
        assert UNIQUE_ID.hex() in run("keys", "list")[1] and run("keys", "list")[1].count("\n") == 1
        assert run("ack")[0] == 0 and run("status", "--json")[1].count('"session": "operate"') == 1
        assert run("keys", "forget", UNIQUE_ID.hex()[:6])[0] == 0 and not kept.exists()
        code, _, err = run("ack")
        assert code == 1 and "keys import" in err and err.count("\n") == 1
        assert run("stop")[0] == 0
        assert run("keys", "import", str(file))[0] == 0
        assert run("ack")[0] == 0
        code, _, err = run("keys", "rotate")
        assert code == 1 and "role program" in err
        code, _, err = run("keys", "remove")
        assert code == 2 and "--yes" in err
        key = json.loads(read_secret(file))["operate"]
        assert key not in run("log", "show", "--last", "50")[1]


def test_no_record_of_the_pump_holds_what_is_kept(store):
    sim = SimPump()
    keys_job.make(Pump(SimTransport(sim), keys=store), store)
    assert not any(key in b"".join(records(sim)) for key in (KEYS, store.of(UNIQUE_ID)[0].program))
