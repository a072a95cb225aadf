"""What the names of several modules become in one, and which of them are constants. Reads syntax trees only."""

from __future__ import annotations

import ast
import builtins

from pumpctl.module_names import Module
from pumpctl.short_names import is_private, short_name

BUNDLE = "firmware"                     # the module of all modules


class Names:
    """Of `modules`, by name; those in `inside` become one."""

    def __init__(self, modules: dict[str, Module], inside: list[str]):
        self.modules = modules
        self._inside = set(inside)
        self._taken = set(dir(builtins)).union(*(module.free_or_local for module in modules.values()))
        self._given: dict[tuple[str, str], str] = {}
        self._count = 0
        self._constants: dict[tuple[str, str], str | None] = {}
        for name in inside:
            for own in modules[name].own_names:
                if self.constant(name, own) is None:
                    self._give((name, own), own)

    @property
    def public(self) -> set[str]:
        """What the bundle calls that which other modules may take."""
        return {given for (_, name), given in self._given.items() if not is_private(name)}

    def is_inside(self, module: str) -> bool:
        return module in self._inside

    def constant(self, module: str, name: str) -> ast.expr | None:
        """The literal of a name that stands for one, or None."""
        if (module, name) not in self._constants:
            self._constants[module, name] = self._computed(module, name)
        found = self._constants[module, name]
        return None if found is None else ast.parse(found, mode="eval").body

    def _computed(self, module: str, name: str) -> str | None:
        value = self.modules[module].constants.get(name)
        if value is None:
            return None
        try:
            literal = _LiteralsOnly(self, module).visit(ast.parse(ast.unparse(value), mode="eval").body)
        except _NotConstantError:
            return None
        return repr(eval(ast.unparse(literal), {}))       # literals and operators only

    def of(self, module: str, name: str) -> ast.expr | None:
        """What stands in the bundle for `name` of a module in it."""
        origin = self.modules[module].imported.get(name)
        if origin is None:
            return self.constant(module, name) or ast.Name(self._given[module, name], ast.Load())
        return self.of_import(*origin)

    def of_import(self, module: str, name: str | None) -> ast.expr | None:
        """The same for what `from module import name` or `import module` gives; None for one of our modules."""
        if name and module in self.modules:
            return self.of(module, name) if self.is_inside(module) else None
        if (f"{module}.{name}" if name else module) in self.modules:
            return None
        return ast.Name(self._give((module, name or ""), name or module), ast.Load())

    def foreign_imports(self, inside: list[str]) -> list[ast.stmt]:
        """The bundle's imports of MicroPython's own modules, each once."""
        wanted = {}
        for module in inside:
            for origin in self.modules[module].imported.values():
                made = self.of_import(*origin)
                if isinstance(made, ast.Name) and origin[0] not in self.modules and origin != ("micropython", "const"):
                    wanted[origin] = made.id
        return [import_of(*origin, made) for origin, made in wanted.items()]

    def _give(self, key: tuple[str, str], wanted: str) -> str:
        if key not in self._given:
            if wanted in self._taken or is_private(wanted):
                wanted = self._next()
            self._taken.add(wanted)
            self._given[key] = wanted
        return self._given[key]

    def _next(self) -> str:
        while (name := short_name(self._count)) in self._taken:
            self._count += 1
        return name


def import_of(module: str, name: str | None, given: str) -> ast.stmt:
    """The statement that binds `given` to what `from module import name`, or without a name `import module`, gives."""
    if name is None:
        return ast.Import([ast.alias(module, given if given != module else None)])
    return ast.ImportFrom(module, [ast.alias(name, given if given != name else None)], 0)


class _NotConstantError(Exception):
    pass


class _LiteralsOnly(ast.NodeTransformer):
    """Puts literals in the place of names; raises where an expression is not made of literals and operators alone."""

    def __init__(self, names: Names, module: str):
        self._names = names
        self._module = names.modules[module]

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.BinOp | ast.UnaryOp | ast.Tuple | ast.operator | ast.unaryop | ast.expr_context):
            return super().generic_visit(node)
        raise _NotConstantError

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._literal(*self._module.imported.get(node.id, (self._module.name, node.id)))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        module = isinstance(node.value, ast.Name) and self._module.module_named(node.value.id, self._names.modules)
        return self._literal(module or "", node.attr)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and self._module.imported.get(node.func.id) == ("micropython", "const"):
            return self.visit(node.args[0])
        raise _NotConstantError

    def _literal(self, module: str, name: str | None) -> ast.expr:
        found = self._names.constant(module, name) if name and module in self._names.modules else None
        if found is None:
            raise _NotConstantError
        return found
