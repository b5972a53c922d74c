"""Find names an exercise forbids, by reading the syntax tree before any of it runs."""

import ast
from collections.abc import Container


def find_forbidden(tree: ast.AST, forbid: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Return (forbidden name, line, column) for every use of a dotted name in `forbid`.

    `import torch.nn.functional as F; F.softmax(x)`, `from torch.nn.functional import softmax` or `*`,
    `F = torch.nn.functional` and `torch.nn.functional.softmax` are all the name `torch.nn.functional.softmax`.
    The name of a module forbids all that is in it. A rule without a module, such as `.softmax`, forbids the
    attribute or method of that name on anything.

    Out of reach, since nothing runs here: names in strings (`getattr(torch, "softmax")`, `importlib`), and
    modules that come out of a container or a call. Columns count from 1, in UTF-8 bytes as Python's do.
    """
    if not forbid:
        return []
    aliases = _imported_names(tree)
    starred = _starred_modules(tree)
    own = aliases.keys() | _bound_names(tree)
    found: set[tuple[int, int, str]] = set()
    for node in ast.walk(tree):
        names: set[str | None]
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            names = {f".{node.attr}", _dotted_name(node, aliases)}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names = {aliases.get(node.id, node.id)}
            names |= {f"{module}.{node.id}" for module in starred if node.id not in own}
        else:
            continue
        hits = [rule for rule in forbid if any(name and f"{name}.".startswith(f"{rule}.") for name in names)]
        found |= {(node.lineno, node.col_offset + 1, rule) for rule in hits}
    return [(rule, line, column) for line, column, rule in sorted(found)]


def _imported_names(tree: ast.AST) -> dict[str, str]:
    """Return what a name stands for: a module or something of one, imported or assigned (`F = torch.nn.functional`)."""
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                aliases[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
            dotted = _dotted_name(node.value, aliases, aliases)
            if dotted:
                aliases |= {target.id: dotted for target in node.targets if isinstance(target, ast.Name)}
    return aliases


def _starred_modules(tree: ast.AST) -> list[str]:
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level)
    return [node.module for node in imports if node.module and node.names[0].name == "*"]


def _bound_names(tree: ast.AST) -> set[str]:
    """Return the names the file gives to something of its own: a starred import does not mean these."""
    bound = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
    return bound


def _dotted_name(node: ast.expr, aliases: dict[str, str], known: Container[str] | None = None) -> str | None:
    parts = []
    base = node
    while isinstance(base, ast.Attribute):
        parts.append(base.attr)
        base = base.value
    if not isinstance(base, ast.Name) or (known is not None and base.id not in known):
        return None
    return ".".join([aliases.get(base.id, base.id), *reversed(parts)])
