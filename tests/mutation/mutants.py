"""The mutants of firmware/pump: one small change each, found by mutmut's operators inside functions and methods.

A mutant is put into the running program by exchanging the code of the one function that it changes: nothing is written
to disk, no module is imported anew, and the unchanged functions run at full speed.
"""

import ast
import difflib
import importlib
from functools import cached_property
from pathlib import Path

import libcst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import create_mutations

PUMP = Path(__file__).parents[2] / "firmware" / "pump"
# Calls that end in words for a person, and from which argument on. Callers match codes, never words (pump/errors.py),
# and so do most tests: a change of nothing but words is no mutant.
WORDS_FROM = {"PumpError": 1, "ValueError": 0, "refuse": 0, "Reader": 2}
# Nor is a change to `/`: tests/test_architecture.py lets no division into firmware/pump that makes a float.
REFUSED = libcst.Divide | libcst.DivideAssign


class Mutant:
    """One change of one function.

    `module` is "planner", `function` "Planner.next_due", `lines` are the first and the last one of what changes.
    """

    def __init__(self, tree, mutation, module, function, lines):
        self.module, self.function, self.lines = module, function, lines
        self._tree, self._mutation = tree, mutation

    @property
    def path(self):
        return PUMP / f"{self.module}.py"

    @cached_property
    def source(self):
        """The whole module, changed."""
        return self._tree.deep_replace(self._mutation.original_node, self._mutation.mutated_node).code

    @cached_property
    def change(self):
        """(lines that go, lines that come), each as one text without indentation and comments at the end."""
        changes = [line for line in difflib.unified_diff(self._tree.code.splitlines(), self.source.splitlines(), n=0)
                   if line[0] in "+-" and line[:3] not in ("+++", "---")]
        return tuple(" ".join(line[1:].split("  #")[0].strip() for line in changes if line[0] == sign)
                     for sign in "-+")

    def install(self):
        """Exchanges the function's code in this process; for good."""
        changed = {"__name__": f"pump.{self.module}"}
        exec(compile(self.source, str(self.path), "exec"), changed)
        target = _inside(vars(importlib.import_module(f"pump.{self.module}")), self.function)
        other = _inside(changed, self.function)
        target.__code__, target.__defaults__ = other.__code__, other.__defaults__

    def diff(self):
        was, now = self.change
        return f"{self.module}.py:{self.lines[0]} {self.function}\n  - {was}\n  + {now}"


def _inside(names, path):
    """The function that `path` ("Class.method" or "function") names among a module's names."""
    head, _, tail = path.partition(".")
    found = vars(names[head])[tail] if tail else names[head]
    return found.__func__ if isinstance(found, staticmethod | classmethod) else found


def all_mutants():
    """Those of every file, in the order of files and lines."""
    return [mutant for path in sorted(PUMP.glob("*.py")) for mutant in mutants_of(path)]


def mutants_of(path):
    """Those of one file. Constants, tables and properties have none: mutmut changes plain functions and methods."""
    source = path.read_text(encoding="utf-8")
    tree, mutations, *_ = create_mutations(str(path), source)
    line_of = _lines(tree, source)
    functions = _functions(source)
    words = _words(tree)
    found = []
    for mutation in mutations:
        if (id(mutation.original_node) in words or _changes_words(mutation)
                or isinstance(getattr(mutation.mutated_node, "operator", None), REFUSED)):
            continue
        lines = line_of[id(mutation.original_node)]
        inside = [name for first, last, name in functions if first <= lines[0] <= last]
        if mutation.contained_by_top_level_function is not None and inside:
            found.append(Mutant(tree, mutation, path.stem, inside[0], lines))
    return found


def _lines(tree, source):
    """{id of a node of `tree`: (first line, last line)}, looked up at its twin in the same source parsed again."""
    twins = MetadataWrapper(libcst.parse_module(source), unsafe_skip_copy=True)
    positions = twins.resolve(PositionProvider)
    found, stack = {}, [(tree, twins.module)]
    while stack:
        node, twin = stack.pop()
        if twin in positions:
            found[id(node)] = positions[twin].start.line, positions[twin].end.line
        stack += zip(node.children, twin.children, strict=True)
    return found


def _first_words(call):
    """From which argument on a call has words; more than it has where there are none."""
    name = call.func.attr.value if isinstance(call.func, libcst.Attribute) else getattr(call.func, "value", "")
    return WORDS_FROM.get(name, len(call.args))


def _words(tree):
    """ids of the nodes within words for a person."""
    found, stack = set(), [(tree, False)]
    while stack:
        node, is_words = stack.pop()
        if is_words:
            found.add(id(node))
        first = _first_words(node) if isinstance(node, libcst.Call) else 0
        spoken = [] if not isinstance(node, libcst.Call) else node.args[first:]
        stack += [(child, is_words or any(child is part for part in spoken)) for child in node.children]
    return found


def _changes_words(mutation):
    """True where a call is changed in nothing but its words."""
    call, changed = mutation.original_node, mutation.mutated_node
    if not (isinstance(call, libcst.Call) and isinstance(changed, libcst.Call)) or call.func is not changed.func:
        return False
    first = _first_words(call)
    kept = [a.value.deep_equals(b.value) for a, b in zip(call.args[:first], changed.args[:first])]
    return first < len(call.args) and len(kept) == first and all(kept)


def _functions(source):
    """(first line, last line, qualified name) of functions and of methods."""
    found = []
    for node in ast.parse(source).body:
        prefix, parts = (f"{node.name}.", node.body) if isinstance(node, ast.ClassDef) else ("", [node])
        found += [(part.lineno, part.end_lineno, prefix + part.name) for part in parts
                  if isinstance(part, ast.FunctionDef)]
    return found
