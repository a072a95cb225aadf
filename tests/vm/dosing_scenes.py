"""Scenes with every way to dose: ramps, boluses of each kind, outcome and denial, the button, temporary rates, primes,
withdrawals, refills, trials, soft limits, the clock, and resets in the middle of each.

Every scene is a function of a fresh Host; START is a Friday 00:00 in Berlin, two days before summer time.
"""

from pump.board import CAUSE_POWER, CAUSE_SOFT, CAUSE_WATCHDOG, INPUT_BUTTON
from tests.pumps import BERLIN, DAY_MS, HOUR_MS, NO_LIMITS, RIG, START_UTC_MS, body_of, program
from tests.vm.recorded_host import expect_ok

MINUTE_MS = 60_000
# 36 uL/h: one step of 100 nL in 10 s; on demand 10 uL over 2 min, locked for an hour, two a day
ON_DEMAND = program(plans=[[0, 36_000]], on_demand=[10_000, 120, 3600, 2])
CONTINUOUS = program(plans=[[0, 36_000]])
HOST_BOLUS = {"volume_nl": 50_000, "over_s": 600, "confirm": 0}
BY_BUTTON = {"volume_nl": 0, "over_s": 0, "confirm": 0}


def click(host):
    """Presses and lets go, bouncing for 12 ms each time."""
    for level in (INPUT_BUTTON, 0):
        for part in (level, INPUT_BUTTON - level, level, INPUT_BUTTON - level, level):
            host.pump.board.inputs.level = part
            host.pump.poll()
            host.pump.run_for(3)
        host.pump.run_for(200)


def hold(host, ms):
    for level, for_ms in ((INPUT_BUTTON, ms), (0, 200)):
        host.pump.board.inputs.level = level
        host.pump.poll()
        host.pump.run_for(for_ms)


def ramps(host):
    """Up, level, down through the minimum rate, over three days with the change to summer time."""
    plan = [0, 20_000, 60_000, 360, 60_000, 60_000, 720, 60_000, 0]
    host.ready(RIG, program(minimum_nl_per_h=3_600) | {"plans": [plan]})
    host.do("start")
    for _ in range(3):
        host.pump.run_for(DAY_MS)
        host.do("status")


def scheduled_boluses(host):
    """Given, late, missed, and in the gap of a clock change; then every three hours."""
    given, late, missed, in_gap = [60, 127, 50_000, 600, 0], [480, 127, 50_000, 600, 30], [490, 127, 9_000, 60, 0], [
        150, 127, 20_000, 60, 600]
    host.ready(RIG, program(plans=[[0, 36_000]], boluses=[given, late, missed, in_gap]))
    host.do("start")
    host.pump.run_for(2 * DAY_MS + 7 * HOUR_MS)
    host.do("suspend")
    host.pump.run_for(75 * MINUTE_MS)               # summer time began: it is 09:15, then 08:15 by the clock set back
    host.do("clock", utc_ms=START_UTC_MS + 2 * DAY_MS + 7 * HOUR_MS + 15 * MINUTE_MS)
    host.do("resume")
    host.pump.run_for(5 * HOUR_MS)
    host.do("clock", utc_ms=START_UTC_MS + 5 * DAY_MS)              # days forward, in the middle of nothing
    host.pump.run_for(9 * HOUR_MS)
    host.do("clock", utc_ms=START_UTC_MS + 4000 * DAY_MS)           # years of them missed: one record
    host.pump.run_for(HOUR_MS)
    expect_ok(host.push("program", body_of(program(plans=[[0, 0]], zone=BERLIN, periodic=[5_000, 60, 10_800]))))
    host.pump.run_for(DAY_MS)
    host.do("status")


