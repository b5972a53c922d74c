"""The toy course as lint wants it, and the same with something wrong."""

from collections.abc import Mapping
from pathlib import Path

from tests.support.toy_course import ADD, DOUBLE, replace_once, write_toy_course

STUB, SOLUTION, CHECKS = (f"exercises/e02_double/{name}.py" for name in ("stub", "solution", "checks"))
MUTANT = "exercises/e02_double/mutants/squares.py"

#: The toy course as lint wants it: e01_add has its code in the YAML, e02_double has it in files.
GOOD: Mapping[str, str | None] = {
    ADD: """\
id: e01_add
title: "Add two numbers"
readings:
- {id: toy-lecture, chapter: 90}
difficulty: 1
minutes: 10
statement: |
  Write `add`, the sum of two numbers.

  Source: the toy lecture, from 1:30.
hints:
- "There is an operator for it, between the two names."
- "It is the one that shopkeepers use all day long: +."
stub: |

  def add(a: float, b: float = 0.0) -> float:
      \"""Return the sum of two numbers.\"""
      raise NotImplementedError
solution: |
  def add(a: float, b: float = 0.0) -> float:
      return a + b
checks:
- id: small
  title: "Small numbers"
  given: {a: "rand()"}
  call: add(a, 2)
  expect:
  - equals: a + 2
    tolerance: {float32: 1e-2}
    because: "A reason."
  - equals: a + 2
    tolerance: {float32: 1e-3}
mutants:
- id: subtracts
  says: "It subtracts."
  caught_by: small
  code: |
    def add(a, b=0.0):
        return a - b
""",
    "exercises/e01_add/stub.py": None,
    "exercises/e01_add/solution.py": None,
    "exercises/e01_add/checks.py": None,
    "exercises/e01_add/mutants/subtracts.py": None,
    DOUBLE: """\
id: e02_double
title: "Double a tensor"
readings:
- id: toy-paper
prerequisites: [e01_add]
difficulty: 2
minutes: 20
statement: "Write `double` and `Doubler`, see https://example.org/toy.pdf, page 2."
hints: ["Add it to itself, or multiply it by a number.", "The number to multiply it by is two, for any shape."]
checks:
- {id: doubled, title: "The double"}
- {id: often, title: "Again and again"}
mutants:
- {id: squares, says: "It squares.", caught_by: doubled}
- {id: once, says: "It adds once.", caught_by: often}
""",
    STUB: '''\
"""Double a tensor."""

import torch
from torch import Tensor


class Given:
    def zero(self, like):
        return torch.zeros_like(like)


class Base:
    """Holds a number of times (n,)."""

    def __init__(self, times: int) -> None:
        raise NotImplementedError

    def run(self, x: Tensor) -> Tensor:
        """Double x as often as this was told to."""
        raise NotImplementedError

    @staticmethod
    def one() -> int:
        """Return one."""
        raise NotImplementedError


def double(x: Tensor, *, fast: bool = False) -> Tensor:
    """Return twice x, in the shape (B, T) of x."""
    raise NotImplementedError


def halve(x: Tensor) -> Tensor:
    """Undo `double`."""
    raise NotImplementedError


def _note(anything):
    return anything
''',
    SOLUTION: '''\
import numpy as np
import torch
from torch import Tensor


class Given:
    """The given class."""

    def zero(self, like):
        return torch.zeros_like(like)


class Root:
    @staticmethod
    def one() -> int:
        return int(np.ones(1)[0])


class Base(Root):
    def __init__(self, times: int) -> None:
        self.times = times

    def run(self, x: Tensor) -> Tensor:
        for _ in range(self.times):
            x = double(x)
        return x


def double(x: Tensor, *, fast: bool = False) -> Tensor:
    doubled_tensor = torch.add(x, x) if fast else x + x
    return doubled_tensor


def halve(x: Tensor) -> Tensor:
    return x / 2
''',
    CHECKS: """\
import random

import numpy as np
import torch

from grader.testing import assert_close


def compare(submission, x):
    assert_close(submission.double(x), 2 * x, rtol=1e-3, atol=1e-3)


def test_doubled(submission, rng):
    compare(submission, torch.randn(3, generator=rng))


def test_often(submission, seed, rng):
    # Half precision, and many steps.
    assert_close(submission.Base(2).run(1), 4, rtol=1e-2, atol=0.1)
    draw = random.Random(seed)
    more = np.random.default_rng(seed)
    x = torch.empty(2).normal_(generator=rng)
    assert submission.double(draw.random() + more.random() + x) is not None
""",
    MUTANT: """\
import torch


def square(x):
    return torch.square(x)


def double(x, *, fast=False):
    return square(x)
""",
    "exercises/e02_double/mutants/once.py": "Base.run = lambda self, x: double(x)\n",
}


def write_good(root: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    return write_toy_course(root, {**GOOD, **(changes or {})})


def break_both(root: Path) -> Path:
    """Break a file of each exercise."""
    add, stub = GOOD[ADD], GOOD[STUB]
    assert add is not None
    assert stub is not None
    return write_good(root, {ADD: replace_once(add, "It subtracts.", "It subtracts"), STUB: "import jax\n" + stub})


IN_ADD = "exercises/e01_add/exercise.yaml:35:9: the sentence does not end in a full stop; add it"
IN_DOUBLE = "exercises/e02_double/stub.py:1:1: a learner may lack `jax`; use torch, numpy or the standard library"
