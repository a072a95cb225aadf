"""How fast two other simulators of dosing are on this machine, where the extra `peers` is installed.

They simulate other things, so the ratio says how long a test bench waits, not who computes better. labmcp-new-era has
the commands of a New Era syringe pump and a volume that grows linearly; it has no schedule and no log, so a host keeps
both, asking once a simulated second, the resolution of a dose log. simglucose has an insulin pump with its controller,
a glucose sensor and a patient; its sensor sets the step, 3 min.
"""

import logging
import time
import warnings
from datetime import datetime, timedelta
from itertools import pairwise

DAY_S = 86400
HOURS_OF_NEW_ERA = 4          # a steady figure in some seconds
WEEKDAY = ((0, 20), (6.5, 55), (22, 20), (24, 20))        # circadian.toml, Monday to Friday: from the hour, uL/h
MEALS = [(7, 45), (12, 70), (18, 80)]                     # hour, g of carbohydrate
GET_THEM = '.venv/bin/pip install -c requirements.lock -e ".[peers]"'


def new_era(hours=HOURS_OF_NEW_ERA):
    """Simulated seconds in a second: a host keeps the schedule and reads the volume each simulated second."""
    from labmcp.transports.sim import SimulatedTransport
    from labmcp_new_era.driver import NewEraPump
    from labmcp_new_era.simulator import NewEraSimulator

    now_s = 0.0
    wire = SimulatedTransport(NewEraSimulator(clock=lambda: now_s), read_termination="\x03", write_termination="\r")
    pump = NewEraPump(wire)
    rate = WEEKDAY[0][1]
    pump.start_pumping("INF", volume_ml=9, rate_ml_min=rate / 60_000)
    began = time.perf_counter()
    for second in range(hours * 3600):
        now_s = second + 1.0
        wanted = next(rate for (since, rate), (until, _) in pairwise(WEEKDAY) if since <= second / 3600 < until)
        if wanted != rate:
            rate = wanted
            pump.command(f"RAT{rate}UH")
        infused, _, unit = pump.dispensed()
    took = time.perf_counter() - began
    assert unit == "ML" and abs(infused - hours * WEEKDAY[0][1] / 1000) < 0.001, "the peer has not delivered"
    return hours * 3600 / took


def glucose():
    """Simulated seconds in a second: a day of an adolescent with three meals and the basal-bolus controller."""
    logging.disable(logging.WARNING)
    warnings.filterwarnings("ignore")
    from simglucose.actuator.pump import InsulinPump
    from simglucose.controller.basal_bolus_ctrller import BBController
    from simglucose.patient.t1dpatient import T1DPatient
    from simglucose.sensor.cgm import CGMSensor
    from simglucose.simulation.env import T1DSimEnv
    from simglucose.simulation.scenario import CustomScenario
    from simglucose.simulation.sim_engine import SimObj

    environment = T1DSimEnv(T1DPatient.withName("adolescent#001"), CGMSensor.withName("Dexcom", seed=1),
                            InsulinPump.withName("Insulet"), CustomScenario(datetime(2026, 1, 1), scenario=MEALS))
    day = SimObj(environment, BBController(), timedelta(days=1), animate=False)
    began = time.perf_counter()
    day.simulate()
    return DAY_S / (time.perf_counter() - began)


def peers(line, runs=3):
    """A line of figures for each peer that is installed, else how to get it."""
    for name, run in (("labmcp-new-era, read each second", new_era), ("simglucose, a day", glucose)):
        try:
            found = [run() for _ in range(runs)]
        except ImportError:
            print(f"{name:44s} not installed; {GET_THEM}")
        else:
            line(name, found, "x real", "none, a peer")
