"""Checks of topological order and of backward.

Graphs are built over there, operation by operation, and again here: as names and edges, or with torch in float64.
Handles do not tell whether they are the same object, so every node gets a label of its own.
"""

import random
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from grader.testing import assert_close, assert_equal, require

CHAIN = 5000


class Graph:
    """A graph of Values over there, with the names of each node's operands here."""

    def __init__(self, submission: Any) -> None:
        self._submission = submission
        self.nodes: dict[str, Any] = {}
        self.operands: dict[str, set[str]] = {}

    def leaf(self, name: str, number: float) -> None:
        self.nodes[name], self.operands[name] = self._submission.Value(number, label=name), set()

    def add(self, name: str, a: str, b: str) -> None:
        self._keep(name, self.nodes[a] + self.nodes[b], a, b)

    def multiply(self, name: str, a: str, b: str) -> None:
        self._keep(name, self.nodes[a] * self.nodes[b], a, b)

    def tanh(self, name: str, a: str) -> None:
        self._keep(name, self.nodes[a].tanh(), a)

    def _keep(self, name: str, node: Any, *operands: str) -> None:
        node.label = name
        self.nodes[name], self.operands[name] = node, set(operands)

    def ancestry(self, root: str) -> set[str]:
        """Return the names of everything a node depends on, itself included."""
        found: set[str] = set()
        remaining = [root]
        while remaining:
            name = remaining.pop()
            if name not in found:
                found.add(name)
                remaining += self.operands[name]
        return found

    def require_gradients(self, expected: Mapping[str, float], what: str) -> None:
        for name, gradient in expected.items():
            assert_close(self.nodes[name].grad, gradient, what=f"{name}.grad {what}")


def make_diamonds(submission: Any, seed: int) -> list[tuple[Graph, str]]:
    """Build graphs whose nodes are reached on ways of different length, with their roots."""
    draw = random.Random(seed)
    number = draw.uniform(0.5, 1.5)

    single = Graph(submission)
    single.leaf("a", number)

    twice = Graph(submission)
    twice.leaf("a", number)
    twice.add("b", "a", "a")

    # x is an operand of the root and, four operations down, of its other operand; the leaf y has the number of x.
    long_way = Graph(submission)
    long_way.leaf("x", number)
    long_way.leaf("y", number)
    long_way.tanh("p", "x")
    long_way.add("q", "p", "y")
    long_way.tanh("r", "q")
    long_way.multiply("s", "r", "p")
    long_way.add("root", "s", "x")

    # The same, but the short way is the left operand.
    short_left = Graph(submission)
    short_left.leaf("x", number)
    short_left.tanh("p", "x")
    short_left.tanh("q", "p")
    short_left.multiply("r", "p", "q")
    short_left.add("s", "x", "r")
    short_left.add("t", "p", "s")
    short_left.multiply("root", "q", "t")

    # A ladder: the number of ways doubles with each step.
    ladder = Graph(submission)
    ladder.leaf("step 0", number / 2)
    for k in range(8):
        ladder.tanh(f"side {k}", f"step {k}")
        ladder.add(f"step {k + 1}", f"step {k}", f"side {k}")
    return [(single, "a"), (twice, "b"), (long_way, "root"), (short_left, "root"), (ladder, "step 8")]


def test_lecture_expression(submission: Any) -> None:
    graph = Graph(submission)
    for name, number in (("a", 2.0), ("b", -3.0), ("c", 10.0), ("f", -2.0)):
        graph.leaf(name, number)
    graph.multiply("e", "a", "b")
    graph.add("d", "e", "c")
    graph.multiply("L", "d", "f")
    submission.backward(graph.nodes["L"])
    expected = {"L": 1.0, "d": -2.0, "f": 4.0, "c": -2.0, "e": -2.0, "a": 6.0, "b": -4.0}
    graph.require_gradients(expected, "of L = (a * b + c) * f with d = a * b + c and e = a * b")


def test_used_twice(submission: Any, seed: int) -> None:
    graph = Graph(submission)
    graph.leaf("a", random.Random(seed).uniform(1, 4))
    graph.add("b", "a", "a")
    submission.backward(graph.nodes["b"])
    graph.require_gradients({"a": 2.0}, "of b = a + a")

    graph = Graph(submission)
    graph.leaf("a", -2.0)
    graph.leaf("b", 3.0)
    graph.multiply("d", "a", "b")
    graph.add("e", "a", "b")
    graph.multiply("f", "d", "e")
    submission.backward(graph.nodes["f"])
    graph.require_gradients({"a": -3.0, "b": -8.0}, "of f = (a * b) * (a + b) at a = -2, b = 3")

    graph = Graph(submission)
    graph.leaf("a", 0.5)
    graph.add("b", "a", "a")
    graph.add("c", "b", "a")
    graph.multiply("d", "b", "c")  # 2a * 3a
    submission.backward(graph.nodes["d"])
    graph.require_gradients({"b": 3.5 * 0.5 + 0.5 * 1.5, "a": 12 * 0.5}, "of d = b * (b + a) with b = a + a, a = 0.5")


