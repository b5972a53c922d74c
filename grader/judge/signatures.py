"""What the stub asks for: names, parameters and return types, and whether a returned value fits them."""

import ast
from collections.abc import Mapping

import msgspec
import numpy as np
from torch import Tensor

from grader.judge.handle import Handle
from grader.testing import type_name

#: A long list is checked in its first items only: the checks themselves look at all of it.
MAX_ITEMS_LOOKED_AT = 1000


class Signature(msgspec.Struct, frozen=True):
    """One top-level function or class of a stub; `asked` when the learner has to write it."""

    name: str
    kind: str
    parameters: tuple[str, ...]
    returns: ast.expr | None
    asked: bool

    @property
    def call(self) -> str:
        """The call as one would write it: `fold(W, b)`."""
        return f"{self.name}({', '.join(self.parameters)})"


def parse_stub(source: str) -> dict[str, Signature]:
    """Read the signatures of a stub's public top-level functions and classes, in order."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            parameters = tuple(_parameters(node))
            found[node.name] = Signature(node.name, "function", parameters, node.returns, _raises(node))
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            init = next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)
            parameters = tuple(_parameters(init))[1:] if init else ()
            found[node.name] = Signature(node.name, "class", parameters, None, _raises(node))
    return found


def _parameters(node: ast.FunctionDef) -> list[str]:
    a = node.args
    names = [p.arg for p in [*a.posonlyargs, *a.args]]
    names += [f"*{a.vararg.arg}"] if a.vararg else []
    names += [p.arg for p in a.kwonlyargs]
    return names + ([f"**{a.kwarg.arg}"] if a.kwarg else [])


def _raises(node: ast.AST) -> bool:
    return any(
        isinstance(n, ast.Raise) and "NotImplementedError" in ast.dump(n.exc) for n in ast.walk(node) if _has_exc(n)
    )


def _has_exc(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) and node.exc is not None


def find_type_problem(value: object, annotation: ast.expr | None, what: str) -> str | None:
    """Say how a returned value differs from the annotation of the stub, or None if it fits."""
    if annotation is None or _fits(value, annotation):
        return None
    inner = _find_inner_problem(value, annotation, what)
    if inner:
        return inner
    hint = "; does every path of it end in `return`?" if value is None else ""
    if isinstance(value, Tensor) and value.numel() == 1 and ast.unparse(annotation) in ("float", "int", "bool"):
        hint = "; end with .item()"
    return f"{what} should be {ast.unparse(annotation)}, not {_name_of(value)}{hint}"


def _find_inner_problem(value: object, annotation: ast.expr, what: str) -> str | None:
    """For a container of the right type with a wrong item, name the item."""
    if not isinstance(annotation, ast.Subscript):
        return None
    outer, inner = _name(annotation.value), _arguments(annotation)
    if outer in ("list", "tuple") and type(value).__name__ == outer and isinstance(value, list | tuple):
        if outer == "tuple" and not _variadic(inner):
            if len(value) != len(inner):
                return f"{what} should be {ast.unparse(annotation)}, but holds {len(value)} items"
            pairs = list(zip(value, inner, strict=True))
        else:
            pairs = [(item, inner[0]) for item in value[:MAX_ITEMS_LOOKED_AT]]
        problems = (find_type_problem(v, a, f"{what}[{i}]") for i, (v, a) in enumerate(pairs))
        return next((p for p in problems if p), None)
    if outer == "dict" and isinstance(value, dict) and len(inner) == 2:
        problems = (find_type_problem(v, inner[1], f"{what}[{k!r}]") for k, v in value.items())
        return next((p for p in problems if p), None)
    return None


def _fits(value: object, annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Constant):
        if isinstance(annotation.value, str):
            return _fits(value, ast.parse(annotation.value, mode="eval").body)
        return value is None if annotation.value is None else True
    if isinstance(annotation, ast.BinOp):
        return _fits(value, annotation.left) or _fits(value, annotation.right)
    name = _name(annotation)
    inner = _arguments(annotation) if isinstance(annotation, ast.Subscript) else []
    if name == "Optional":
        return value is None or _fits(value, inner[0])
    if name == "Union":
        return any(_fits(value, a) for a in inner)
    if name == "Callable":
        return isinstance(value, Handle) and value.handle_is_callable()
    simple = _SIMPLE.get(name)
    if simple is None:  # Any, a type variable, or a class of the stub, which stays with the learner as a handle
        return name in _ANYTHING or isinstance(value, Handle)
    if name in ("int", "float") and isinstance(value, bool):
        return False
    if not isinstance(value, simple):
        return False
    return _items_fit(value, name, inner)


def _items_fit(value: object, name: str, inner: list[ast.expr]) -> bool:
    if not inner:
        return True
    if name == "tuple" and not _variadic(inner):
        assert isinstance(value, tuple)
        return len(value) == len(inner) and all(_fits(v, a) for v, a in zip(value, inner, strict=True))
    if isinstance(value, Mapping):
        pairs = list(value.items())[:MAX_ITEMS_LOOKED_AT]
        return all(_fits(k, inner[0]) and _fits(v, inner[1]) for k, v in pairs)
    if isinstance(value, list | tuple | set):
        return all(_fits(v, inner[0]) for v in list(value)[:MAX_ITEMS_LOOKED_AT])
    return True


_SIMPLE: dict[str, type | tuple[type, ...]] = {
    "Tensor": Tensor,
    "ndarray": np.ndarray,
    "int": (int, np.integer),
    "float": (float, int, np.floating),
    "bool": bool,
    "str": str,
    "bytes": bytes,
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "set": set,
    "Sequence": (list, tuple),
    "Iterable": (list, tuple, set, dict, Handle),
    "Iterator": Handle,
    "Mapping": dict,
}
_ANYTHING = ("Any", "object", "Self")


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _arguments(node: ast.Subscript) -> list[ast.expr]:
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def _variadic(inner: list[ast.expr]) -> bool:
    return len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is Ellipsis


def _name_of(value: object) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, tuple):
        return "a tuple of " + ", ".join(type_name(v) for v in value[:6])
    if value is None:
        return "None"
    name = type_name(value)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
