"""The mutants that are known to survive, and why: survivors/MODULE.toml.

    [[survivor]]
    at = "Planner.next_due"               # the function
    was = "a < b"                         # the change, as the runner prints it
    now = "a <= b"                        # or a list of such
    equivalent = true                     # nothing can tell the two apart: left out of the score
    why = "..."

A `[[rule]]` stands for all changes of one kind: `at`, `was` and `now` are patterns then, and `now` may be left out.
"""

import re
import tomllib
from pathlib import Path

FOLDER = Path(__file__).with_name("survivors")
FIELDS = ("at", "was", "now")


def stored():
    """{module: its document}."""
    return {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.toml"))}


class Known:
    """The entries of the files."""

    def __init__(self, documents=None):
        self._rules = {}
        self._entries = {}
        for module, document in (stored() if documents is None else documents).items():
            self._rules[module] = document.get("rule", ())
            for entry in document.get("survivor", ()):
                for now in changes(entry):
                    self._entries[module, entry["at"], entry["was"], now] = entry

    def entry(self, mutant):
        """The entry or the rule of a mutant, or None."""
        names = (mutant.function, *mutant.change)
        found = self._entries.get((mutant.module, *names))
        rules = (rule for rule in self._rules.get(mutant.module, ())
                 if all(re.search(rule.get(field, ""), name) for field, name in zip(FIELDS, names, strict=True)))
        return found or next(rules, None)


def changes(entry):
    """What an entry's line became: one or several."""
    return entry["now"] if isinstance(entry["now"], list) else [entry["now"]]
