"""What the declared checks cannot say: derivatives that are measured here, from the formulas of the statement."""

import math
import random
from collections.abc import Callable
from typing import Any

from grader.testing import assert_close

#: Every node as a function of the names before it, the last one being the output.
EXPRESSION: dict[str, Callable[[dict[str, float]], float]] = {
    "e": lambda v: v["a"] * v["b"],
    "d": lambda v: v["e"] + v["c"],
    "L": lambda v: v["d"] * v["f"],
}
NEURON: dict[str, Callable[[dict[str, float]], float]] = {
    "n": lambda v: v["x1"] * v["w1"] + v["x2"] * v["w2"] + v["b"],
    "o": lambda v: math.tanh(v["n"]),
}


def evaluate(
    graph: dict[str, Callable[[dict[str, float]], float]], given: dict[str, float], name: str, by: float
) -> float:
    """Evaluate a graph with one of its values, given or computed, moved."""
    values = {k: x + by * (k == name) for k, x in given.items()}
    for node, rule in graph.items():
        values[node] = rule(values) + by * (node == name)
    return list(values.values())[-1]


def test_central_differences(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    cases = (
        ("expression_grads", EXPRESSION, ("a", "b", "c", "f"), "abcdef"),
        ("neuron_grads", NEURON, ("x1", "x2", "w1", "w2", "b"), ("x1", "x2", "w1", "w2", "b", "n")),
    )
    h = 1e-5
    for name, graph, inputs, keys in cases:
        for _ in range(6):
            given = {k: draw.uniform(-1.5, 1.5) for k in inputs}
            measured = {k: (evaluate(graph, given, k, h) - evaluate(graph, given, k, -h)) / (2 * h) for k in keys}
            grads = getattr(submission, name)(*given.values())
            # Central differences are right to h squared times third derivatives (2 at most), and to rounding over h.
            for key, slope in measured.items():
                what = f"{name}: the derivative with respect to {key}, measured by central differences,"
                assert_close(grads[key], slope, rtol=0.0, atol=1e-6, what=what)
