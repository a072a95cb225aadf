"""The firmware's modules as one source: a Pico then reads one table of names instead of one a module. Knows no pump.

`bundled` puts together what is imported at the heads of files. What a function imports stays a module of its own, so
that it costs nothing where it is not wanted. The code is the same but for three things: a name that belongs to a module
is replaced by one that no other module has, a constant stands in the place of its name, and private names are short.
What only the host uses is left out. Modules must hold constants, functions and classes only: importing them does
nothing, so it matters little when.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Sequence

from pumpctl.bundle_names import BUNDLE, Names
from pumpctl.bundle_rewriter import Rewriter
from pumpctl.module_names import Module, bindings, used_names


def bundled(sources: dict[str, str], roots: Sequence[str]) -> dict[str, str]:
    """Sources by module: "firmware" for all that importing `roots` imports at heads of files, and each of the others,
    which take from it what they used to import.

    `sources` by module, packages left out. BundleError where a module is not made of what can be put together.
    """
    modules = {name: Module(name, source) for name, source in sources.items()}
    inside = _in_order(modules, roots)
    names = Names(modules, inside)
    apart = {name: Rewriter(names, modules[name]).statements_apart() for name in modules if name not in inside}
    wanted = {alias.name for statements in apart.values() for node in statements
              if isinstance(node, ast.ImportFrom) and node.module == BUNDLE for alias in node.names}
    body = [statement for name in inside for statement in Rewriter(names, modules[name]).statements()]
    together = _used([*names.foreign_imports(inside), *body], wanted)
    return {name: _text(statements) for name, statements in {BUNDLE: together, **apart}.items()}


def _in_order(modules: dict[str, Module], roots: Sequence[str]) -> list[str]:
    """The modules in the order in which importing `roots` runs them."""
    done: list[str] = []

    def visit(name: str) -> None:
        if name in modules and name not in done:
            for other in modules[name].head_imports(modules):
                visit(other)
            done.append(name)

    for root in roots:
        visit(root)
    return done


def _used(statements: list[ast.stmt], wanted: set[str]) -> list[ast.stmt]:
    """Without those that bind only what neither another one uses nor anybody wants."""
    names = [(set(bindings([node])), used_names(node)) for node in statements]
    kept = list(range(len(statements)))
    while True:
        uses = Counter(name for index in kept for name in names[index][1])
        left = [index for index in kept
                if any(name in wanted or uses[name] > (name in names[index][1]) for name in names[index][0])]
        if left == kept:
            return [statements[index] for index in kept]
        kept = left


def _text(statements: Iterable[ast.stmt]) -> str:
    tree = _Bare().visit(ast.Module(list(statements), []))
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


class _Bare(ast.NodeTransformer):
    """`a, b = c, d` stays without parentheses, with which MicroPython would make a tuple in the heap."""

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        if isinstance(node.value, ast.Tuple) and isinstance(node.targets[0], ast.Tuple) and node.value.elts:
            node.value = ast.Name(", ".join(ast.unparse(part) for part in node.value.elts), ast.Load())
        return node
