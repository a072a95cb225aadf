"""Scenes in which every alarm of the table comes, is acted on and goes. Every scene is a function of a fresh Host."""

from pump.board import CAUSE_POWER, CAUSE_WATCHDOG, INPUT_LIMIT, INPUT_STALL, INPUT_STOP, PRESSURE_BROKEN
from tests.long_journal import write_journal
from tests.pumps import HOUR_MS, NO_LIMITS, RIG, START_UTC_MS
from tests.vm.dosing_scenes import BY_BUTTON, CONTINUOUS, HOST_BOLUS, MINUTE_MS, ON_DEMAND

IO_ERROR = -5                           # LFS_ERR_IO
LATER_UTC_MS = START_UTC_MS + 10 * HOUR_MS


def running(host, rig=RIG, document=CONTINUOUS):
    host.ready(rig, document)
    host.do("start")
    host.pump.run_for(30 * MINUTE_MS)


def faulted(host, reason):
    """Asserts the fault and the motor at rest, acknowledges, and goes on."""
    host.pump.run_for(100)
    status = host.do("status")
    if (status["state"], status["reason"]) != ("fault", reason) or host.pump.board.stepper.is_enabled:
        raise AssertionError(f"expected the fault {reason}: {status}")
    host.refused("bad_state", "start")
    host.do("ack")
    host.do("start")
    host.pump.run_for(MINUTE_MS)


def shown(host, name):
    """Asserts an alarm that leaves the pump running."""
    status = host.do("status")
    if name not in status["alarms"]:
        raise AssertionError(f"expected the alarm {name}: {status}")
    host.do("ack")
    host.do("status")


def counts(host):
    """The counter sees too many steps, too few, and some while stopped; a bolus is interrupted."""
    running(host)
    host.do("bolus", **HOST_BOLUS)
    host.pump.run_for(MINUTE_MS)
    host.pump.board.counter.extra += 5
    faulted(host, "over-delivery")
    host.pump.run_for(5 * MINUTE_MS)                # what was too much is made up for first
    host.pump.world.move_to(host.pump.now_ms + MINUTE_MS)           # six steps, of which the counter misses five
    host.pump.board.counter.extra -= 5
    host.pump.run_for(20 * MINUTE_MS)
    faulted(host, "under-delivery")
    host.do("stop")
    host.pump.board.counter.extra += 1
    faulted(host, "step while stopped")


def limit(host):
    """45 steps more than planned in an hour that allows 40 uL, within a tolerance of 100."""
    running(host, RIG | {"tolerance_steps": 100}, CONTINUOUS | {"limits": NO_LIMITS | {"max_1h_nl": 40_000}})
    host.pump.board.counter.extra += 45
    host.pump.run_for(40 * MINUTE_MS)
    faulted(host, "limit exceeded")


def storage(host):
    """The flash refuses to program; after a power-up with a good chip the fault can be acknowledged."""
    running(host)
    host.pump.flash.prog = lambda cfg, block, off, data: IO_ERROR
    host.pump.run_for(HOUR_MS)
    host.ask("ack")
    host.do("status")
    del host.pump.flash.prog
    host.ask("ack")
    host.reboot(CAUSE_POWER)
    host.do("clock", utc_ms=LATER_UTC_MS)
    host.do("ack")
    host.do("start")


def firmware(host):
    """A part of the board fails in a way that the contract does not know, in a poll and in a request."""
    running(host, RIG | {"supply_low_mv": 3000})
    host.pump.board.supply.read_mv = _fail
    host.pump.poll()
    del host.pump.board.supply.read_mv
    faulted(host, "firmware error")
    host.pump.board.rtc.set_utc_s = _fail
    host.refused("internal", "clock", utc_ms=LATER_UTC_MS)
    del host.pump.board.rtc.set_utc_s
    faulted(host, "firmware error")


def _fail(*_):
    raise ValueError("broken")


