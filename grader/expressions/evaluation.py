"""Work out the value of a checked expression by walking its tree, within bounds on the work and the memory."""

import ast
import math
import operator
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.expressions.bounds import (
    MAX_ELEMENTS,
    MAX_INT_BITS,
    MAX_ITEMS,
    MAX_WORK,
    NODE_WORK,
    PRODUCTS_PER_ELEMENT,
    SIZES,
    broadcast,
    broadcast_shapes,
    count_elements,
    count_items,
    count_steps,
    is_tensor,
    volume,
)
from grader.expressions.vocabulary import ATTRIBUTES, DTYPES, NUMBERS, TENSOR_METHODS, TEXT_METHODS, ExpressionError

#: What goes wrong where a value is not of the kind the expression needs.
_FAILURES = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError, Warning)

_BINARY: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}
_UNARY: Mapping[type[ast.AST], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_COMPARE: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}


def evaluate(tree: ast.expr, scope: Mapping[str, object], functions: Mapping[str, Callable[..., Any]]) -> object:
    """Work out an expression that `parse_expression` has checked.

    Args:
        tree: The expression.
        scope: The values of its variables.
        functions: What the names of FUNCTIONS stand for. What they raise, apart from the errors of wrong types and
            values, comes through.

    Raises:
        ExpressionError: If a value is not of a kind it can be worked out for, or it would take too much work or memory.
    """
    return _Walk(functions).value(tree, dict(scope))


