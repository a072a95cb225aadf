"""Program and rig files for the tests of the host: the examples, whole or with one thing changed."""

from datetime import UTC, datetime
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "host_tools/examples"
START = datetime(2026, 3, 27, tzinfo=UTC)

PROGRAM = '''\
name = "circadian"
fluid = { name = "dyed water", concentration = "0.5 mg/mL" }
time_zone = "Europe/Berlin"
[[schedule]]
days = "mon-fri"
segments = [
  { at = "00:00", rate = "20 uL/h" },
  { at = "06:30", rate = "55 uL/h" },
  { at = "22:00", rate = "20 uL/h" },
]
[[schedule]]
days = "sat,sun"
segments = [{ at = "00:00", rate = "0 uL/h" }]
'''

RIG = '''\
name = "bench-1"
[head]
kind = "syringe"
inner_diameter = "14.5 mm"
lead = "2 mm"
[motor]
full_steps = 200
microsteps = 16
max_step_rate = 4000
[reservoir]
capacity = "10 mL"
[limits]
max_rate = "2 mL/h"
max_1h = "2 mL"
max_24h = "20 mL"
[pins]
'''


def write(folder, text):
    """The path of a file that holds the text."""
    path = folder / "given.toml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(text, old, new):
    """The text with one thing changed, which must stand in it once."""
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)
