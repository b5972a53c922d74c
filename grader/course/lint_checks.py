"""What lint says about checks.py: checks that cannot fail, loose tolerances, numbers that no seed decides."""

import ast
from collections.abc import Collection, Iterator

from grader.course.python_code import Code, FunctionDef, dotted_name, imported_names
from grader.course.yaml_tree import Node, Problem, YamlFile

#: Looser than this, a tolerance lets real mistakes through, and wants a reason.
LOOSE = 1e-3
_PREFIX = "test_"
_FAILING = ("assert", "require", "raises", "fail")

_DRAWS = {"rand", "randn", "randint", "randperm", "normal", "bernoulli", "multinomial", "poisson"}
_DRAWS |= {"rand_like", "randn_like", "randint_like"}
#: Methods that fill a tensor; no other kind of object is likely to have them.
_FILLS = {"normal_", "uniform_", "random_", "exponential_", "bernoulli_", "cauchy_", "log_normal_", "geometric_"}
#: Makers of a source of random numbers: they are fine with a seed.
_SEEDED = {"random.Random", "numpy.random.default_rng", "numpy.random.RandomState"}
#: Parts of numpy.random and random that draw nothing.
_NO_DRAWS = {"random.seed", "numpy.random.seed", "numpy.random.Generator", "numpy.random.SeedSequence"}
_NO_DRAWS |= {"random.getstate", "random.setstate"}


def check_checks(code: Code | None, source: YamlFile) -> Iterator[Problem]:
    """Give what is wrong with the checks that are written in Python.

    Args:
        code: checks.py, or None where there is none, or none that can be parsed.
        source: The exercise.yaml that declares them.
    """
    if code is None:
        return
    functions = [node for node in code.tree.body if isinstance(node, FunctionDef)]
    yield from _check_declared(code, source, functions)
    can_fail = _names_that_can_fail(code.tree)
    for function in functions:
        if function.name.startswith(_PREFIX) and not _has_failing_part(function, can_fail):
            text = f"`{function.name}` asserts nothing, so no answer is wrong; compare with assert_close or require"
            yield code.problem(function, text)
    yield from _check_calls(code)


def _check_declared(code: Code, source: YamlFile, functions: list[FunctionDef]) -> Iterator[Problem]:
    checks = source.root.at("checks")
    ids: dict[str, Node] = {check.at("id").text or "": check for check in checks.items}
    written: dict[str, FunctionDef] = {}
    for function in functions:
        if not function.name.startswith(_PREFIX):
            continue
        name = function.name.removeprefix(_PREFIX)
        if name in written:
            text = f"`{function.name}` is in line {written[name].lineno} already and replaces it; rename one"
            yield code.problem(function, text)
        elif checks.items and all(ids) and name not in ids:
            text = f"`{function.name}` is not declared and never runs; add `- id: {name}` to `checks:`"
            yield code.problem(function, text)
        written.setdefault(name, function)
    yield from find_missing_checks(source, written)


def find_missing_checks(source: YamlFile, functions: Collection[str]) -> Iterator[Problem]:
    """Give the checks that are neither declared by a `call` nor, without their prefix, among the functions."""
    for check in source.root.at("checks").items:
        node = check.at("id")
        if node.text and check.at("call").value is None and node.text not in functions:
            text = f"checks.py has no `{_PREFIX}{node.text}`; write it, or give this check a `call:`"
            yield Problem(source.path, node.line, node.column, text)


def _names_that_can_fail(tree: ast.Module) -> Collection[str]:
    """Return the names of all functions and methods of a file that assert something, if only by way of others."""
    functions = [node for node in ast.walk(tree) if isinstance(node, FunctionDef)]
    found: set[str] = set()
    while fresh := {f.name for f in functions if f.name not in found and _has_failing_part(f, found)}:
        found |= fresh
    return found


def _has_failing_part(function: FunctionDef, can_fail: Collection[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert | ast.Raise):
            return True
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name in can_fail or name.lstrip("_").startswith(_FAILING):
                return True
    return False


def _check_calls(code: Code) -> Iterator[Problem]:
    imported = imported_names(code.tree)
    comments = code.comment_lines()
    for statement in ast.walk(code.tree):
        if not isinstance(statement, ast.stmt):
            continue
        for call in _own_calls(statement):
            yield from _check_tolerances(code, call, {statement.lineno - 1, call.lineno - 1}, comments)
            yield from _check_draw(code, call, imported)


def _own_calls(statement: ast.stmt) -> Iterator[ast.Call]:
    """Give the calls of a statement, without those of the statements inside it."""
    remaining: list[ast.AST] = [statement]
    while remaining:
        for child in ast.iter_child_nodes(remaining.pop()):
            if not isinstance(child, ast.stmt):
                remaining.append(child)
                if isinstance(child, ast.Call):
                    yield child


def _check_tolerances(code: Code, call: ast.Call, above: set[int], comments: set[int]) -> Iterator[Problem]:
    lines = {*above, *range(call.lineno, (call.end_lineno or call.lineno) + 1)}
    for keyword in call.keywords:
        value = keyword.value
        if keyword.arg not in ("rtol", "atol") or not isinstance(value, ast.Constant):
            continue
        if isinstance(value.value, int | float) and value.value > LOOSE and not lines & comments:
            text = f"{keyword.arg}={ast.unparse(value)} is looser than {LOOSE:g}; tighten it, or say why in a comment"
            yield code.problem(value, f"{text} on this line or the one above")


def _check_draw(code: Code, call: ast.Call, imported: dict[str, str]) -> Iterator[Problem]:
    """Give a call that draws random numbers which `--seed` would not repeat."""
    given = {keyword.arg for keyword in call.keywords}
    name = dotted_name(call.func, imported) or ""
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    shown = ast.unparse(call.func)
    shown = shown if len(shown) <= 40 else f"....{method}"
    if (name.startswith("torch.") and name.removeprefix("torch.") in _DRAWS) or method in _FILLS:
        if not given & {"generator", None}:
            yield code.problem(call, f"`{shown}` draws without a generator; write `generator=rng`")
    elif name in _SEEDED:
        if not call.args and not given:
            yield code.problem(call, f"`{shown}()` has no seed; write `{shown}(seed)`")
    elif name.startswith("random.") and name not in _NO_DRAWS and name.removeprefix("random.").islower():
        yield code.problem(call, f"`{shown}` draws without a seed; draw from `random.Random(seed)`")
    elif name.startswith("numpy.random.") and name not in _NO_DRAWS:
        yield code.problem(call, f"`{shown}` draws without a seed; draw from `numpy.random.default_rng(seed)`")
