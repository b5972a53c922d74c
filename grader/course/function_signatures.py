"""What the text of a stub or of checks.py defines, learnt without running it."""

import ast
import warnings
from collections.abc import Mapping
from inspect import Parameter, Signature

#: In characters; the longest checks.py has 18,000. How long Python takes to parse a text grows with the square of what
#: is in it: an f-string of this length takes a second, one of a megabyte ten minutes.
MAX_PYTHON = 60_000


def parse_python(text: str) -> ast.Module:
    """Parse code that an author wrote; what Python would only warn of is not our business.

    Raises:
        ValueError: If it is far too long.
        SyntaxError, RecursionError, MemoryError: As `ast.parse` does.
    """
    if len(text) > MAX_PYTHON:
        raise ValueError(f"longer than {MAX_PYTHON:,} characters")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def find_signatures(text: str | None) -> Mapping[str, Signature | None] | None:
    """Return the public functions and classes of a text, each with how it is called, or None if any call will do.

    Without a text, or with one that is no Python, the whole answer is None.
    """
    try:
        body = parse_python(text).body if text is not None else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if body is None:
        return None
    found: dict[str, Signature | None] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = None if node.decorator_list else _read_parameters(node.args, 0)
        elif isinstance(node, ast.ClassDef):
            init = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"]
            plain = init and not node.decorator_list
            found[node.name] = _read_parameters(init[-1].args, 1) if plain else None  # without `self`
    return {name: signature for name, signature in found.items() if not name.startswith("_")}


def _read_parameters(a: ast.arguments, skipped: int) -> Signature | None:
    places = [*a.posonlyargs, *a.args]
    first_default = len(places) - len(a.defaults)
    found = []
    for k, p in enumerate(places):
        kind = Parameter.POSITIONAL_ONLY if k < len(a.posonlyargs) else Parameter.POSITIONAL_OR_KEYWORD
        found.append(Parameter(p.arg, kind, default=Parameter.empty if k < first_default else ...))
    found = found[skipped:]
    if a.vararg:
        found.append(Parameter(a.vararg.arg, Parameter.VAR_POSITIONAL))
    for p, default in zip(a.kwonlyargs, a.kw_defaults, strict=True):
        found.append(Parameter(p.arg, Parameter.KEYWORD_ONLY, default=... if default else Parameter.empty))
    if a.kwarg:
        found.append(Parameter(a.kwarg.arg, Parameter.VAR_KEYWORD))
    try:
        return Signature(found)
    except ValueError:  # two parameters of one name parse, but are no Python
        return None


def write_signature(name: str, signature: Signature) -> str:
    """Write a call with its parameters, without their defaults: `fold(W, b, *, eps)`."""
    bare = [parameter.replace(default=Parameter.empty) for parameter in signature.parameters.values()]
    return f"{name}{Signature(bare)}"
