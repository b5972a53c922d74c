"""Make the automatic mutants of a solution: one small change each, in a fixed order, under a name that stays."""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from grader.verify.mutations import change_expression, change_function, change_statement, shorten

#: A text of at most so many characters says too little alone.
_SHORT = 8
_Path = tuple[tuple[str, int | None], ...]
_Function = ast.FunctionDef | ast.AsyncFunctionDef


class AutomaticMutant(NamedTuple):
    """A whole file that differs from the solution in one place; its name says in which."""

    name: str
    source: str


class _Change(NamedTuple):
    """One node to be replaced: where it is, by what, and the words for it."""

    path: _Path
    new: ast.AST
    text: str


def make_mutants(solution: str, stub: str = "") -> list[AutomaticMutant]:
    """Return every automatic mutant of a solution, in the order of the code.

    Passed over is what says or gives nothing: docstrings, annotations, imports, what is printed or only told in a
    message, code under `if __name__`, and every definition that the stub hands out ready made.
    """
    tree = ast.parse(solution)
    original = ast.unparse(tree)
    given = _find_given(ast.parse(stub))
    sources = {original}
    found: list[tuple[str, str]] = []
    for place, change in _list_changes(tree, given):
        mutated = _apply(tree, change)
        try:
            source = ast.unparse(mutated) + "\n"
            compile(source, "mutant.py", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):  # such as a name that is global and a parameter
            continue
        if source.strip() not in sources:
            sources.add(source.strip())
            found.append((f"{place}: {change.text}", source))
    return _number(found)


def _number(found: list[tuple[str, str]]) -> list[AutomaticMutant]:
    """Tell apart what has the same name: the second `0` -> `1` of a function is called so."""
    seen: Counter[str] = Counter()
    mutants = []
    for name, source in found:
        seen[name] += 1
        mutants.append(AutomaticMutant(name if seen[name] == 1 else f"{name} (no. {seen[name]})", source))
    return mutants


def _find_given(stub: ast.Module) -> set[str]:
    """Return what is in the stub with a body: names of functions and methods, and plain assignments as text."""
    given = set()
    for name, node in _definitions(stub, ""):
        if isinstance(node, _Function):
            if not any(
                "NotImplementedError" in ast.dump(part) for part in ast.walk(node) if isinstance(part, ast.Raise)
            ):
                given.add(name)
        else:
            given.add(ast.unparse(node))
    return given


def _definitions(node: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, ast.stmt]]:
    for part in node.body:
        if isinstance(part, ast.ClassDef):
            yield from _definitions(part, f"{prefix}{part.name}.")
        elif isinstance(part, _Function):
            yield f"{prefix}{part.name}", part
        else:
            yield prefix, part


def _list_changes(tree: ast.Module, given: set[str]) -> Iterator[tuple[str, _Change]]:
    yield from _walk_body(tree, (), "module", "", given)


def _walk_body(
    node: ast.Module | ast.ClassDef, path: _Path, place: str, prefix: str, given: set[str]
) -> Iterator[tuple[str, _Change]]:
    for i, part in enumerate(node.body):
        here = (*path, ("body", i))
        if isinstance(part, ast.ClassDef):
            yield from _walk_body(part, here, f"{prefix}{part.name}", f"{prefix}{part.name}.", given)
        elif isinstance(part, _Function):
            name = f"{prefix}{part.name}"
            if name not in given:
                yield from ((name, change) for change in _walk_function(part, here))
        elif not _is_silent(part) and ast.unparse(part) not in given:
            yield from ((place, change) for change in _walk(part, here, part))


def _walk_function(function: _Function, path: _Path) -> Iterator[_Change]:
    for part in ("defaults", "kw_defaults"):
        for i, default in enumerate(getattr(function.args, part)):
            if default is not None:
                yield from _walk(default, (*path, ("args", None), (part, i)), function)
    for new, text in change_function(function):
        yield _Change(path, new, text)
    yield from _walk_block(function, "body", path, function)


