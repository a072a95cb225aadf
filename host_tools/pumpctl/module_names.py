"""Which names a module of the firmware has, where they come from, and which are local. Reads syntax trees only."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from functools import cached_property

_OWN_SCOPE = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
Origin = tuple[str, str | None]         # (module, name in it, or None for the module itself)


class Module:
    """`imported` maps each name of a head import to its origin."""

    def __init__(self, name: str, source: str):
        self.name = name
        tree = ast.parse(source)
        self.body = tree.body[1:] if ast.get_docstring(tree) is not None else tree.body
        self.imported: dict[str, Origin] = {}
        for node in self.body:
            if isinstance(node, ast.Import):
                self.imported.update({alias.asname or alias.name: (alias.name, None) for alias in node.names})
            elif isinstance(node, ast.ImportFrom):
                self.imported.update({alias.asname or alias.name: (node.module or "", alias.name)
                                      for alias in node.names})

    @cached_property
    def own_names(self) -> dict[str, None]:
        """What the module itself binds, in order."""
        found = dict.fromkeys(bindings(self.body))
        return {name: None for name in found if name not in self.imported}

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """The expression of each name that one plain assignment binds, and nothing else."""
        single = [node for node in self.body if isinstance(node, ast.Assign) and len(node.targets) == 1
                  and isinstance(node.targets[0], ast.Name)]
        found = {node.targets[0].id: node.value for node in single}     # pyright: ignore[reportAttributeAccessIssue]
        bound = list(bindings(self.body))
        changed = {name for node in ast.walk(ast.Module(self.body, [])) if isinstance(node, ast.Global)
                   for name in node.names}
        return {name: value for name, value in found.items() if bound.count(name) == 1 and name not in changed}

    @cached_property
    def free_or_local(self) -> set[str]:
        """All names that some function binds, and those that nothing in the module binds: nobody else may have them."""
        found: set[str] = set()
        used: set[str] = set()
        for node in ast.walk(ast.Module(self.body, [])):
            if isinstance(node, ast.Name):
                used.add(node.id)
            elif isinstance(node, _OWN_SCOPE) and not isinstance(node, ast.ClassDef):
                found |= of_function(node)
        return found | (used - set(self.own_names) - set(self.imported))

    def has(self, name: str) -> bool:
        return name in self.own_names or name in self.imported

    def module_named(self, name: str, modules: Collection[str]) -> str | None:
        """Which of our modules a name of a head import stands for, or None."""
        module, what = self.imported.get(name, ("", None))
        full = f"{module}.{what}" if what else module
        return full if full in modules else None

    def head_imports(self, modules: Collection[str]) -> list[str]:
        """Our modules that importing this one imports, in order."""
        found = [f"{module}.{name}" if name and f"{module}.{name}" in modules else module
                 for module, name in self.imported.values()]
        return [name for name in found if name in modules]

    def late_imports_of(self, node: ast.AST, modules: Collection[str]) -> list[str]:
        """Our modules that this statement imports."""
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            found = [full if (full := f"{module}.{alias.name}") in modules else module for alias in node.names]
        return [name for name in dict.fromkeys(found) if name in modules]


def of_function(node: ast.AST) -> set[str]:
    """The names that are local to a function, a lambda or a comprehension."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        arguments = node.args
        found = {argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                                               arguments.vararg, arguments.kwarg) if argument}
        body = node.body if isinstance(node, ast.FunctionDef) else [node.body]
        declared = {name for part in body for inner in ast.walk(part) if isinstance(inner, ast.Global)
                    for name in inner.names}
        return (found | set(bindings(body))) - declared
    assert isinstance(node, _COMPREHENSIONS)
    return {name for generator in node.generators for name in bindings([generator.target])}


def used_names(node: ast.AST) -> set[str]:
    """All names that stand anywhere in it as names, not as attributes."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def of_class(node: ast.ClassDef) -> set[str]:
    """The names that a class body binds."""
    return set(bindings(node.body))


def bindings(nodes: list) -> Iterator[str]:
    """Names bound by statements and expressions, those inside of functions, classes and comprehensions left out."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
            yield from bindings(list(ast.iter_child_nodes(node)))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif not isinstance(node, _OWN_SCOPE):
            yield from bindings(list(ast.iter_child_nodes(node)))
