"""Which names a statement binds, and which it reads from around it, now or when what it defines is called."""

import ast
import builtins
import symtable
import warnings
from collections.abc import Iterator

BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign
_NOT_SIMPLE = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)


def bound_by_import(statement: ast.AST) -> set[str]:
    """Return the names that the imports within a statement bind; `*` for all of a module."""
    imports = [node for node in ast.walk(statement) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {alias.asname or alias.name.partition(".")[0] for node in imports for alias in node.names}


def assigned_names(statement: ast.stmt) -> set[str] | None:
    """Return the names that an assignment binds; None if it is none, or binds anything else than names."""
    match statement:
        case ast.Assign(targets=targets):
            found = [name for target in targets for name in _target_names(target)]
        case ast.AnnAssign(target=target, value=value) if value is not None:
            found = list(_target_names(target))
        case ast.AugAssign(target=target):
            found = list(_target_names(target))
        case _:
            return None
    return None if None in found else {name for name in found if name is not None}


def _target_names(target: ast.expr) -> Iterator[str | None]:
    stack = [target]
    while stack:
        match stack.pop():
            case ast.Name(id=name):
                yield name
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                stack += elements
            case ast.Starred(value=value):
                stack.append(value)
            case _:
                yield None


def patched_name(statement: ast.stmt) -> str | None:
    """Return `Value` for `Value.__radd__ = ...`: the name of which an attribute is set."""
    match statement:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name))]):
            return name
    return None


def is_simple(value: ast.expr | None) -> bool:
    """Tell whether a value can stand in a module: without `await`, `yield` and `:=`."""
    return value is not None and not any(isinstance(node, _NOT_SIMPLE) for node in ast.walk(value))


def read_names(statement: ast.stmt, text: str) -> set[str]:
    """Return the names that a statement, whose text this is, reads from around it, at once or when called."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = symtable.symtable(text, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the grade will say what is wrong
        return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    found = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    tables = list(table.get_children())
    while tables:
        table = tables.pop()
        found |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
        tables += table.get_children()
    if isinstance(statement, ast.AugAssign):
        found |= assigned_names(statement) or set()
    return found


def read_at_once(statement: ast.stmt) -> set[str]:
    """Return the names that are read when a statement runs, not only when what it defines is called."""
    found: set[str] = set()
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        later: set[int] = set()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            later = {id(part) for part in node.body}
        elif isinstance(node, ast.Lambda):
            later = {id(node.body)}
        stack += [child for child in ast.iter_child_nodes(node) if id(child) not in later]
    return found