def test_order(submission: Any, seed: int) -> None:
    for graph, root in make_diamonds(submission, seed):
        names = [node.label for node in submission.topological_order(graph.nodes[root])]
        where = f"of a graph with {len(graph.ancestry(root))} nodes"
        doubled = sorted({name for name in names if names.count(name) > 1})
        require(not doubled, f"the order {where} names nodes more than once: {', '.join(doubled[:4])}", got=names)
        missing = sorted(graph.ancestry(root) - set(names))
        require(not missing, f"the order {where} lacks {', '.join(missing[:4])}", got=names)
        assert_equal(len(names), len(graph.ancestry(root)), what=f"the length of the order {where}")
        for name in names:
            late = sorted(other for other in graph.operands[name] if names.index(other) > names.index(name))
            require(not late, f"in the order {where} {name} stands before its operand {', '.join(late)}", got=names)


def test_runs_once(submission: Any, seed: int) -> None:
    for graph, root in make_diamonds(submission, seed):
        calls: list[str] = []
        for name, node in graph.nodes.items():

            def note(name: str = name, calls: list[str] = calls) -> None:
                calls.append(name)

            node._backward = note
        submission.backward(graph.nodes[root])
        for name in graph.ancestry(root):
            count = calls.count(name)
            require(
                count == 1,
                f"_backward of a node ran {count} times instead of once, in a graph of {len(graph.ancestry(root))} nodes",
                got=calls,
            )
            consumers = [other for other in graph.ancestry(root) if name in graph.operands[other]]
            early = sorted(other for other in consumers if calls.index(other) > calls.index(name))
            require(
                not early,
                f"{name} sent its gradient on before {', '.join(early)}, which uses it, had sent its own share",
                got=calls,
            )
        assert_equal(len(calls), len(graph.ancestry(root)), what="the number of calls of _backward")


def test_random_graphs(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(3):
        graph = Graph(submission)
        here: dict[str, Tensor] = {}
        for k in range(5):
            number = draw.uniform(-1.5, 1.5)
            graph.leaf(f"n{k}", number)
            here[f"n{k}"] = torch.tensor(number, dtype=torch.float64, requires_grad=True)
        for k in range(5, 59):
            name, kind = f"n{k}", draw.choice(("add", "multiply", "tanh", "tanh"))
            a, b = (f"n{draw.randrange(max(0, k - 12), k)}" for _ in range(2))
            if kind == "tanh":
                graph.tanh(name, a)
                here[name] = torch.tanh(here[a])
            elif kind == "add":
                graph.add(name, a, b)
                here[name] = here[a] + here[b]
            else:
                graph.multiply(name, a, b)
                here[name] = here[a] * here[b]
        graph.add("n59", "n58", "n57")
        here["n59"] = here["n58"] + here["n57"]
        found = torch.autograd.grad(here["n59"], list(here.values()), allow_unused=True)
        submission.backward(graph.nodes["n59"])
        expected = {name: 0.0 if g is None else float(g) for name, g in zip(here, found, strict=True)}
        # Sixty operations in two orders of summation: rounding is far below 1e-10 of the gradient.
        for name, gradient in expected.items():
            got = graph.nodes[name].grad
            assert_close(got, gradient, rtol=1e-10, atol=1e-10, what=f"{name}.grad of a random graph of 60 nodes")


def test_left_alone(submission: Any, seed: int) -> None:
    number = random.Random(seed).uniform(0.5, 1.5)
    graph = Graph(submission)
    graph.leaf("a", number)
    graph.leaf("b", 2.0)
    graph.leaf("c", 3.0)
    graph.multiply("ab", "a", "b")
    graph.multiply("root", "ab", "ab")
    graph.multiply("ac", "a", "c")  # uses a, but the root does not depend on it
    graph.add("other", "ac", "root")
    submission.backward(graph.nodes["root"])
    once = {"root": 1.0, "ab": 4 * number, "a": 8 * number, "b": 4 * number**2}
    graph.require_gradients({**once, "c": 0.0, "ac": 0.0, "other": 0.0}, "after backward from root = (a * b) ** 2")
    submission.backward(graph.nodes["ac"])
    both = {**once, "a": 8 * number + 3.0, "c": number, "ac": 1.0, "other": 0.0}
    graph.require_gradients(both, "after a second backward, from ac = a * c, which adds to what is there,")


def test_deep_chain(submission: Any) -> None:
    first = submission.Value(0.25)
    node = first
    for _ in range(CHAIN // 2):
        node = 1 - node  # two nodes: times -1, then plus 1
    submission.backward(node)
    assert_close(first.grad, 1.0, what=f"the gradient at the beginning of a chain of {CHAIN} operations")
