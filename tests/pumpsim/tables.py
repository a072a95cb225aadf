"""The tables of sim/README.md that the code decides. `python -m tests.pumpsim.tables` writes them anew."""

import re
from dataclasses import fields
from pathlib import Path

from pumpsim import faults as registry
from pumpsim.plant import Parameters

README = Path(__file__).parents[2] / "sim" / "README.md"


def faults():
    """One line for each fault; one that happens at once and is over has no end."""
    lines = ["| fault | what it does | parameters |", "|---|---|---|"]
    for about in map(registry.described, registry.names()):
        once = " (once)" if about["momentary"] else ""
        told = "; ".join(_parameter(one) for one in about["parameters"])
        lines.append(f"| `{about['name']}`{once} | {about['text']} | {told} |")
    return "\n".join(lines)


def _parameter(about):
    unit = f" {about['unit']}" if about["unit"] else ""
    default = "needed" if about["default"] is None else f"{about['default']}{unit}"
    return f"`{about['name']}` {about['text']} ({default})"


def plant():
    """One line for each parameter of the plant."""
    lines = ["| parameter | unit | what it is | source | default |", "|---|---|---|---|---|"]
    for part in fields(Parameters):
        about = part.metadata
        first = " (first)" if about["at_first"] else ""
        lines.append(f"| `{part.name}`{first} | {about['unit']} | {about['text']} | {about['source']} | "
                     f"{part.default:g} |")
    return "\n".join(lines)


TABLES = {"faults": faults, "plant": plant}


def of_readme(name):
    return _found(name, README.read_text(encoding="utf-8"))[1].strip()


def _found(name, text):
    found = re.search(rf"(?s)<!-- {name} -->\n(.*?)<!-- end -->", text)
    assert found, f"sim/README.md has no table between <!-- {name} --> and <!-- end -->"
    return found


def main():
    text = README.read_text(encoding="utf-8")
    for name, make in TABLES.items():
        start, end = _found(name, text).span(1)
        text = text[:start] + make() + "\n" + text[end:]
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
