"""Checks of the class Value: each expression is computed with torch in float64 here, and with Value over there."""

import random
from collections.abc import Callable
from typing import Any

import torch

from grader.testing import assert_close, assert_equal, require, type_name

Expression = Callable[[Any, Any], Any]

#: Operations that are one node with a derivative of its own, in everybody's class.
SINGLE: dict[str, Expression] = {
    "a + b": lambda a, b: a + b,
    "a * b": lambda a, b: a * b,
    "a ** 3": lambda a, b: a**3,
    "a.tanh()": lambda a, b: a.tanh(),
    "a.exp()": lambda a, b: a.exp(),
    "a.relu()": lambda a, b: a.relu(),
}
#: Those that may be built from others.
BUILT: dict[str, Expression] = {
    "-a": lambda a, b: -a,
    "a - b": lambda a, b: a - b,
    "a / b": lambda a, b: a / b,
    "a + 2": lambda a, b: a + 2,
    "2 + a": lambda a, b: 2 + a,
    "a - 2.5": lambda a, b: a - 2.5,
    "2 - a": lambda a, b: 2 - a,
    "a * 3": lambda a, b: a * 3,
    "3.5 * a": lambda a, b: 3.5 * a,
    "a / 4": lambda a, b: a / 4,
    "2 / a": lambda a, b: 2 / a,
}
#: One operation makes a handful of nodes.
MAX_NODES = 40


def draw_points(seed: int) -> list[tuple[float, float]]:
    """Draw a and b, with all four pairs of signs and nothing near 0."""
    draw = random.Random(seed)
    signs = ((1, 1), (-1, 1), (1, -1), (-1, -1))
    return [(s * draw.uniform(0.3, 1.7), t * draw.uniform(0.3, 1.7)) for s, t in signs]


def differentiate(expression: Expression, *numbers: float) -> tuple[float, list[float]]:
    """Return the value and the gradient of an expression, by torch in float64."""
    leaves = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in numbers]
    out = expression(*leaves)
    grads = torch.autograd.grad(out, leaves, allow_unused=True)
    return float(out), [0.0 if g is None else float(g) for g in grads]


def make(submission: Any, expression: Expression, a: float, b: float, what: str) -> tuple[Any, Any, Any]:
    """Make the Values a and b and an expression of them; require that it is a Value."""
    left, right = submission.Value(a, label="a"), submission.Value(b, label="b")
    out = expression(left, right)
    require(type_name(out) == "Value", f"{what} should be a Value, not {type_name(out)}")
    return left, right, out


def call_backward(node: Any) -> None:
    """Call a node's _backward, once it is known to be something to call."""
    backward = node._backward
    require(callable(backward), "_backward of a node should be a function that can be called", got=backward)
    backward()


def run_backward(submission: Any, out: Any, gradient: float) -> None:
    """Give `out` a gradient and run every node's _backward, results before operands.

    Handles do not tell whether they are the same object, but labels do: a node without one gets one.
    """
    order: list[Any] = []
    seen: set[str] = set()

    def visit(node: Any) -> None:
        label = node.label
        if not label:
            label = node.label = f"node {len(seen)}"
        if label in seen:
            return
        seen.add(label)
        require(len(seen) <= MAX_NODES, f"a single expression made more than {MAX_NODES} nodes")
        for operand in submission.operands(node):
            visit(operand)
        order.append(node)

    visit(out)
    out.grad = gradient
    for node in reversed(order):
        call_backward(node)


def test_forward(submission: Any, seed: int) -> None:
    for a, b in draw_points(seed):
        for text, expression in {**SINGLE, **BUILT}.items():
            at = f"{text} at a = {a:.4g}, b = {b:.4g}"
            left, right, out = make(submission, expression, a, b, at)
            assert_close(out.data, differentiate(expression, a, b)[0], what=at)
            assert_equal((left.data, right.data), (a, b), what=f"a and b after {text}")


def test_local_gradients(submission: Any, seed: int) -> None:
    points = draw_points(seed)
    for text, expression in SINGLE.items():
        # The corner of relu belongs to neither side: the docstring asks for 0.
        for a, b in [*points, (0.0, 1.0)] if text == "a.relu()" else points:
            for gradient in (1.0, -2.5):
                left, right, out = make(submission, expression, a, b, text)
                out.grad = gradient
                call_backward(out)
                wanted = [gradient * g for g in differentiate(expression, a, b)[1]]
                at = f"after out = {text} with a = {a:.4g}, b = {b:.4g}, out.grad = {gradient:g} and out._backward()"
                assert_close(left.grad, wanted[0], what=f"a.grad {at}")
                assert_close(right.grad, wanted[1], what=f"b.grad {at}")
    a, b = points[seed % len(points)]
    for text, expression in BUILT.items():
        left, right, out = make(submission, expression, a, b, text)
        run_backward(submission, out, -2.5)
        wanted = [-2.5 * g for g in differentiate(expression, a, b)[1]]
        at = f"after going backward from {text} with a = {a:.4g}, b = {b:.4g} and a gradient of -2.5"
        assert_close(left.grad, wanted[0], what=f"a.grad {at}")
        assert_close(right.grad, wanted[1], what=f"b.grad {at}")


