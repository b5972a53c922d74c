"""What lint says about the code of an exercise: stub against solution, and the mutants."""

import ast
import difflib
import re
import sys
from collections.abc import Iterator, Mapping

from grader.course.derived_stub import check_markers
from grader.course.python_code import (
    Code,
    FunctionDef,
    is_public,
    methods,
    parameters,
    same_code,
    signature,
    top_level,
)
from grader.course.yaml_tree import Problem

#: What every learner has beside the standard library.
LEARNERS_HAVE = ("torch", "numpy")

#: A shape, such as (B, T), (n,), (..., d_k) or (), or a word about it.
_SHAPE = re.compile(
    r"\((\s*|[\w.*+/ -]+,[\w.,*+/\s-]*)\)|\b(shapes?|shaped|scalars?|elementwise|element by element)\b", re.IGNORECASE
)
_TENSOR = re.compile(r"\b(Tensor|ndarray)\b")


def check_stub(stub: Code, solution: Code) -> Iterator[Problem]:
    """Give what is wrong with what the learner gets."""
    solved = top_level(solution.tree)
    for name, node in top_level(stub.tree).items():
        if not isinstance(node, FunctionDef | ast.ClassDef) or not is_public(name):
            continue
        if name not in solved:
            yield stub.problem(node, f"the solution has no `{name}`; {_instead(name, solved)}")
        counterpart = solved.get(name)
        if counterpart is not None and same_code(node, counterpart):
            continue  # given code
        if isinstance(node, FunctionDef):
            yield from _check_function(stub, node, counterpart, name)
        else:
            yield from _check_class(stub, node, counterpart, solved)


def _check_class(
    stub: Code, owner: ast.ClassDef, counterpart: ast.stmt | None, solved: Mapping[str, ast.stmt]
) -> Iterator[Problem]:
    if ast.get_docstring(owner) is None:
        yield stub.problem(owner, f"the class `{owner.name}` has no docstring; say what it is for")
    inherited = _methods_with_bases(counterpart, solved) if isinstance(counterpart, ast.ClassDef) else None
    for name, function in methods(owner).items():
        if not is_public(name):
            continue
        shown = f"{owner.name}.{name}"
        if inherited is not None and name not in inherited and _knows_bases(counterpart, solved):
            yield stub.problem(function, f"the solution has no `{shown}`; {_instead(name, inherited)}")
        same = inherited.get(name) if inherited else None
        if same is None or not same_code(function, same):
            yield from _check_function(stub, function, same, shown, owner)


def _methods_with_bases(owner: ast.stmt, solved: Mapping[str, ast.stmt]) -> dict[str, FunctionDef]:
    found: dict[str, FunctionDef] = {}
    remaining, seen = [owner], set()
    while remaining:
        node = remaining.pop()
        if isinstance(node, ast.ClassDef) and node.name not in seen:
            seen.add(node.name)
            found = {**methods(node), **found}
            remaining += [solved[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in solved]
    return found


def _knows_bases(owner: ast.stmt | None, solved: Mapping[str, ast.stmt]) -> bool:
    """Tell whether everything a class inherits is in the same file."""
    if not isinstance(owner, ast.ClassDef):
        return False
    named = [solved.get(base.id) if isinstance(base, ast.Name) else None for base in owner.bases]
    return not owner.keywords and all(base is not owner and _knows_bases(base, solved) for base in named)


def _check_function(
    stub: Code, function: FunctionDef, counterpart: ast.stmt | None, shown: str, owner: ast.ClassDef | None = None
) -> Iterator[Problem]:
    if isinstance(counterpart, FunctionDef) and signature(function) != signature(counterpart):
        text = f"the signature of `{shown}` is `{signature(counterpart)}` in the solution; make them the same"
        yield stub.problem(function, text)
    docstring = ast.get_docstring(function) or ""
    if not docstring and not (owner is not None and function.name == "__init__"):
        yield stub.problem(function, f"`{shown}` has no docstring; say what it takes and returns, with shapes")
    taken = parameters(function)[owner is not None and not _is_static(function) :]
    bare = [arg.arg for arg in taken if arg.annotation is None]
    if bare:
        yield stub.problem(function, f"`{shown}` has no annotation for {', '.join(bare)}; add the types")
    if function.returns is None and not (owner is not None and function.name == "__init__"):
        yield stub.problem(function, f"`{shown}` does not say what it returns; add `-> ...:`")
    annotations = [node for node in (*(arg.annotation for arg in taken), function.returns) if node is not None]
    described = "\n".join((docstring, *_docstrings_named(stub, owner, docstring)))
    if docstring and any(_TENSOR.search(ast.unparse(node)) for node in annotations) and not _SHAPE.search(described):
        yield stub.problem(function, f"`{shown}` takes or returns tensors without a shape; write it as (B, T)")
    if not _is_unsolved(function):
        instead = "let it `raise NotImplementedError`, or give the solution's own code"
        yield stub.problem(function, f"`{shown}` is neither unsolved nor given; {instead}")


def _docstrings_named(stub: Code, owner: ast.ClassDef | None, docstring: str) -> Iterator[str]:
    """Give the docstrings a reader would look up: the class's, and those of what is named in `backticks`."""
    named = [node for name, node in top_level(stub.tree).items() if f"`{name}`" in docstring]
    for node in [*named, owner]:
        if isinstance(node, FunctionDef | ast.ClassDef):
            yield ast.get_docstring(node) or ""


def _is_static(function: FunctionDef) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "staticmethod" for node in function.decorator_list)


