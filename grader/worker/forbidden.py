"""Find names an exercise forbids, by reading the syntax tree before any of it runs."""

import ast


def find_forbidden(tree: ast.AST, forbid: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Return (forbidden name, line, column) for every use of a dotted name in `forbid`.

    `import torch.nn.functional as F; F.softmax(x)`, `from torch.nn.functional import softmax` and
    `torch.nn.functional.softmax` are all the name `torch.nn.functional.softmax`. A rule without a module,
    such as `.softmax`, forbids the attribute or method of that name on anything.
    """
    if not forbid:
        return []
    aliases = _imported_names(tree)
    found: list[tuple[str, int, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Attribute):
            dotted = _dotted_name(node, aliases)
            names = {f".{node.attr}"} | ({dotted} if dotted else set())
        elif isinstance(node, ast.Name):
            names = {aliases.get(node.id, node.id)}
        else:
            continue
        found += [(rule, node.lineno, node.col_offset + 1) for rule in forbid if rule in names]
    return sorted(set(found), key=lambda hit: hit[1:])


def _imported_names(tree: ast.AST) -> dict[str, str]:
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
    return aliases


def _dotted_name(node: ast.Attribute, aliases: dict[str, str]) -> str | None:
    parts = [node.attr]
    base: ast.expr = node.value
    while isinstance(base, ast.Attribute):
        parts.append(base.attr)
        base = base.value
    if not isinstance(base, ast.Name):
        return None
    return ".".join([aliases.get(base.id, base.id), *reversed(parts)])
