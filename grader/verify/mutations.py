"""The small mistakes that are made on purpose: what one expression, statement or function may be replaced by."""

import ast
import copy
from collections.abc import Iterator
from typing import TypeGuard

Function = ast.FunctionDef | ast.AsyncFunctionDef

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_NO_ORDER = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
_NEAR_PAIRS = (
    *(("mean", "sum"), ("max", "min"), ("argmax", "argmin"), ("amax", "amin"), ("maximum", "minimum")),
    *(("randn", "rand"), ("zeros", "ones"), ("zeros_like", "ones_like"), ("new_zeros", "new_ones")),
    *(("softmax", "log_softmax"), ("any", "all"), ("var", "std"), ("floor", "ceil"), ("cat", "stack")),
    *(("tril", "triu"), ("cumsum", "cumprod"), ("clamp_min", "clamp_max"), ("sin", "cos"), ("tanh", "sigmoid")),
)
_NEAR = {a: b for pair in _NEAR_PAIRS for a, b in (pair, pair[::-1])}
_NEAR |= {
    "log": "log2",
    "log2": "log",
    "exp": "exp2",
    "sqrt": "square",
    "square": "abs",
    "relu": "gelu",
    "gelu": "relu",
}
#: Methods that give back what they were called on, more or less.
_DROPPABLE = frozenset(("detach", "clone", "abs", "log", "exp", "sqrt", "square", "contiguous"))
_LOWER = {"float64": "float32", "double": "float", "float32": "float16", "complex128": "complex64", "int64": "int32"}
_LOWER_METHODS = {"double": "float", "long": "int"}
#: Names whose first number is an axis.
_REDUCTIONS = frozenset(
    (
        *("sum", "mean", "var", "std", "max", "min", "amax", "amin", "argmax", "argmin", "softmax", "log_softmax"),
        *("cumsum", "cumprod", "logsumexp", "prod", "any", "all", "flatten", "unsqueeze", "squeeze", "norm", "median"),
        *("sort", "argsort"),
    )
)
_OTHER_AXIS = {0: 1, 1: 0, -1: 0, -2: -1, 2: 1}
_AXIS_WORDS = ("dim", "axis")
_TWO_ARGUMENTS = frozenset(("matmul", "mm", "bmm", "sub", "div", "pow", "outer", "einsum", "dot", "kl_div", "where"))
_NEAR_TEXTS = {"sum": "mean", "mean": "sum", "ij": "xy", "xy": "ij", "same": "valid", "valid": "same"}
#: What torch does under the same name.
LIBRARY = {
    "torch.nn.functional": frozenset(
        (
            *("softmax", "log_softmax", "cross_entropy", "nll_loss", "mse_loss", "l1_loss", "huber_loss", "kl_div"),
            *("binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_similarity", "triplet_margin_loss"),
            *("layer_norm", "batch_norm", "group_norm", "instance_norm", "rms_norm", "normalize", "gumbel_softmax"),
            *("linear", "bilinear", "embedding", "one_hot", "conv1d", "conv2d", "conv3d", "conv_transpose2d"),
            *("max_pool1d", "max_pool2d", "avg_pool1d", "avg_pool2d", "interpolate", "pad", "unfold", "fold"),
            *("relu", "leaky_relu", "elu", "gelu", "silu", "mish", "glu", "softplus", "scaled_dot_product_attention"),
            *("pixel_shuffle", "affine_grid", "grid_sample", "dropout", "ctc_loss"),
        )
    ),
    "torch": frozenset(
        (
            *("sigmoid", "tanh", "matmul", "bmm", "outer", "einsum", "logsumexp", "cumsum", "cumprod", "var", "std"),
            *("tril", "triu", "topk", "multinomial", "cdist", "bincount", "histc", "kron", "trapezoid", "lerp"),
        )
    ),
    "torch.linalg": frozenset(("qr", "svd", "solve", "inv", "det", "cholesky", "lstsq", "pinv", "matrix_exp", "eigh")),
}
_SMALL = 1e-2
_SHOWN = 70