def _is_unsolved(function: FunctionDef) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name) and raised.id == "NotImplementedError":
                return True
    return False


def check_marked(solution: Code, stub: Code | None, words: str) -> Iterator[Problem]:
    """Give what is wrong with markers, and what a derived stub gives away: a name that only the solution needs.

    Args:
        solution: What the stub is derived from.
        stub: The derived stub; None if it cannot be parsed.
        words: The statement, the checks and all else that says which names a learner works with.
    """
    problems = list(check_markers(solution.text))
    yield from (solution.problem_at(problem.line, 0, problem.text) for problem in problems)
    if stub is None:
        if not problems:
            yield solution.problem(None, "what is left without the marked parts is not Python; mark whole statements")
        return
    for name, node in top_level(stub.tree).items():
        if isinstance(node, ast.Import | ast.ImportFrom) or (isinstance(node, FunctionDef) and _is_unsolved(node)):
            continue
        if isinstance(node, ast.ClassDef) and any(map(_is_unsolved, methods(node).values())):
            continue
        inside = set(map(id, ast.walk(node)))
        # `A, B = 1, 2` is wanted as a whole.
        names = {name} | {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(node, ast.Assign)}
        used = any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(stub.tree) if id(n) not in inside)
        described = any(f"`{name}`" in text or name in text.split() for text in _docstrings(stub.tree))
        if not used and not described and not re.search(rf"\b{re.escape(name)}\b", words):
            text = f"only the solution needs `{name}`, which gives its way away; put it between the markers as well"
            yield stub.problem(node, text)


def _docstrings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | FunctionDef) and (text := ast.get_docstring(node)):
            yield text


def check_imports(code: Code) -> Iterator[Problem]:
    """Give every import of what a learner may lack."""
    for node in ast.walk(code.tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        else:
            continue
        for name in names:
            module = name.split(".")[0]
            if module == "grader":
                yield code.problem(node, "`grader` belongs to the checks, a learner's file cannot use it; leave it out")
            elif module not in (*LEARNERS_HAVE, *sys.stdlib_module_names):
                text = f"a learner may lack `{module or name}`; use torch, numpy or the standard library"
                yield code.problem(node, text)


def check_mutant(mutant: Code, solution: Code | None) -> Iterator[Problem]:
    """Give why a mutant would not be a mistake: it changes nothing, or something that is never called."""
    if solution is None:
        return
    solved = top_level(solution.tree)
    own = top_level(mutant.tree)
    body = [node for node in mutant.tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    body = [node for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    if not body:
        yield mutant.problem(None, "the mutant has no code; redefine what it gets wrong")
        return
    if ast.get_docstring(mutant.tree) is not None:
        yield mutant.problem(mutant.tree.body[0], "`says` tells what is wrong; leave this docstring out")
    unused = [node for node in body if _is_unused(node, solved, mutant.tree)]
    for node in unused:
        assert isinstance(node, FunctionDef | ast.ClassDef)
        kept = {name for name in solved if name not in own and isinstance(solved[name], FunctionDef | ast.ClassDef)}
        yield mutant.problem(
            node, f"the solution has no `{node.name}`, so this changes nothing; {_instead(node.name, kept)}"
        )
    working = [node for node in body if node not in unused]
    if working and all(_is_copy(node, solved) for node in working):
        yield mutant.problem(working[0], "the mutant is the same as the solution; put the mistake in")


def _is_unused(node: ast.stmt, solved: Mapping[str, ast.stmt], tree: ast.Module) -> bool:
    """Tell whether a definition replaces nothing of the solution, and nothing in the mutant uses it."""
    if not isinstance(node, FunctionDef | ast.ClassDef) or node.name in solved:
        return False
    inside = set(map(id, ast.walk(node)))
    names = (other for other in ast.walk(tree) if isinstance(other, ast.Name) and id(other) not in inside)
    return all(other.id != node.name for other in names)


def _is_copy(node: ast.stmt, solved: Mapping[str, ast.stmt]) -> bool:
    names = top_level(ast.Module([node], []))
    return bool(names) and all(name in solved and same_code(node, solved[name], typed=False) for name in names)


def _instead(name: str, known: Mapping[str, object] | set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"did you mean `{near[0]}`?" if near else "add it there, or leave it out here"
