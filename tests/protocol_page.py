"""firmware/PROTOCOL.md as tests read it: its tables and its code blocks."""

import re
from pathlib import Path

TEXT = (Path(__file__).parents[1] / "firmware/PROTOCOL.md").read_text(encoding="utf-8")


def table(heading):
    """Rows of the first table under a heading, as lists of cells, without its head."""
    section = re.split(rf"^#+ {heading}$", TEXT, flags=re.MULTILINE)[1]
    section = re.split(r"^#", section, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def block(name):
    """Lines of the code block of that name."""
    return re.search(rf"^```{name}\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL).group(1).splitlines()
