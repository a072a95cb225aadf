"""The [driver] of a rig file: how a TMC2209 is set up over its serial line. Owns the table's keys and defaults."""

from __future__ import annotations

from pumpfiles.quantities import CURRENT, RESISTANCE
from pumpfiles.quantity_value import Echo, whole_of
from pumpfiles.toml_source import Value

CURRENT_MAX_MA = 2000
SENSE_LEAST_MOHM, SENSE_MAX_MOHM = 50, 1000
SENSE_DEFAULT_MOHM = 110                      # of most modules
MICROSTEPS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
KEYS = ("run_current", "hold_current", "sense_resistor", "stall_threshold", "stall_from")


def read_driver(table: Value | None, motor: Value, echo: Echo) -> list[int]:
    """The numbers of the pump's `driver`; none where the table is missing. `motor`: the table with the microsteps."""
    if table is None:
        return []
    table.only(*KEYS)
    driver = motor.maybe("driver")
    if driver is None or driver.raw != "TMC2209":
        raise table.refusal('driver = "TMC2209" in [motor] with it: no other has a serial line here')
    run = whole_of(table.take("run_current", str(CURRENT)), CURRENT, CURRENT_MAX_MA, echo, "run current", 50)
    hold, sense = table.maybe("hold_current"), table.maybe("sense_resistor")
    hold_ma = run // 2 if hold is None else whole_of(hold, CURRENT, run, echo, "hold current", 0)
    if hold is None:
        echo.lines.append(("hold current", f"not given, half of it = {hold_ma} mA"))
    sense_mohm = SENSE_DEFAULT_MOHM
    if sense is not None:
        sense_mohm = whole_of(sense, RESISTANCE, SENSE_MAX_MOHM, echo, "sense resistor", SENSE_LEAST_MOHM)
    microsteps = motor.take("microsteps", "such as 16")
    if microsteps.raw not in MICROSTEPS:
        raise microsteps.refusal("1, 2, 4 ... 256, as the driver is set up with it")
    return [run, hold_ma, sense_mohm, microsteps.raw, *_stall(table)]


def _stall(table: Value) -> tuple[int, int]:
    """(threshold, steps/s from which on it holds): both or neither."""
    threshold, since = table.maybe("stall_threshold"), table.maybe("stall_from")
    if threshold is None and since is None:
        return 0, 1
    return (table.take("stall_threshold", "such as 60, with stall_from").integer(0, 255),
            table.take("stall_from", "in steps/s, with stall_threshold").integer(1, 100_000, "steps/s"))
