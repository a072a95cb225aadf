"""What pump/board.py promises, checked on a board that stands still: the same code on CPython and on a Pico.

`check(board, wait_ms, allow_motion, spares_motor)` raises AssertionError at the first broken promise.
`wait_ms(ms)` lets time pass on that board. Plain MicroPython: it is compiled with its asserts
(pumpctl/firmware_image.py), sent to a Pico and run there. It leaves no file behind.
"""

from pump import board as contract
from pump import drivers

FILE = "contract.tmp"
OTHER = "contract2.tmp"
LEAP_DAY_UTC_S = 1709251199                         # 2024-02-29T23:59:59Z


def check(board, wait_ms, allow_motion, spares_motor=False):
    """Runs every check; returns their names. spares_motor: leaves out the steps that no motor follows, which are for
    boards without one; what is left makes some 90 steps at 1,000 a second, at most 300."""
    names = []
    for probe in (identity, clock, idle_stepper, refuses_nothing_idle, inputs_at_rest, battery_clock, direction,
                  storage, supply, indicator_and_watchdog):
        probe(board, wait_ms)
        names.append(probe.__name__)
    if allow_motion:
        board.stepper.enable(True)
        for probe in (counted_steps, fastest_steps, queue_depth, steps_backwards, waits_do_not_step, halt_is_exact,
                      no_steps_while_off):
            if spares_motor and probe == fastest_steps:
                continue
            probe(board, wait_ms)
            names.append(probe.__name__)
        board.stepper.enable(False)
    return names


def identity(board, wait_ms):
    assert board.name in ("pico", "simulator")
    assert isinstance(board.unique_id, bytes) and len(board.unique_id) == 8
    assert board.memory_free() > 0
    assert len(board.entropy()) == 8 and board.entropy() != board.entropy()
    assert board.watchdog.reset_cause in (contract.CAUSE_POWER, contract.CAUSE_WATCHDOG, contract.CAUSE_SOFT)


def clock(board, wait_ms):
    before = board.clock.ticks_ms()
    assert 0 <= before < contract.TICKS_PERIOD
    wait_ms(50)
    passed = (board.clock.ticks_ms() - before) % contract.TICKS_PERIOD
    assert 49 <= passed <= 200, passed
    board.clock.sleep_ms(5)
    assert (board.clock.ticks_ms() - before) % contract.TICKS_PERIOD <= passed + 100


def idle_stepper(board, wait_ms):
    board.stepper.halt()
    assert board.stepper.room() == contract.QUEUE_DEPTH
    assert board.stepper.ticks_per_ms >= 1000
    for driver in drivers.DRIVERS:
        board.stepper.drive(driver)
        assert board.stepper.min_interval == drivers.pulse(driver, board.stepper.ticks_per_ms)[1]
    assert board.stepper.max_interval >= 1 << 31
    board.stepper.drive(drivers.SAFEST)
    count = board.counter.steps()
    assert 0 <= count < contract.COUNTER_PERIOD and board.counter.is_counting
    wait_ms(20)
    assert board.counter.steps() == count


def refuses_nothing_idle(board, wait_ms):
    buffer = bytearray(16)
    assert board.link.readinto(buffer) in range(17)


def inputs_at_rest(board, wait_ms):
    """Nothing is pressed. A sensor says what its ADC or HX711 does, 16 or 24 bits; where there is none, nothing."""
    assert board.inputs.read() == 0
    counts = board.pressure.read()
    assert counts in (None, contract.PRESSURE_BROKEN) or 0 <= counts < 1 << 24, counts


def battery_clock(board, wait_ms):
    """Where there is one, it is left as it was; where there is none, it can be asked and set all the same."""
    before = board.rtc.read_utc_s()
    if before is None:
        return
    board.rtc.set_utc_s(LEAP_DAY_UTC_S)
    assert board.rtc.read_utc_s() - LEAP_DAY_UTC_S in (0, 1)
    board.rtc.set_utc_s(before)
    assert board.rtc.read_utc_s() - before in (0, 1)


def direction(board, wait_ms):
    board.stepper.reverse(True)
    board.stepper.reverse(False)


def storage(board, wait_ms):
    files = board.storage
    files.remove(FILE)
    files.remove(FILE)                              # no error where there is none
    assert files.read(FILE) is None
    assert files.size(FILE) == 0
    files.write(FILE, b"old")
    files.write(FILE, b"new bytes")
    assert files.read(FILE) == b"new bytes"
    assert FILE in files.names()
    files.append(FILE, b"-and-more")
    assert files.size(FILE) == 18
    assert files.read_part(FILE, 10, 3) == b"and"
    assert files.read_part(FILE, 14, 100) == b"more"
    assert files.read_part(FILE, 100, 4) == b""
    files.append(OTHER, bytes(range(256)) * 20)     # longer than a flash sector
    assert files.read_part(OTHER, 4090, 10) == bytes([250, 251, 252, 253, 254, 255, 0, 1, 2, 3])
    files.write(FILE, b"")
    assert files.read(FILE) == b""
    files.remove(FILE)
    files.remove(OTHER)
    assert FILE not in files.names() and OTHER not in files.names()


