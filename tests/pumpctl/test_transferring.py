"""What ends the waiting for a prime: the pump is stopped, once and to the end (P-01)."""

import signal

import pytest

from pumpctl.errors import HostError
from pumpctl.transferring import _stopped_early
from pumpctl.transport import NoConnectionError

SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class Stopping:
    """A pump that is told to stop; `meanwhile` is what happens while its answer is awaited."""

    def __init__(self, meanwhile=lambda: None):
        self._meanwhile, self.is_stopped = meanwhile, False

    def stop(self):
        self._meanwhile()
        self.is_stopped = True


@pytest.mark.requirement("P-01")
@pytest.mark.parametrize("first", SIGNALS)
@pytest.mark.parametrize("second", SIGNALS)
def test_a_second_signal_does_not_cut_a_stop_off(first, second):
    before = [signal.getsignal(number) for number in SIGNALS]
    pump = Stopping(lambda: signal.raise_signal(second))
    with pytest.raises(SystemExit) as ended, _stopped_early(pump):
        signal.raise_signal(first)
    assert (ended.value.code, pump.is_stopped) == (128 + first, True)
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_a_signal_that_nohup_has_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        pump = Stopping()
        with _stopped_early(pump):
            signal.raise_signal(signal.SIGHUP)
        assert not pump.is_stopped
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.requirement("P-01")
def test_a_pump_that_cannot_be_told_to_stop_is_to_be_switched_off():
    def unplugged():
        raise HostError("the cable is gone", "")

    with pytest.raises(NoConnectionError) as ended, _stopped_early(Stopping(unplugged)):
        raise KeyboardInterrupt
    assert "switch the motor's supply off" in ended.value.hint
