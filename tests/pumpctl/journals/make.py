"""Makes the stored journal of the present journal version: `python -m tests.pumpctl.journals.make`, once a version.

A simulated pump is taken through every kind of event. A file that exists is left alone: pumps of that version are out
there, and what the host reads from them must not change.
"""

import sys
from pathlib import Path

from pump import record, slots
from pump.board import CAUSE_POWER, CAUSE_WATCHDOG, INPUT_BUTTON
from pumpctl.columns import rows_of
from pumpctl.exporting import export
from tests.pumps import DAY_MS, HOUR_MS, NO_LIMITS, RIG, START_UTC_MS, ask, program, push, ready_pump, records, refused
from tests.sessions import Session, lock_up

HERE = Path(__file__).parent
MINUTE_MS = 60_000
ON_DEMAND = [10_000, 120, 3600, 2]                       # 10 uL over 2 min, locked for 1 h, twice a day
SCHEDULED = [[480, 127, 50_000, 600, 0], [500, 127, 20_000, 60, 30]]
RAMP = [0, 20_000, 60_000, 360, 60_000, 60_000, 720, 60_000, 0]


def run():
    """The pump, after two days and a half with everything in them."""
    pump = ready_pump(RIG | {"reservoir_nl": 20_000_000, "quantum_min": 30}, program(
        on_demand=ON_DEMAND, boluses=SCHEDULED, low_nl=5_000_000,
        soft_limits=NO_LIMITS | {"max_bolus_nl": 60_000}) | {"plans": [RAMP]})
    refused(pump, "resume")
    ask(pump, "ack")
    ask(pump, "start")
    boluses(pump)
    pump.run_for(20 * HOUR_MS)                           # over noon and midnight
    rates(pump)
    fluids(pump)
    resets(pump)
    assert "ok" in push(pump, "program", program(periodic=[5000, 60, 7200], ends={"after_s": 54_000, "volume_nl": 0}))
    ask(pump, "start")
    pump.run_for(16 * HOUR_MS)                           # over midnight; the trial is over after 15
    chronicle, now_ms = pump.app.parts.chronicle, ask(pump, "hello")["uptime_ms"]      # these need a full journal
    chronicle.note(now_ms, record.EVENT_DROPPED, record.ACTOR_PUMP, 0, record.DROPPED, 0, 1024,
                   record.chain_of(records(pump)[-1]))
    chronicle.note(now_ms, record.EVENT_PULLED, record.ACTOR_PUMP, 0, record.PULLED, 2048)
    pump.firmware.choice = slots.to_be_tried("b", "a")
    pump.bench.inputs.level = INPUT_BUTTON
    pump.boot(CAUSE_POWER)
    pump.bench.inputs.level = 0
    ask(pump, "ack")
    lock_up(pump)
    Session(pump, role_key=bytes(32))                    # a failure
    Session(pump).set_keys(b"")
    other_rig(pump)
    return pump


def boluses(pump):
    ask(pump, "bolus", volume_nl=0, over_s=0, confirm=0)
    refused(pump, "bolus", volume_nl=5000, over_s=60, confirm=0)
    pump.run_for(HOUR_MS // 2)
    refused(pump, "bolus", volume_nl=0, over_s=0, confirm=0)
    ask(pump, "bolus", volume_nl=70_000, over_s=600, confirm=1)
    pump.run_for(5 * MINUTE_MS)
    ask(pump, "cancel")
    ask(pump, "bolus", volume_nl=6000, over_s=600, confirm=0)
    pump.run_for(5 * MINUTE_MS)
    ask(pump, "suspend")
    pump.run_for(8 * HOUR_MS)                            # two scheduled ones come too late
    ask(pump, "resume")


def rates(pump):
    for percent, rate_nl_per_h in ((150, 0), (-1, 72_000)):
        ask(pump, "temp", percent=percent, rate_nl_per_h=rate_nl_per_h, for_s=1800)
        pump.run_for(HOUR_MS)
    ask(pump, "temp", percent=-1, rate_nl_per_h=0, for_s=0)
    ask(pump, "bridge", volume_nl=100_000, over_s=3600)
    pump.run_for(2 * HOUR_MS)
    pump.board.counter.extra += 50                       # more steps than were asked for
    pump.run_for(MINUTE_MS)
    ask(pump, "ack")


def fluids(pump):
    ask(pump, "prime", volume_nl=123_400)
    pump.run_for(MINUTE_MS)
    ask(pump, "withdraw", volume_nl=20_000)
    pump.run_for(1000)
    ask(pump, "stop")
    ask(pump, "refill", added_nl=500_000, withdrawn_nl=-1)
    ask(pump, "refill", added_nl=3_000_000, withdrawn_nl=15_000_000)     # and below the low level
    ask(pump, "refill", added_nl=15_000_000, withdrawn_nl=-1)


def resets(pump):
    pump.rtc.fit()
    for cause in (CAUSE_POWER, CAUSE_WATCHDOG):
        ask(pump, "clock", utc_ms=ask(pump, "status")["utc_ms"] + 90_500)
        ask(pump, "start")
        ask(pump, "bolus", volume_nl=50_000, over_s=3600, confirm=0)
        pump.run_for(45 * MINUTE_MS)
        pump.boot(cause)
        pump.run_for(MINUTE_MS)
        ask(pump, "ack")


def other_rig(pump):
    """One that moves a tenth of the volume with each step."""
    ask(pump, "clock", utc_ms=ask(pump, "status")["utc_ms"] or START_UTC_MS + 4 * DAY_MS)
    ask(pump, "stop")
    assert "ok" in push(pump, "rig", RIG | {"pl_per_rev": RIG["pl_per_rev"] // 10, "max_step_rate": 40_000})


def main():
    pump = run()
    found = records(pump)
    target = HERE / f"v{record.JOURNAL_VERSION}.bin"
    if target.exists():
        print(f"{target.name} exists; it is left as it is")
        return 1
    target.write_bytes(b"".join(found))
    export(rows_of(found), "csv", target.with_suffix(".csv"))
    print(f"{target.name}: {len(found)} records")
    return 0


if __name__ == "__main__":
    sys.exit(main())
