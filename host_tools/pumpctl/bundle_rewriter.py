"""One module's statements with the names that they have beside those of all others. Knows no firmware."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import count

from pumpctl.bundle_names import BUNDLE, Names, import_of
from pumpctl.errors import HostError
from pumpctl.module_names import Module, of_class, of_function
from pumpctl.short_names import is_private, short_name


class BundleError(HostError):
    """Something that cannot be put together; the text says where."""


class Rewriter(ast.NodeTransformer):
    """Of one module: what stands in it, but for its imports and its constants, is kept."""

    def __init__(self, names: Names, module: Module):
        self._names = names
        self._module = module
        self._is_inside = names.is_inside(module.name)
        self._scopes: list[set[str]] = []
        self._class: set[str] | None = None
        self._shorts: dict[str, str] = {}
        # apart, a module's own names and those that it takes stand side by side
        self._free = (name for name in map(short_name, count()) if self._is_inside or name not in names.public)
        self._wanted: dict[str, None] = {}          # of the bundle, by a module outside of it

    def statements(self) -> list[ast.stmt]:
        kept = [node for node in self._module.body if not isinstance(node, ast.Import | ast.ImportFrom)]
        return [made for node in kept if (made := self.visit(node)) is not None]

    def statements_apart(self) -> list[ast.stmt]:
        """The same for a module that is not in the bundle, its imports included."""
        statements = self.statements()
        return [*self._imports(), *statements]

    def _imports(self) -> list[ast.stmt]:
        """Of a module outside of the bundle: its own ones, and what it takes from the bundle."""
        found: list[ast.stmt] = []
        if self._wanted:
            found.append(ast.ImportFrom(BUNDLE, [ast.alias(name) for name in self._wanted], 0))
        for given, (module, name) in self._module.imported.items():
            source = f"{module}.{name}" if name and f"{module}.{name}" in self._names.modules else module
            if not self._names.is_inside(source) and (module, name) != ("micropython", "const"):
                found.append(import_of(module, name, given))
        return found

    # what binds names

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        if not self._scopes and self._class is None and self._is_constant(node):
            return None
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        node.name = self._bound(node.name)
        node.decorator_list = [self.visit(part) for part in node.decorator_list]
        self._visit_arguments(node.args)
        self._within(of_function(node), lambda: self._visit_body(node))
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        self._visit_arguments(node.args)
        self._within(of_function(node), lambda: setattr(node, "body", self.visit(node.body)))
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        if self._scopes or self._class is not None:
            raise self._error(node, "a class inside of a class or a function")
        node.name = self._bound(node.name)
        node.bases = [self.visit(base) for base in node.bases]
        self._class = of_class(node)
        self._visit_body(node)
        self._class = None
        return node

    def _visit_comprehension(self, node: ast.expr) -> ast.expr:
        if self._class is not None:
            raise self._error(node, "a comprehension in a class")
        self._within(of_function(node), lambda: self.generic_visit(node))
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._visit_comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.expr:
        return self._visit_comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.expr:
        return self._visit_comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        return self._visit_comprehension(node)

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        return self._visit_late_import(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        return self._visit_late_import(node)

    def _visit_late_import(self, node: ast.Import | ast.ImportFrom) -> ast.stmt:
        late = self._module.late_imports_of(node, self._names.modules)
        if any(self._names.is_inside(name) for name in late):
            raise self._error(node, "an import in a function of what others import at their head")
        return node

    def visit_Global(self, node: ast.Global) -> ast.stmt:
        node.names = [self._own(name).id for name in node.names]
        return node

    # what uses them

    def visit_Name(self, node: ast.Name) -> ast.expr:
        name = node.id
        if any(name in scope for scope in self._scopes):
            return node
        if not self._scopes and self._class is not None and name in self._class:
            return ast.Name(self._short(name), node.ctx)
        if self._module.module_named(name, self._names.modules):
            raise self._error(node, f"the module {name} as a value")
        made = self._own(name)
        if not self._scopes and self._class is not None and isinstance(made, ast.Name) and made.id in self._class:
            raise self._error(node, f"{name} in a class that has something of this name")
        if isinstance(made, ast.Name):
            made.ctx = node.ctx
        return made

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if isinstance(node.value, ast.Name) and not any(node.value.id in scope for scope in self._scopes):
            module = self._module.module_named(node.value.id, self._names.modules)
            if module and self._names.is_inside(module):
                if not self._names.modules[module].has(node.attr):
                    raise self._error(node, f"no {node.attr} in {module}")
                return self._taken(self._names.of(module, node.attr))
            if module:
                return node
        node.attr = self._short(node.attr)
        return self.generic_visit(node)

    # helpers

    def _own(self, name: str) -> ast.expr:
        """What a name of this module's own is called."""
        module = self._module
        if name in ("__name__", "__file__", "globals"):
            raise self._error(None, name)
        if self._is_inside:
            return self._names.of(module.name, name) if module.has(name) else ast.Name(name, ast.Load())
        origin = module.imported.get(name)
        if origin and origin[0] in self._names.modules and self._names.is_inside(origin[0]):
            return self._taken(self._names.of(*origin))
        if name in module.own_names:
            return self._names.constant(module.name, name) or ast.Name(self._short(name), ast.Load())
        return ast.Name(name, ast.Load())

    def _taken(self, made: ast.expr | None) -> ast.expr:
        """Notes that a module outside of the bundle takes this from it."""
        assert made is not None
        if isinstance(made, ast.Name) and not self._is_inside:
            self._wanted[made.id] = None
        return made

    def _bound(self, name: str) -> str:
        if self._scopes:
            return name
        return self._short(name) if self._class is not None else self._own(name).id

    def _is_constant(self, node: ast.Assign) -> bool:
        target = node.targets[0]
        return (len(node.targets) == 1 and isinstance(target, ast.Name)
                and self._names.constant(self._module.name, target.id) is not None)

    def _short(self, name: str) -> str:
        """A private name of this module's classes, or of a module outside of the bundle."""
        if not is_private(name):
            return name
        if name not in self._shorts:
            self._shorts[name] = next(self._free)
        return self._shorts[name]

    def _visit_arguments(self, arguments: ast.arguments) -> None:
        arguments.defaults = [self.visit(value) for value in arguments.defaults]
        arguments.kw_defaults = [value and self.visit(value) for value in arguments.kw_defaults]

    def _visit_body(self, node: ast.FunctionDef | ast.ClassDef) -> None:
        made = [self.visit(part) for part in node.body]
        node.body = made[1:] if ast.get_docstring(node) is not None else made
        node.body = node.body or [ast.Pass()]

    def _within(self, names: set[str], visit: Callable[[], object]) -> None:
        outer, self._class = self._class, None
        self._scopes.append(names)
        visit()
        self._scopes.pop()
        self._class = outer

    def _error(self, node: ast.AST | None, what: str) -> BundleError:
        line = f" line {node.lineno}" if node is not None and hasattr(node, "lineno") else ""
        return BundleError(f"{self._module.name}{line}: {what} cannot be put into the one module")