def boluses_by_hand(host):
    """Every denial that a request can meet, and every way a bolus can end."""
    limits = NO_LIMITS | {"max_bolus_nl": 60_000, "max_1h_nl": 120_000}
    host.ready(RIG, ON_DEMAND | {"limits": limits})
    host.refused("bad_state", "bolus", **HOST_BOLUS)
    host.refused("bad_state", "cancel")
    host.do("start")
    host.refused("bad_value", "bolus", volume_nl=50_000, over_s=0, confirm=0)
    host.refused("denied", "bolus", volume_nl=99, over_s=10, confirm=0)             # less than a step
    host.refused("denied", "bolus", volume_nl=60_100, over_s=10, confirm=0)         # above max_bolus
    host.do("bolus", **BY_BUTTON)
    host.refused("denied", "bolus", **HOST_BOLUS)                   # busy
    host.pump.run_for(30 * MINUTE_MS)
    host.refused("denied", "bolus", **BY_BUTTON)                    # lockout
    host.do("bolus", **HOST_BOLUS)
    host.pump.run_for(3 * MINUTE_MS)
    host.do("cancel")
    host.refused("denied", "bolus", volume_nl=60_000, over_s=10, confirm=0)         # max_1h
    host.pump.run_for(2 * HOUR_MS)
    host.do("bolus", **BY_BUTTON)
    host.pump.run_for(2 * HOUR_MS)
    host.refused("denied", "bolus", **BY_BUTTON)                    # daily_max
    host.do("bolus", **HOST_BOLUS)
    host.pump.run_for(5 * MINUTE_MS)
    host.do("clock", utc_ms=START_UTC_MS + 12 * HOUR_MS)            # moves no bolus
    host.pump.run_for(MINUTE_MS)
    host.do("suspend")
    host.do("resume")
    expect_ok(host.push("program", body_of(CONTINUOUS)))
    host.refused("denied", "bolus", **BY_BUTTON)                    # not configured
    host.do("status")
    host.do("stop")


def clipped_bolus(host):
    """A bolus that the highest rate makes longer."""
    host.ready(RIG, program(plans=[[0, 36_000, 5, 90_000]], limits=NO_LIMITS | {"max_rate_nl_per_h": 100_000}))
    host.do("start")
    host.do("bolus", volume_nl=40_000, over_s=60, confirm=0)
    host.pump.run_for(6 * HOUR_MS)
    host.do("status")


def button(host):
    """Bounce, a click while locked out, a hold that suspends, one held since power-up."""
    host.ready(RIG, ON_DEMAND)
    click(host)                                     # stopped: denied, and logged
    host.do("start")
    host.pump.run_for(HOUR_MS)
    click(host)
    host.pump.run_for(5 * MINUTE_MS)
    click(host)                                     # locked out
    hold(host, 4000)
    host.refused("bad_state", "suspend")
    host.do("resume")
    host.pump.run_for(HOUR_MS)
    hold(host, 2900)                                # a long click
    host.reboot(CAUSE_POWER)
    hold(host, 5000)                                # held since power-up: nothing
    click(host)
    host.do("status")


def temporary_rates(host):
    limits = NO_LIMITS | {"max_rate_nl_per_h": 100_000, "max_1h_nl": 90_000}
    host.ready(RIG, program(plans=[[0, 36_000]], limits=limits))
    host.refused("bad_state", "temp", percent=150, rate_nl_per_h=0, for_s=60)
    host.do("start")
    host.refused("limit", "temp", percent=-1, rate_nl_per_h=100_001, for_s=60)
    host.refused("limit", "temp", percent=-1, rate_nl_per_h=99_000, for_s=7200)
    for percent, rate_nl_per_h, for_s in ((150, 0, 3600), (0, 0, 1800), (-1, 72_000, 1800)):
        host.do("temp", percent=percent, rate_nl_per_h=rate_nl_per_h, for_s=for_s)
        host.pump.run_for(HOUR_MS)
    host.do("temp", percent=200, rate_nl_per_h=0, for_s=86_400)
    host.do("bolus", volume_nl=5_000, over_s=600, confirm=0)
    host.pump.run_for(5 * MINUTE_MS)
    host.do("temp", percent=0, rate_nl_per_h=0, for_s=0)            # the bolus goes on
    host.pump.run_for(HOUR_MS)
    host.do("bridge", volume_nl=100_000, over_s=7200)
    host.pump.run_for(3 * HOUR_MS)
    host.do("status")


def transfers(host):
    """Primes from every state, in stairs, a withdrawal, refills, and a reset in each."""
    host.ready(RIG | {"v": 3, "ramp": [20, 300], "reservoir_nl": 10_000_000}, CONTINUOUS)
    host.refused("limit", "prime", volume_nl=2_000_001)
    host.refused("bad_value", "prime", volume_nl=99)
    host.do("prime", volume_nl=123_400)
    host.refused("bad_state", "prime", volume_nl=100)
    host.pump.run_for(30_000)
    host.do("withdraw", volume_nl=10_000)
    host.pump.run_for(5_000)
    host.do("start")
    host.refused("bad_state", "withdraw", volume_nl=10_000)
    host.pump.run_for(10 * MINUTE_MS)
    host.do("bolus", **HOST_BOLUS)
    host.pump.run_for(MINUTE_MS)
    host.do("prime", volume_nl=1_000_000)           # interrupts the bolus; 100 s, then the schedule goes on
    host.do("status")
    host.pump.run_for(HOUR_MS)
    host.do("suspend")
    host.do("prime", volume_nl=50_000)
    host.pump.run_for(2_005)
    host.do("stop")
    host.refused("limit", "refill", added_nl=10_000_001, withdrawn_nl=-1)
    host.do("refill", added_nl=1_000_000, withdrawn_nl=-1)
    host.do("start")
    host.pump.run_for(HOUR_MS)
    host.do("refill", added_nl=9_000_000, withdrawn_nl=100)         # far from what was expected
    host.do("stop")
    for name in ("prime", "withdraw"):
        host.do(name, volume_nl=1_000_000)
        host.pump.run_for(10_000)
        host.reboot(CAUSE_POWER)
        host.do("status")