def supply(board, wait_ms):
    level = board.supply.read_mv()
    assert level is None or 1500 <= level <= 6000, level
    assert board.driver.is_ready(True) and board.driver.is_ready(False)
    assert -40 <= board.supply.read_chip_c() <= 125


def indicator_and_watchdog(board, wait_ms):
    for pattern in (contract.PATTERN_OFF, contract.PATTERN_STOPPED, contract.PATTERN_RUNNING,
                    contract.PATTERN_SUSPENDED, contract.PATTERN_LOW, contract.PATTERN_MEDIUM,
                    contract.PATTERN_HIGH, contract.PATTERN_OFF):
        board.indicator.show(pattern)
        board.watchdog.feed()


def _steps_since(board, count):
    return (board.counter.steps() - count) % contract.COUNTER_PERIOD


def counted_steps(board, wait_ms):
    count = board.counter.steps()
    board.stepper.put(20, board.stepper.ticks_per_ms)           # 20 steps, 1 ms apart
    wait_ms(60)
    assert _steps_since(board, count) == 20
    assert board.stepper.room() == contract.QUEUE_DEPTH


def fastest_steps(board, wait_ms):
    """30 ms at each driver's shortest interval, none lost: 133,928 steps of 0.224 us to 7,500 of 4 us."""
    for driver in drivers.DRIVERS:
        if driver == drivers.ULN2003:
            continue
        board.stepper.drive(driver)
        count = board.counter.steps()
        steps = 30 * board.stepper.ticks_per_ms // board.stepper.min_interval
        board.stepper.put(steps, board.stepper.min_interval)
        wait_ms(60)
        assert _steps_since(board, count) == steps, driver
    board.stepper.drive(drivers.SAFEST)


def queue_depth(board, wait_ms):
    count = board.counter.steps()
    tick = board.stepper.ticks_per_ms
    for _ in range(1 + contract.QUEUE_DEPTH):                   # one runs, the rest waits
        assert board.stepper.room() > 0
        board.stepper.put(1, 20 * tick)
        wait_ms(1)
    assert board.stepper.room() == 0
    wait_ms(200)
    assert board.stepper.room() == contract.QUEUE_DEPTH
    assert _steps_since(board, count) == 1 + contract.QUEUE_DEPTH


def steps_backwards(board, wait_ms):
    """The counter counts steps of either direction."""
    count = board.counter.steps()
    board.stepper.reverse(True)
    board.stepper.put(5, board.stepper.ticks_per_ms)
    wait_ms(30)
    assert board.stepper.room() == contract.QUEUE_DEPTH
    board.stepper.reverse(False)
    assert _steps_since(board, count) == 5


def waits_do_not_step(board, wait_ms):
    count = board.counter.steps()
    tick = board.stepper.ticks_per_ms
    board.stepper.put(0, 30 * tick)
    board.stepper.put(2, tick)
    wait_ms(20)
    assert _steps_since(board, count) == 0
    wait_ms(60)
    assert _steps_since(board, count) == 2


def halt_is_exact(board, wait_ms):
    count = board.counter.steps()
    tick = board.stepper.ticks_per_ms
    board.stepper.put(1000, tick)
    board.stepper.put(1000, tick)
    wait_ms(30)
    board.stepper.halt()
    made = _steps_since(board, count)
    assert 25 <= made <= 200, made
    assert board.stepper.room() == contract.QUEUE_DEPTH
    wait_ms(50)
    assert _steps_since(board, count) == made
    board.stepper.put(3, tick)                                  # and it goes on from the start of a command
    wait_ms(30)
    assert _steps_since(board, count) == made + 3


def no_steps_while_off(board, wait_ms):
    count = board.counter.steps()
    tick = board.stepper.ticks_per_ms
    board.stepper.put(1000, tick)
    wait_ms(20)
    board.stepper.enable(False)                                 # in the middle of a command
    made = _steps_since(board, count)
    wait_ms(30)
    assert _steps_since(board, count) == made > 0
    board.stepper.halt()
    board.stepper.put(3, tick)
    wait_ms(30)
    assert _steps_since(board, count) == made
    board.stepper.halt()
    board.stepper.enable(True)
    board.stepper.put(3, tick)
    wait_ms(30)
    assert _steps_since(board, count) == made + 3