def test_accumulates(submission: Any, seed: int) -> None:
    for a, b in draw_points(seed):
        for text, expression, wanted in (("a + a", lambda a, b: a + a, 2.0), ("a * a", lambda a, b: a * a, 2 * a)):
            left, _, out = make(submission, expression, a, b, text)
            out.grad = 1.0
            call_backward(out)
            assert_close(left.grad, wanted, what=f"a.grad after out = {text} with a = {a:.4g} and out._backward()")
        for text, expression in SINGLE.items():
            left, right, out = make(submission, expression, a, b, text)
            left.grad, right.grad, out.grad = 0.75, -0.5, 1.0  # what other consumers have sent already
            call_backward(out)
            grads = differentiate(expression, a, b)[1]
            at = f"after out = {text} and out._backward(), where a.grad was 0.75 and b.grad -0.5 before,"
            assert_close(left.grad, 0.75 + grads[0], what=f"a.grad {at}")
            assert_close(right.grad, -0.5 + grads[1], what=f"b.grad {at}")
    a, b = draw_points(seed)[0]
    left, _, out = make(submission, lambda a, b: a / a - a * (2 - a), a, b, "a / a - a * (2 - a)")
    run_backward(submission, out, 1.0)
    assert_close(left.grad, 2 * a - 2, what=f"a.grad of a / a - a * (2 - a) at a = {a:.4g}")


def test_powers(submission: Any, seed: int) -> None:
    a = random.Random(seed).uniform(0.4, 1.8)
    cases = [(a, n) for n in (-1, -2, 0.5, 2.5, -0.5, 1, 2, 3.0)] + [(-a, 2), (-a, -3), (0.0, 2), (0.0, 1)]
    for base, n in cases:
        left, _, out = make(submission, lambda a, b, n=n: a**n, base, 0.0, f"a ** {n}")
        out.grad = 2.0
        call_backward(out)
        value, grads = differentiate(lambda a, n=n: a**n, base)
        assert_close(out.data, value, what=f"a ** {n} at a = {base:.4g}")
        at = f"after out = a ** {n}, out.grad = 2 and out._backward() at a = {base:.4g}"
        assert_close(left.grad, 2 * grads[0], what=f"a.grad {at}")


def test_tanh_from_exp(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for x in (draw.uniform(0.2, 1.5), -draw.uniform(0.2, 1.5)):

        def quotient(a: Any, b: Any) -> Any:
            e = (2 * a).exp()
            return (e - 1) / (e + 1)

        grads = []
        for text, expression in (("tanh(x)", lambda a, b: a.tanh()), ("(exp(2x) - 1) / (exp(2x) + 1)", quotient)):
            value, wanted = differentiate(expression, x, 0.0)
            left, _, out = make(submission, expression, x, 0.0, text)
            run_backward(submission, out, 1.0)
            assert_close(out.data, value, what=f"{text} at x = {x:.4g}")
            assert_close(left.grad, wanted[0], what=f"the gradient of {text} at x = {x:.4g}")
            grads.append(left.grad)
        assert_close(grads[0], grads[1], what="the gradient of tanh, against that of the quotient,")


def test_saturated(submission: Any) -> None:
    for x in (400.0, -400.0, 1000.0):
        left, _, out = make(submission, lambda a, b: a.tanh(), x, 0.0, f"tanh({x:g})")
        assert_equal(float(out.data), x / abs(x), what=f"tanh({x:g})")
        out.grad = 1.0
        call_backward(out)
        assert_equal(float(left.grad), 0.0, what=f"the gradient of tanh at {x:g}")


def test_remembers(submission: Any, seed: int) -> None:
    a, b = draw_points(seed)[0]
    leaf = submission.Value(a, label="a")
    assert_equal(leaf.label, "a", what="the label that was given")
    assert_equal(float(leaf.grad), 0.0, what="the gradient of a new Value")
    assert_equal(leaf._op, "", what="_op of a number that was just given")
    assert_equal(submission.Value(a).label, "", what="the label if none is given")
    assert_equal(submission.operands(leaf), [], what="the operands of a number that was just given")
    call_backward(leaf)
    assert_equal(float(leaf.grad), 0.0, what="the gradient of a number after its own _backward()")
    made = submission.Value(3.0, (leaf,), "my op")
    assert_equal([v.label for v in submission.operands(made)], ["a"], what="the operands given as _children")
    assert_equal(made._op, "my op", what="the _op that was given")

    names = set()
    for text, expression in {**SINGLE, "a * a": lambda a, b: a * a}.items():
        _, _, out = make(submission, expression, a, b, text)
        found = {v.label for v in submission.operands(out)}
        assert_equal(
            found, {name for name in "ab" if name in text.split(".")[0].split()}, what=f"the operands of {text}"
        )
        op = out._op
        require(type(op) is str and op != "", f"_op of {text} should be a text that names the operation", got=op)
        names.add(op)
        assert_equal(float(out.grad), 0.0, what=f"the gradient of {text} before anybody goes backward")
    require(len(names) == len(SINGLE), "different operations should have different names in _op", got=sorted(names))
    _, _, out = make(submission, lambda a, b: a + 2, a, b, "a + 2")
    numbers = sorted(float(v.data) for v in submission.operands(out))
    assert_close(numbers, sorted([a, 2.0]), what="the numbers among the operands of a + 2")