def inputs(host):
    """The driver's stall output with and without a pressure sensor, pressure, the end switch and the stop switch."""
    running(host)
    host.pump.board.inputs.level = INPUT_STALL
    host.pump.poll()
    host.pump.board.inputs.level = 0
    faulted(host, "occlusion")
    host.pump.board.inputs.level = INPUT_LIMIT
    host.pump.poll()
    host.do("ack")                                  # its cause is there: it stays
    host.pump.board.inputs.level = 0
    faulted(host, "end of travel")
    host.pump.board.inputs.level = INPUT_STOP       # pressed and let go before anybody looks
    host.pump.board.inputs.level = 0
    host.pump.poll()
    faulted(host, "stop switch")
    host.do("prime", volume_nl=1_000_000)
    host.pump.run_for(1000)
    host.pump.board.inputs.level = INPUT_STALL
    host.pump.poll()
    host.pump.board.inputs.level = 0
    faulted(host, "occlusion")


def pressure(host):
    running(host, RIG | {"pressure_limit": 1000})
    host.pump.board.pressure.level = 1000
    host.pump.poll()
    host.pump.board.pressure.level = 1001
    host.pump.poll()
    host.pump.board.pressure.level = 900
    faulted(host, "occlusion")
    host.pump.board.inputs.level = INPUT_STALL
    host.pump.poll()
    host.pump.board.inputs.level = 0
    faulted(host, "motor stall")


def broken_sensor(host):
    running(host)
    host.pump.board.pressure.level = PRESSURE_BROKEN
    host.pump.poll()
    host.do("ack")                                  # its cause is there: it stays
    host.pump.board.pressure.level = 900
    faulted(host, "pressure sensor")


def supply(host):
    """Ends a bolus, bars the next, leaves the basal rate."""
    running(host, RIG | {"supply_low_mv": 4500}, ON_DEMAND)
    host.do("bolus", **HOST_BOLUS)
    host.pump.run_for(MINUTE_MS)
    host.pump.board.supply.level_mv = 4499
    host.pump.poll()
    host.refused("denied", "bolus", **BY_BUTTON)
    shown(host, "supply low")
    host.pump.board.supply.level_mv = None
    host.pump.run_for(HOUR_MS)


def reservoir(host):
    """1 mL: low at 0.4 mL, empty after 27 h 46 min 40 s."""
    running(host, RIG | {"reservoir_nl": 1_000_000}, CONTINUOUS | {"low_nl": 400_000})
    host.pump.run_for(17 * HOUR_MS)
    shown(host, "reservoir low")
    host.pump.run_for(11 * HOUR_MS)
    host.refused("bad_state", "start")
    host.do("stop")
    host.do("refill", added_nl=900_000, withdrawn_nl=0)
    faulted(host, "reservoir empty")


def auto_off(host):
    running(host, RIG | {"auto_off_h": 3})
    host.pump.run_for(2 * HOUR_MS)
    host.do("ack")                                  # a sign of the operator
    host.pump.run_for(3 * HOUR_MS + 1000)
    faulted(host, "auto-off")


def service(host):
    """360 steps an hour: 80 % of 3000 steps after 6 h 40 min, all after 8 h 20 min; the sums outlive a reset."""
    running(host, RIG | {"service_steps": 3000, "service_motor_h": 100})
    host.pump.run_for(6 * HOUR_MS + 20 * MINUTE_MS)
    shown(host, "service due")
    host.do("stop")
    host.reboot(CAUSE_WATCHDOG)
    shown(host, "watchdog reset")
    shown(host, "clock not set")
    host.do("clock", utc_ms=LATER_UTC_MS)
    host.do("start")
    host.pump.run_for(2 * HOUR_MS)
    shown(host, "end of service")


def program_ended(host):
    running(host, RIG, CONTINUOUS | {"ends": {"after_s": 3600, "volume_nl": 0}})
    host.pump.run_for(HOUR_MS)
    shown(host, "program ended")


def journal(host):
    """Nine of eleven segments that nobody has read are 81 % of the room; reading them ends the warning."""
    board = host.pump.board
    write_journal(board.storage, board.unique_id, 9)
    host.reboot(CAUSE_POWER)
    running(host)
    shown(host, "journal nearly full")
    host.pull()
    host.pump.run_for(HOUR_MS)
    if host.do("status")["alarms"]:
        raise AssertionError("all has been read, so nothing is to be warned of")


SCENES = (counts, limit, storage, firmware, inputs, pressure, broken_sensor, supply, reservoir, auto_off, service,
          program_ended, journal)
