"""Find names an exercise forbids, by reading the syntax tree before any of it runs."""

import ast


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
    _add_assigned_names(tree, forbid, aliases)
    starred = _starred_modules(tree)
    own = aliases.keys() | _bound_names(tree)
    found: set[tuple[int, int, str]] = set()
    for node in ast.walk(tree):
        names: set[str]
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            names = {f".{node.attr}", *_dotted_names(node, aliases)}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            names = _dotted_names(node, aliases)
            names |= {f"{module}.{node.id}" for module in starred if node.id not in own}
        else:
            continue
        hits = [rule for rule in forbid if any(f"{name}.".startswith(f"{rule}.") for name in names)]
        found |= {(node.lineno, node.col_offset + 1, rule) for rule in hits}
    return [(rule, line, column) for line, column, rule in sorted(found)]


def _imported_names(tree: ast.AST) -> dict[str, set[str]]:
    """Return all that a name may stand for: the modules, or parts of them, that are imported under it."""
    aliases: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.partition(".")[0]
                aliases.setdefault(alias.asname or root, set()).add(alias.name if alias.asname else root)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                aliases.setdefault(alias.asname or alias.name, set()).add(f"{node.module}.{alias.name}")
    return aliases


def _add_assigned_names(tree: ast.AST, forbid: tuple[str, ...], aliases: dict[str, set[str]]) -> None:
    """Add what is assigned from an import: `F = torch.nn.functional`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _root_name(node.value) in aliases:
            names = _dotted_names(node.value, aliases)
            # Only what may still lead to a rule: `x = x.T` sixty times would double the names sixty times.
            useful = {rule for rule in forbid if any(f"{name}.".startswith(f"{rule}.") for name in names)}
            useful |= {name for name in names if any(rule.startswith(f"{name}.") for rule in forbid)}
            for target in node.targets:
                if isinstance(target, ast.Name):
                    aliases.setdefault(target.id, {target.id}).update(useful)


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


def _root_name(node: ast.expr) -> str | None:
    """Return `a` of the expression `a.b.c`, None for anything else."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _dotted_names(node: ast.expr, aliases: dict[str, set[str]]) -> set[str]:
    """Return what the expression `a.b.c` may stand for."""
    root = _root_name(node)
    if root is None:
        return set()
    rest = ast.unparse(node).removeprefix(root)
    return {base + rest for base in aliases.get(root, {root})}
