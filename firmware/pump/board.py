"""The board contract: everything the pump asks of the world, on one page.

`App(board)` gets one object with the attributes below. There are two implementations, `pico.board.PicoBoard`
and `pumpsim.board.SimBoard`, chosen in the two composition roots and nowhere else. This module holds words and
constants only, so neither board inherits behaviour from it; tests/board_contract.py holds both to it.

board.name          "pico" or "simulator"; every reply and every boot record carries it
board.unique_id     8 bytes, the same at every boot of one board
board.memory_free() bytes of heap that are free now
board.entropy()     8 bytes that nobody can foretell, others at each call; of the chip's noise, where it has any

board.clock         ticks_ms() -> int in 0..TICKS_PERIOD-1, wraps; never goes back otherwise
                    sleep_ms(ms): lets up to `ms` milliseconds pass; may return early

board.stepper       ticks_per_ms: ticks of the pulse generator in a millisecond (125000 at 125 MHz)
                    drive(driver): pulses for a driver of pump/drivers.py from now on, drivers.SAFEST until called; only
                      while idle
                    min_interval, max_interval: the shortest, with this driver, and the longest of a command, in ticks
                    room() -> how many commands fit into the queue now (QUEUE_DEPTH when idle)
                    put(count, interval): queues `count` times "wait `interval` ticks, then step";
                      count 0 waits `interval` ticks once and does not step. Commands run back to back without
                      the interpreter. An idle queue starts at once. 0 <= count < 2**30,
                      min_interval <= interval <= max_interval
                    halt(): no step after this returns; what was queued is dropped; the count stays exact
                    reverse(on): the direction line; only while idle; forward at power-up
                    enable(on): the driver's enable line; off at power-up and until called, put on only while idle. No
                      step is made while it is off. INPUT_STALL, INPUT_LIMIT, INPUT_STOP or INPUT_LINK takes it off
                      within TRIP_MS without the interpreter; to put it on again, first put it off

board.driver        is_ready(is_at_rest) -> True where the motor's driver is set up as the rig says, or by its own pins;
                      at rest one that is not is set up first. False where it does not answer. Up to 30 ms

board.counter       steps() -> rising edges seen on the step pin, modulo COUNTER_PERIOD and from any
                      number on; counted by other means than the stepper's own
                    is_counting: an edge made for it alone, the step pin at rest, was counted when the board object
                      was made
                    keep(total): what had been counted in all before the next step; survives every reset but a loss
                      of power
                    kept() -> at the reset before this boot: the last `keep` plus the steps since, modulo
                      COUNTER_PERIOD; None after a loss of power

board.storage       read(name) -> bytes, or None where there is no such file
                    read_part(name, offset, size) -> bytes, shorter at the end of the file; OSError where there is none
                    size(name) -> bytes in the file, 0 where there is none
                    names() -> list of file names
                    write(name, data): replaces the whole file; after a power cut the old or the new one is there
                    append(name, data): adds at the end; after a power cut all or nothing of `data` is there
                    remove(name): no error where there is none
                    Each returns only when the change would survive a power cut. OSError when the chip refuses.

board.link          readinto(buffer) -> how many bytes were waiting and are now in `buffer`, 0 for none; never blocks
                    write(data): sends all of `data`, or drops what nobody takes within LINK_PATIENCE_MS
                    A packet of the host's that begins with STOP_MARK is INPUT_LINK, before it is read

board.inputs        read() -> bits of INPUT_*; level now, not debounced. From enable(True) to enable(False), of those
                      that take the line off only what has done it
board.pressure      read() -> pressure or force in the sensor's counts; None where none is fitted, or nothing is known
                      yet; PRESSURE_BROKEN where the sensor does not answer or is at the end of its range
board.indicator     show(pattern): one of PATTERN_*; the three alarms flash and sound as IEC 60601-1-8 has it: high
                      red 1.4-2.8 Hz, medium yellow 0.4-0.8 Hz, low steady cyan
board.supply        read_mv() -> supply in millivolts, or None where it is not measured
                    read_chip_c() -> temperature of the chip in whole degrees Celsius, rounded down
board.rtc           read_utc_s() -> UTC in s of a battery-backed clock, None where there is none or it had stopped
                    set_utc_s(utc_s): sets it, where there is one
board.firmware      slot: "a" or "b", which of two firmwares runs, "" where there is but one; build: its label
                    is_trial: it has to confirm itself; has_returned: the other one was tried before this and failed
                    confirm(): this one for good; durable when it returns, OSError when the chip refuses
                    give_up(): resets; on trial that leads back to the other one
                    hand_over(): resets to the board's own prompt. The last two do not return on a device
board.watchdog      feed(): the controller completed a poll
                    reset_cause: one of CAUSE_*, why this boot happened
"""

TICKS_PERIOD = 1 << 30        # of clock.ticks_ms(), milliseconds: 12.4 days
COUNTER_PERIOD = 1 << 30      # of counter.steps()
QUEUE_DEPTH = 4               # commands: the RP2040's joined FIFO holds eight words, a command is two
LINK_PATIENCE_MS = 200
TRIP_MS = 5

INPUT_BUTTON = 1
INPUT_STALL = 2
INPUT_LIMIT = 4
INPUT_STOP = 8
INPUT_LINK = 16
INPUT_NAMES = ("button", "stall", "limit", "stop", "link")      # by bit

STOP_MARK = b"\x0b\x0c\x0b\x0c"         # white space of JSON lines, so a pump that does not know it reads on

PRESSURE_BROKEN = -1

PATTERN_OFF = 0
PATTERN_STOPPED = 1
PATTERN_RUNNING = 2
PATTERN_SUSPENDED = 3
PATTERN_LOW = 4
PATTERN_MEDIUM = 5
PATTERN_HIGH = 6

CAUSE_POWER = 0
CAUSE_WATCHDOG = 1
CAUSE_SOFT = 2