def trials(host):
    """Ends by time over two resets, ends by volume."""
    host.pump.rtc.fit()
    host.ready(RIG, program(plans=[[0, 36_000]], ends={"after_s": 86_400, "volume_nl": 0}, resume="basal"))
    host.do("start")
    for cause in (CAUSE_POWER, CAUSE_WATCHDOG):
        host.pump.run_for(7 * HOUR_MS)
        host.reboot(cause)
    host.pump.run_for(11 * HOUR_MS)
    if host.do("status")["reason"] != "program ended":
        raise AssertionError("a trial ends by its time whatever resets there were")
    expect_ok(host.push("program", body_of(program(plans=[[0, 36_000]], ends={"after_s": 0, "volume_nl": 36_000}))))
    host.do("start")
    host.pump.run_for(2 * HOUR_MS)
    host.do("ack")
    host.do("status")


def soft_limits(host):
    soft = NO_LIMITS | {"max_rate_nl_per_h": 50_000, "max_bolus_nl": 40_000}
    host.ready(RIG, CONTINUOUS)
    beyond = body_of(program(soft_limits=soft))     # 55 uL/h from 06:30 on
    host.push("program", beyond)
    if "soft_limit" not in host.codes:
        raise AssertionError("a program beyond its soft limits needs a confirmation")
    expect_ok(host.push("program", beyond, confirm=1))
    host.do("start")
    host.refused("soft_limit", "bolus", **HOST_BOLUS)
    host.do("bolus", **(HOST_BOLUS | {"confirm": 1}))
    host.pump.run_for(HOUR_MS)


def refused_programs(host):
    """What the static check refuses: the rate, the windows, boluses that overlap or are too close, looser limits."""
    host.ready(RIG | {"max_24h_nl": 1_400_000}, CONTINUOUS)
    for document in (program(plans=[[0, 145_000_000]]), program(plans=[[0, 60_000]]),
                     program(plans=[[0, 55_000]], boluses=[[600, 16, 90_000, 60, 0]]),
                     program(boluses=[[600, 127, 5_000, 600, 0], [605, 127, 5_000, 600, 0]]),
                     program(periodic=[5_000, 3600, 60]), program(on_demand=[900_000, 60, 3600, 5]),
                     program(limits=NO_LIMITS | {"max_bolus_nl": 1_000_001})):
        if "error" not in host.push("program", body_of(document)):
            raise AssertionError(f"expected a refusal of {document}")
    expect_ok(host.push("rig", body_of(RIG | {"max_rate_nl_per_h": 35_999, "max_24h_nl": 1_400_000})))
    host.do("status")                               # the program no longer fits


def resets(host):
    """Resets in a bolus and in a temporary rate; lockout and windows with the battery-backed clock and without."""
    host.pump.rtc.fit()
    host.ready(RIG, ON_DEMAND | {"resume": "basal"})
    host.do("start")
    host.pump.run_for(30 * MINUTE_MS)
    host.do("bolus", **BY_BUTTON)
    host.pump.run_for(MINUTE_MS)
    for cause in (CAUSE_SOFT, CAUSE_WATCHDOG, CAUSE_POWER):
        host.reboot(cause)
        host.do("status")
        host.refused("denied", "bolus", **BY_BUTTON)
        host.pump.run_for(15 * MINUTE_MS)
        host.do("temp", percent=200, rate_nl_per_h=0, for_s=86_400)
    host.pump.rtc.stop_oscillator()
    host.reboot(CAUSE_POWER)
    host.refused("clock_not_set", "start")
    host.pump.run_for(HOUR_MS)
    host.do("clock", utc_ms=START_UTC_MS + DAY_MS)                  # it goes on by itself
    host.pump.run_for(HOUR_MS)
    host.do("status")


SCENES = (ramps, scheduled_boluses, boluses_by_hand, clipped_bolus, button, temporary_rates, transfers, trials,
          soft_limits, refused_programs, resets)