def change_expression(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what may stand in the place of an expression."""
    match node:
        case ast.Constant():
            yield from map(ast.Constant, _nudge(node.value))
        case ast.BinOp():
            yield from _change_operation(node)
        case ast.Compare() if len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
            yield ast.Compare(node.left, [_COMPARISONS[type(node.ops[0])]()], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp() if isinstance(node.op, ast.Not | ast.USub | ast.Invert):
            yield node.operand
        case ast.IfExp():
            yield ast.IfExp(node.test, node.orelse, node.body)
        case ast.Attribute() if node.attr in _LOWER and isinstance(node.value, ast.Name) and node.value.id == "torch":
            yield ast.Attribute(node.value, _LOWER[node.attr], node.ctx)
        case ast.Call():
            yield from _change_call(node)
        case _:
            return


def _nudge(value: object) -> Iterator[bool | int | float | str]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, float):
        yield float(f"{value * 1.5:.6g}") if value else 1.0
    elif isinstance(value, str) and value in _NEAR_TEXTS:
        yield _NEAR_TEXTS[value]


def _change_operation(node: ast.BinOp) -> Iterator[ast.expr]:
    kind = type(node.op)
    if isinstance(node.op, ast.Add):  # eps forgotten
        for small, other in ((node.left, node.right), (node.right, node.left)):
            if _is_eps(small):
                yield other
    if kind in _OPERATORS:
        yield ast.BinOp(node.left, _OPERATORS[kind](), node.right)
    if kind in _NO_ORDER:
        yield ast.BinOp(node.right, node.op, node.left)


def _is_eps(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    tiny = isinstance(node, ast.Constant) and isinstance(node.value, float) and 0 < node.value <= _SMALL
    return "eps" in name.lower() or tiny


def _change_call(node: ast.Call) -> Iterator[ast.expr]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    method = node.func if isinstance(node.func, ast.Attribute) else None
    if name in _NEAR:
        func = ast.Attribute(method.value, _NEAR[name], method.ctx) if method else ast.Name(_NEAR[name], ast.Load())
        yield ast.Call(func, node.args, node.keywords)
    if method and not node.args and not node.keywords:
        if name in _DROPPABLE:
            yield method.value
        if name in _LOWER_METHODS:
            yield ast.Call(ast.Attribute(method.value, _LOWER_METHODS[name], method.ctx), [], [])
    if name in _TWO_ARGUMENTS and len(node.args) == 2:
        yield ast.Call(node.func, node.args[::-1], node.keywords)
    if name in ("var", "std") and not any(k.arg in ("correction", "unbiased") for k in node.keywords):
        yield ast.Call(node.func, node.args, [*node.keywords, ast.keyword("correction", ast.Constant(0))])
    for i, word in enumerate(node.keywords):
        rest = [*node.keywords[:i], *node.keywords[i + 1 :]]
        if word.arg in ("keepdim", "keepdims"):
            yield ast.Call(node.func, node.args, rest)
        if word.arg in _AXIS_WORDS:
            for axis in _other_axes(word.value):
                yield ast.Call(node.func, node.args, [*node.keywords[:i], ast.keyword(word.arg, axis), *rest[i:]])
    place = 0 if method and not (isinstance(method.value, ast.Name) and method.value.id in ("torch", "F")) else 1
    if name in _REDUCTIONS and len(node.args) > place:
        for axis in _other_axes(node.args[place]):
            yield ast.Call(node.func, [*node.args[:place], axis, *node.args[place + 1 :]], node.keywords)


def _other_axes(node: ast.expr) -> Iterator[ast.expr]:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return
    if type(value) is int and value in _OTHER_AXIS:
        yield ast.Constant(_OTHER_AXIS[value])


def change_statement(node: ast.stmt, function: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Yield what may stand in the place of a statement, and the words for it."""
    text = shorten(ast.unparse(node).split("\n")[0])
    match node:
        case ast.Return(value=ast.expr() as value):
            returned = shorten(ast.unparse(value))
            yield ast.Return(ast.Constant(None)), f"returns None instead of `{returned}`"
            returns = ast.unparse(function.returns) if isinstance(function, Function) and function.returns else ""
            if returns in ("Tensor", "torch.Tensor") and _may_carry_gradient(function):
                yield ast.Return(_call_method(value, "detach")), f"returns `{returned}` detached"
            if returns in ("Tensor", "torch.Tensor", "float", "int") and not isinstance(value, ast.UnaryOp):
                yield ast.Return(ast.UnaryOp(ast.USub(), value)), f"returns `{returned}` negated"
        case ast.Assign() if not _is_bound_before(node, function):
            return  # without it there is only a NameError
        case ast.Assign() | ast.AugAssign() | ast.Expr() | ast.For() | ast.Delete():
            yield ast.Pass(), f"`{text}` deleted"
        case ast.If() if not node.orelse:
            yield ast.Pass(), f"`{text}` deleted"
        case ast.Break():
            yield ast.Continue(), "`break` -> `continue`"
        case ast.Continue():
            yield ast.Pass(), "`continue` deleted"
        case _:
            return


def _may_carry_gradient(function: ast.AST) -> bool:
    """Tell whether a function takes a tensor, has an object of its own, or makes parameters."""
    arguments = [part for part in ast.walk(function) if isinstance(part, ast.arg)]
    given = any(part.arg == "self" or "Tensor" in ast.dump(part) for part in arguments)
    return given or "requires_grad" in ast.dump(function)


def _is_bound_before(node: ast.Assign, function: ast.AST) -> bool:
    """Tell whether all names that an assignment gives a value to have had one already."""
    given = {part.id for target in node.targets for part in ast.walk(target) if _stores(part)}
    bound = {part.arg for part in ast.walk(function) if isinstance(part, ast.arg)}
    bound |= {part.id for part in ast.walk(function) if _stores(part) and part.lineno < node.lineno}
    return given <= bound


def _stores(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def change_function(function: Function) -> Iterator[tuple[ast.stmt, str]]:
    """Yield the function left to a library, and with one of its arguments changed in place right before it returns."""
    yield from _leave_to_library(function)
    if not any(isinstance(part, ast.Return) and part.value for part in function.body):
        return
    for argument in function.args.posonlyargs + function.args.args + function.args.kwonlyargs:
        kind = ast.unparse(argument.annotation) if argument.annotation else ""
        change = next((code for start, code in _IN_PLACE if kind.startswith(start)), None)
        if change is not None:
            changed = copy.deepcopy(function)
            # A copy of what was computed, which may share its memory with the argument.
            spoil = ast.parse(change.format(name=argument.arg)).body
            returned = next(part for part in changed.body if isinstance(part, ast.Return) and part.value)
            at = changed.body.index(returned)
            assert returned.value is not None
            keep = ast.Assign([ast.Name("_returned", ast.Store())], returned.value)
            changed.body[at : at + 1] = [keep, *spoil, ast.Return(ast.Name("_returned", ast.Load()))]
            yield changed, f"`{argument.arg}` changed in place before it returns"


def _leave_to_library(function: Function) -> Iterator[tuple[ast.stmt, str]]:
    """Yield the function as a call of the one that torch has under its name: what `forbid` is for."""
    names = [part.arg for part in (*function.args.posonlyargs, *function.args.args)]
    for module in (module for module, known in LIBRARY.items() if function.name in known):
        called = f"{module}.{function.name}"
        left = copy.deepcopy(function)
        left.body = ast.parse(f"import {module}\nreturn {called}({', '.join(names)})").body
        yield left, f"left to `{called}`"


#: By how the annotation begins; each leaves alone what is not there.
_IN_PLACE = (
    ("Tensor", "if {name} is not None:\n    {name}.data += 1"),
    ("torch.Tensor", "if {name} is not None:\n    {name}.data += 1"),
    ("list", "{name}.reverse()"),
    ("dict", "{name}.popitem()"),
    ("set", "{name}.pop()"),
)


def shorten(code: str) -> str:
    """Write code in one line of readable length."""
    text = " ".join(code.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _call_method(value: ast.expr, name: str) -> ast.expr:
    return ast.Call(ast.Attribute(value, name, ast.Load()), [], [])