class _Walk:
    """One evaluation, and the work it has done so far."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions
        self._work = 0.0

    def value(self, node: ast.expr, scope: Mapping[str, object]) -> Any:
        self._spend(NODE_WORK, node)
        try:
            value = self._dispatch(node, scope)
            return value if isinstance(node, ast.Name) else self._keep(value, node)  # what is given is there already
        except _FAILURES as error:
            lines = str(error).strip().splitlines()
            said = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
            raise _fail(node, f"cannot be worked out: {said}") from error

    def _spend(self, work: float, node: ast.expr) -> None:
        self._work += work
        if self._work > MAX_WORK:
            raise _fail(node, "takes too much work; use smaller inputs")

    def _keep(self, value: Any, node: ast.expr) -> Any:
        """Return a value, unless it is too large to go on with."""
        if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
            raise _fail(node, "gives a number of more than 64 bits; write it as a float")
        self._afford(count_elements(value), node)
        return value

    def _afford(self, elements: float, node: ast.expr) -> None:
        if elements > MAX_ELEMENTS:
            raise _fail(node, f"has more than {MAX_ELEMENTS:,} elements; use smaller inputs")
        self._spend(elements, node)

    def _dispatch(self, node: ast.expr, scope: Mapping[str, object]) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return _look_up(node.id, scope)
            case ast.List() | ast.Tuple():
                items = [self.value(item, scope) for item in node.elts]
                return items if isinstance(node, ast.List) else tuple(items)
            case ast.Dict():
                keys = [self.value(key, scope) for key in node.keys if key is not None]
                return dict(zip(keys, [self.value(v, scope) for v in node.values], strict=True))
            case ast.IfExp():
                return self.value(node.body if self.value(node.test, scope) else node.orelse, scope)
            case ast.BoolOp():
                return self._join(node, scope)
            case ast.UnaryOp():
                return _UNARY[type(node.op)](self.value(node.operand, scope))
            case ast.BinOp():
                return self._combine(node, self.value(node.left, scope), self.value(node.right, scope))
            case ast.Compare():
                return self._compare(node, scope)
            case ast.Subscript():
                return self._index(node, self.value(node.value, scope), self.value(node.slice, scope))
            case ast.Slice():
                bounds = (node.lower, node.upper, node.step)
                return slice(*(None if bound is None else self.value(bound, scope) for bound in bounds))
            case ast.Attribute():
                return _get_attribute(self.value(node.value, scope), node.attr)
            case ast.ListComp() | ast.GeneratorExp():
                return self._collect(node, scope)
            case ast.Call():
                return self._call(node, scope)
        raise TypeError(f"{type(node).__name__} is not part of an expression")

    def _join(self, node: ast.BoolOp, scope: Mapping[str, object]) -> Any:
        value: Any = None
        for part in node.values:
            value = self.value(part, scope)
            if bool(value) is isinstance(node.op, ast.Or):
                return value
        return value

    def _combine(self, node: ast.BinOp, left: Any, right: Any) -> Any:
        kind = type(node.op)
        if kind is ast.Mod and isinstance(left, str):
            raise TypeError("% does not format a text here")
        if kind is ast.Pow and isinstance(left, int) and isinstance(right, int):
            if left.bit_length() * abs(right) > 4 * MAX_INT_BITS and abs(left) > 1:
                raise _fail(node, "gives a number of more than 64 bits; write it as a float")
        elif kind is ast.MatMult:
            inner = left.shape[-1] if is_tensor(left) and left.ndim else 1
            outer = math.prod(right.shape[-1:]) if is_tensor(right) and right.ndim > 1 else 1
            batch = volume(broadcast_shapes([tuple(t.shape[:-2]) for t in (left, right) if is_tensor(t)]))
            rows = left.shape[-2] if is_tensor(left) and left.ndim > 1 else 1
            self._afford(batch * rows * outer, node)
            self._spend(batch * rows * outer * inner / PRODUCTS_PER_ELEMENT, node)
        elif is_tensor(left) or is_tensor(right):
            self._afford(volume(broadcast(left, right)), node)
        elif kind is ast.Mult and (isinstance(left, list | tuple | str) or isinstance(right, list | tuple | str)):
            times, items = (left, right) if isinstance(right, list | tuple | str) else (right, left)
            if isinstance(times, int) and times * count_items(items) > MAX_ITEMS:
                raise _fail(node, f"has more than {MAX_ITEMS:,} items; write fewer")
        return _BINARY[kind](left, right)

    def _compare(self, node: ast.Compare, scope: Mapping[str, object]) -> Any:
        left: Any = self.value(node.left, scope)
        outcome: Any = True
        for sign, operand in zip(node.ops, node.comparators, strict=True):
            right = self.value(operand, scope)
            if is_tensor(left) and is_tensor(right):
                self._afford(volume(broadcast(left, right)), node)
            outcome = _COMPARE[type(sign)](left, right)
            if len(node.ops) > 1 and not bool(outcome):
                return outcome
            left = right
        return outcome

    def _index(self, node: ast.Subscript, value: Any, key: Any) -> Any:
        if not (is_tensor(value) or isinstance(value, list | tuple | dict | str | range)):
            raise TypeError(f"a {type(value).__name__} cannot be indexed here")
        if is_tensor(value):  # x[[0] * 1000] is larger than x; no index makes more than this
            parts = key if isinstance(key, tuple) else (key,)
            picked = [count_elements(part) for part in parts if is_tensor(part) or isinstance(part, list)]
            if picked:
                self._afford(
                    max(picked) * max(1, count_elements(value) / max(1, value.shape[0] if value.ndim else 1)), node
                )
        return value[key]

    def _collect(self, node: ast.ListComp | ast.GeneratorExp, scope: Mapping[str, object]) -> list[Any]:
        found: list[Any] = []

        def loop(k: int, scope: Mapping[str, object]) -> None:
            if k == len(node.generators):
                found.append(self.value(node.elt, scope))
                return
            generator = node.generators[k]
            items = self.value(generator.iter, scope)
            if not (is_tensor(items) or isinstance(items, list | tuple | dict | str | range)):
                raise TypeError(f"a {type(items).__name__} cannot be looped over here")
            for item in items:
                inner = {**scope, **_bind(generator.target, item)}
                if all(self.value(condition, inner) for condition in generator.ifs):
                    loop(k + 1, inner)
                self._spend(NODE_WORK, node)

        loop(0, scope)
        return found

    def _call(self, node: ast.Call, scope: Mapping[str, object]) -> Any:
        owner = self.value(node.func.value, scope) if isinstance(node.func, ast.Attribute) else None
        args = [self.value(argument, scope) for argument in node.args]
        kwargs = {keyword.arg or "": self.value(keyword.value, scope) for keyword in node.keywords}
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in ("tolist", "split") and count_elements(owner) > MAX_ITEMS:
                raise _fail(node, f"has more than {MAX_ITEMS:,} items; use smaller inputs")
            self._afford(volume(broadcast(owner, *args, *kwargs.values())), node)
            return _get_method(owner, node.func.attr)(*args, **kwargs)
        if not isinstance(node.func, ast.Name) or node.func.id not in self._functions:
            raise TypeError(f"`{ast.unparse(node.func)}` is not a function for expressions")
        name = node.func.id
        if name in SIZES:
            self._afford(SIZES[name](*args, *kwargs.values()) if name == "arange" else SIZES[name](*args), node)
        if name == "range" and count_steps(*args, *kwargs.values()) > MAX_ITEMS:
            raise _fail(node, f"has more than {MAX_ITEMS:,} items; write fewer")
        if name in ("allclose", "min", "max"):
            self._afford(volume(broadcast(*args)), node)
        return self._functions[name](*args, **kwargs)


def _fail(node: ast.expr, what: str) -> ExpressionError:
    text = ast.unparse(node)
    return ExpressionError(f"`{text if len(text) <= 80 else text[:79] + '…'}` {what}")


def _look_up(name: str, scope: Mapping[str, object]) -> object:
    if name in scope:
        return scope[name]
    if name in NUMBERS:
        return NUMBERS[name]
    torch = sys.modules.get("torch")
    if name in DTYPES and torch is not None:
        return getattr(torch, name)
    raise KeyError(name)


def _bind(target: ast.expr, item: Any) -> dict[str, object]:
    if isinstance(target, ast.Name):
        return {target.id: item}
    names = [name.id for name in getattr(target, "elts", ()) if isinstance(name, ast.Name)]
    return dict(zip(names, item, strict=True))


def _get_attribute(value: Any, name: str) -> Any:
    is_result = isinstance(value, tuple) and type(value).__module__ == "torch.return_types"
    if name not in ATTRIBUTES or not (is_result if name in ("values", "indices") else is_tensor(value)):
        raise AttributeError(f"a {type(value).__name__} has no .{name}")
    return getattr(value, name)


def _get_method(owner: Any, name: str) -> Callable[..., Any]:
    known: Sequence[str] = ()
    if is_tensor(owner):
        known = TENSOR_METHODS
    elif isinstance(owner, str):
        known = TEXT_METHODS
    if name not in known:
        raise AttributeError(f"a {type(owner).__name__} has no .{name}()")
    method: Callable[..., Any] = getattr(owner, name)
    return method