def _walk_block(node: ast.AST, field: str, path: _Path, function: ast.AST) -> Iterator[_Change]:
    for i, part in enumerate(getattr(node, field)):
        if not _is_silent(part):
            yield from _walk(part, (*path, (field, i)), function)


def _walk(node: ast.AST, path: _Path, function: ast.AST, around: ast.expr | None = None) -> Iterator[_Change]:
    """Yield the changes to a node, then those to what is in it; `around` is the expression that it is in."""
    if isinstance(node, _Function):
        yield from (change._replace(text=f"{node.name}: {change.text}") for change in _walk_function(node, path))
        return
    if isinstance(node, ast.JoinedStr | ast.Raise):  # what it says is for people
        if isinstance(node, ast.Raise):
            yield _Change(path, ast.Pass(), f"`{_show(node)}` deleted")
        return
    if isinstance(node, ast.stmt):
        yield from (_Change(path, new, text) for new, text in change_statement(node, function))
    elif isinstance(node, ast.expr):
        yield from (_Change(path, new, _say(node, new, around)) for new in change_expression(node))
        around = node if around is None or len(ast.unparse(node)) > _SHORT else around
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "ctx", "type_params") or (
            field == "func" and isinstance(value, ast.Name)
        ):
            continue
        if isinstance(value, list):
            yield from _walk_list(node, field, path, function, around)
        elif isinstance(value, ast.AST) and not _is_left_alone(node, field):
            yield from _walk(value, (*path, (field, None)), function, around)


def _walk_list(node: ast.AST, field: str, path: _Path, function: ast.AST, around: ast.expr | None) -> Iterator[_Change]:
    values = getattr(node, field)
    if values and isinstance(values[0], ast.stmt):
        yield from _walk_block(node, field, path, function)
        return
    for i, value in enumerate(values):
        # `strict` guards against mistakes, and there are none; `keepdim` is dropped as a whole.
        if isinstance(value, ast.keyword) and value.arg in ("strict", "keepdim", "keepdims"):
            continue
        if isinstance(value, ast.AST):
            yield from _walk(value, (*path, (field, i)), function, around)


def _is_left_alone(node: ast.AST, field: str) -> bool:
    """Tell whether a part is no value, but what a value is given to."""
    return isinstance(node, ast.For | ast.comprehension | ast.AugAssign | ast.AnnAssign) and field == "target"


def _is_silent(node: ast.stmt) -> bool:
    """Tell whether a statement has no part in the answer: a docstring, an import, a print, code for scripts."""
    if isinstance(node, ast.Expr):
        value = node.value
        printed = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"
        return isinstance(value, ast.Constant) or printed
    if isinstance(node, ast.If):
        # `if step % 100 == 0: print(...)` as a whole is for people, too.
        scripts = any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test))
        return scripts or all(map(_is_silent, [*node.body, *node.orelse]))
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Pass | ast.Global | ast.Nonlocal)


def _apply(tree: ast.Module, change: _Change) -> ast.Module:
    changed = copy.deepcopy(tree)
    node: ast.AST = changed
    for field, index in change.path[:-1]:
        value = getattr(node, field)
        node = value if index is None else value[index]
    field, index = change.path[-1]
    if index is None:
        setattr(node, field, change.new)
    else:
        getattr(node, field)[index] = change.new
    return ast.fix_missing_locations(changed)


def _say(old: ast.expr, new: ast.expr, around: ast.expr | None) -> str:
    """Put a change into words; what is as short as a number is shown with what it is in."""
    before, after = _show(old), _show(new)
    inside = f" in `{_show(around)}`" if around is not None and len(before) <= _SHORT else ""
    return f"`{before}` -> `{after}`{inside}"


def _show(node: ast.AST) -> str:
    return shorten(ast.unparse(node))
