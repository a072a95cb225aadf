"""The mutants that are known to survive, and why: survivors.toml.

    [[survivor]]
    at = "planner Planner.next_due"       # the file and the function
    was = "a < b"                         # the change, as the runner prints it
    now = "a <= b"
    equivalent = true                     # nothing can tell the two apart: left out of the score
    why = "..."

A `[[rule]]` stands for all changes of one kind: `was` and `now` are patterns then, and `at` too.
"""

import re
import tomllib
from pathlib import Path

FILE = Path(__file__).with_name("survivors.toml")
FIELDS = ("at", "was", "now")


class Known:
    """The entries of the file."""

    def __init__(self, document=None):
        document = document or tomllib.loads(FILE.read_text(encoding="utf-8"))
        self._entries = {tuple(entry[field] for field in FIELDS): entry for entry in document.get("survivor", ())}
        self._rules = document.get("rule", ())

    def entry(self, mutant):
        """The entry or the rule of a mutant, or None."""
        names = (f"{mutant.module} {mutant.function}", *mutant.change)
        found = self._entries.get(names)
        rules = (rule for rule in self._rules
                 if all(re.search(rule.get(field, ""), name) for field, name in zip(FIELDS, names, strict=True)))
        return found or next(rules, None)
