"""A day on a pump from Python. Here it is simulated; `Pump.find()` is the pump on USB, `Pump.find("left")` yours.

Run it in the project's environment: python host_tools/examples/library.py
"""

from pathlib import Path

from pumpctl import Pump, PumpRefused
from pumpsim import SimPump

EXAMPLES = Path(__file__).parent

sim = SimPump()
with Pump.simulated(sim) as pump:
    pump.push(EXAMPLES / "everything.toml", rig=EXAMPLES / "bench-1.toml")
    pump.set_clock()
    pump.ack()                                      # that the clock was not set at power-up
    pump.start()
    ahead = pump.preview(days=1)
    print(f"ahead: {ahead.days[0].programmed_nl} nL until midnight, {len(ahead.boluses)} boluses in a day")

    print("bolus:", pump.bolus(volume_nl=10_000, over_s=60))
    try:
        pump.bolus()                                # the program's on-demand bolus: still locked
    except PumpRefused as error:
        print("refused:", error.code)
    sim.run_for(24 * 3_600_000)                     # a real pump needs a day for that

    pump.stop()
    status = pump.wait_until("stopped", timeout_s=5)
    print(f"delivered: {status.delivered_nl} nL, {status.bolus_nl} of it in boluses")
    results = pump.results()
    for bolus in results.events.boluses[:3]:
        print("bolus:", bolus.kind, bolus.requested_nl, "nL,", bolus.outcome)
    print(f"proven: {results.chain}")
