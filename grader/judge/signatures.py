"""What the stub asks for: names, parameters and return types, and whether a returned value fits them."""

import ast
from collections.abc import Mapping
from itertools import islice

import msgspec
import numpy as np
import torch
from torch import Tensor

from grader.judge.handle import Handle
from grader.text.wording import describe, type_name

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
        """The call as the stub has it, without annotations and defaults: `fold(W, b, *, eps)`."""
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
    names += [f"*{a.vararg.arg}"] if a.vararg else ["*"] if a.kwonlyargs else []
    names += [p.arg for p in a.kwonlyargs]
    return names + ([f"**{a.kwarg.arg}"] if a.kwarg else [])


def _raises(node: ast.AST) -> bool:
    raised = (n.exc for n in ast.walk(node) if isinstance(n, ast.Raise))
    return any(exc is not None and "NotImplementedError" in ast.dump(exc) for exc in raised)


def find_type_problem(value: object, annotation: ast.expr | None, what: str) -> str | None:
    """Say how a returned value differs from the annotation of the stub, or None if it fits."""
    if annotation is None or _fits(value, annotation):
        return None
    annotation = _unquote(annotation)
    inner = _find_inner_problem(value, annotation, what)
    if inner:
        return inner
    hint = "; does every path of it end in `return`?" if value is None else ""
    if isinstance(value, Tensor) and value.numel() == 1 and ast.unparse(annotation) in ("float", "int", "bool"):
        hint = "; end with .item()"
    return f"{what} should be {ast.unparse(annotation)}, not {_name_of(value)}{hint}"


def _find_inner_problem(value: object, annotation: ast.expr, what: str) -> str | None:
    """For a container of the right type with a wrong item, name the item."""
    if isinstance(annotation, ast.BinOp):
        problems = (_find_inner_problem(value, side, what) for side in (annotation.left, annotation.right))
        return next((p for p in problems if p), None)
    if not isinstance(annotation, ast.Subscript):
        return None
    outer, inner = _name(annotation.value), _arguments(annotation)
    if outer in ("Optional", "Union"):
        problems = (_find_inner_problem(value, side, what) for side in inner)
        return next((p for p in problems if p), None)
    if isinstance(value, list | tuple) and outer in (type(value).__name__, "Sequence", "Iterable"):
        if outer == "tuple" and not _variadic(inner):
            if len(value) != len(inner):
                count = f"{len(value)} item{'' if len(value) == 1 else 's'}"
                return f"{what} should be {ast.unparse(annotation)}, but holds {count}"
            pairs = list(zip(value, inner, strict=True))
        else:
            pairs = [(item, inner[0]) for item in value[:MAX_ITEMS_LOOKED_AT]]
        problems = (find_type_problem(v, a, f"{what}[{i}]") for i, (v, a) in enumerate(pairs))
        return next((p for p in problems if p), None)
    if outer == "dict" and isinstance(value, dict) and len(inner) == 2:
        items = list(islice(value.items(), MAX_ITEMS_LOOKED_AT))
        wrong_keys = (find_type_problem(k, inner[0], f"a key of {what}") for k, _ in items)
        wrong_values = (find_type_problem(v, inner[1], f"{what}[{describe(k, limit=60)}]") for k, v in items)
        return next((p for problems in (wrong_keys, wrong_values) for p in problems if p), None)
    if isinstance(value, set | frozenset) and outer in ("set", "frozenset", "Set", "Iterable"):
        problems = (find_type_problem(v, inner[0], f"an item of {what}") for v in islice(value, MAX_ITEMS_LOOKED_AT))
        return next((p for p in problems if p), None)
    return None


def _fits(value: object, annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Constant):
        if isinstance(annotation.value, str):
            return _fits(value, _unquote(annotation))
        return value is None if annotation.value is None else True
    if isinstance(annotation, ast.BinOp):
        return _fits(value, annotation.left) or _fits(value, annotation.right)
    name = _name(annotation)
    inner = _arguments(annotation) if isinstance(annotation, ast.Subscript) else []
    if name == "Optional":
        return value is None or _fits(value, inner[0])
    if name == "Union":
        return any(_fits(value, a) for a in inner)
    if name == "Literal":
        wanted = [ast.literal_eval(a) for a in inner]
        return any(type(value) is type(one) and value == one for one in wanted)
    if name == "Annotated":
        return _fits(value, inner[0])
    if name == "Callable":
        return isinstance(value, Handle) and value.handle_is_callable()
    simple = _SIMPLE.get(name)
    if simple is None:  # a class, whose objects stay with the learner as handles
        return name in _ANYTHING or isinstance(value, Handle)
    if name in ("int", "float", "complex") and isinstance(value, bool):
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
        pairs = islice(value.items(), MAX_ITEMS_LOOKED_AT)
        return all(_fits(k, inner[0]) and (len(inner) < 2 or _fits(v, inner[1])) for k, v in pairs)
    if isinstance(value, list | tuple | set | frozenset):
        return all(_fits(v, inner[0]) for v in islice(value, MAX_ITEMS_LOOKED_AT))
    return True


_SIMPLE: dict[str, type | tuple[type, ...]] = {
    "Tensor": Tensor,
    "ndarray": np.ndarray,
    "NDArray": np.ndarray,
    "dtype": torch.dtype,
    "device": str,  # arrives as its name
    "int": (int, np.integer),
    "float": (float, int, np.floating),
    "complex": (complex, float, int, np.complexfloating, np.floating),
    "bool": bool,
    "str": str,
    "bytes": bytes,
    "list": list,
    "tuple": tuple,
    "dict": dict,
    "set": set,
    "frozenset": frozenset,
    "Set": (set, frozenset),
    "Sequence": (list, tuple),
    "Iterable": (list, tuple, set, frozenset, dict, Handle),
    "Iterator": Handle,
    "Mapping": dict,
}
_ANYTHING = ("Any", "object", "Self")
#: The older spellings, and subclasses that arrive as the dict they are.
_OTHER_NAMES = {"List": "list", "Dict": "dict", "Tuple": "tuple", "FrozenSet": "frozenset"} | dict.fromkeys(
    ("Counter", "OrderedDict", "defaultdict", "DefaultDict", "MutableMapping"), "dict"
)


def _unquote(annotation: ast.expr) -> ast.expr:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.parse(annotation.value, mode="eval").body
    return annotation


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return _OTHER_NAMES.get(name, name)


def _arguments(node: ast.Subscript) -> list[ast.expr]:
    return list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]


def _variadic(inner: list[ast.expr]) -> bool:
    return len(inner) == 2 and isinstance(inner[1], ast.Constant) and inner[1].value is Ellipsis


def _name_of(value: object) -> str:
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, tuple):
        return "a tuple of " + ", ".join(type_name(v) for v in value[:6]) if value else "an empty tuple"
    if value is None:
        return "None"
    name = type_name(value)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
