"""Declared checks are held against the expression language, the stub and one another when a course is loaded."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import grader.course.declared_checks
from grader.core.errors import ContentError
from grader.core.models import Exercise
from grader.course import load_content
from grader.course.conform import read_model
from grader.course.yaml_tree import parse_text
from tests.toy_course import DOUBLE, problems_of, replace_once, write_toy_course

#: An exercise in one file, with every kind of expectation.
DECLARED = """\
id: e02_double
title: "Double a number"
readings:
- id: toy-paper
difficulty: 2
minutes: 20
statement: "Write `double`."
hints: ["Add it to itself."]
corpus: true
thresholds:
  best_loss: {names: 2.5, embedded: 2.4}
stub: |
  def double(a, by=2):
      \"\"\"Return twice a tensor.\"\"\"
      raise NotImplementedError


  class Doubler:
      def __init__(self, by):
          raise NotImplementedError
solution: |
  def double(a, by=2):
      return a * by


  class Doubler:
      def __init__(self, by):
          self.by = by

      def apply(self, a):
          return a * self.by
checks:
- id: doubled
  title: "The double"
  given:
    x: randn(3, 4)
    y: transposed(x)
    names: words(5)
  call: double(x, by=3)
  cases:
  - {x: "huge(randn(2, 2))"}
  expect:
  - equals: reference
    tolerance: {float32: 1e-5}
    because: "Sums of three."
  - shape: (3, 4)
  - {dtype: x.dtype}
  - holds: "(result == x + 'é'.count('e') + x).all()"
    because: "Every element counts."
  - raises: ValueError
    message: "shape .*"
  - {gradient: [x], tolerance: {float64: 1e-8}, because: "Rounding."}
  - unchanged: [x, y]
  - deterministic: true
  - simulated_cuda: true
  - operators_forbidden: [aten.add]
  - operators_required: [aten.mul]
  - at_most: {operations: 2}
  - loss_under: {of: "cross_entropy(result, y)", threshold: best_loss}
- id: applied
  title: "Apply"
  given: {x: "ones(2)"}
  call: Doubler(2).apply(x)
  expect:
  - equals: |
      (x
       + x)
mutants:
- id: squares
  says: "It squares."
  caught_by: doubled
  code: |
    def double(a, by=2):
        return a ** by
accept:
- id: sums
  code: |
    def double(a, by=2):
        return sum([a] * by)
"""
FOLDER = DOUBLE.removesuffix("exercise.yaml")
#: The files of the toy course that now stand in the YAML.
INLINE: Mapping[str, str | None] = dict.fromkeys(
    f"{FOLDER}{name}" for name in ("stub.py", "solution.py", "checks.py", "mutants/squares.py")
)

# Each line: what it is, the text in it, what to put there instead, every problem that has to be found.
# fmt: off
MISTAKES = [
    ("an unknown function in an expression", '"huge(randn(2, 2))"', "huge(rnd(2))",
     "41:14: `rnd` is not a function for expressions; did you mean `rand`?"),
    ("an expression with a comma that is not in quotes", '"huge(randn(2, 2))"', "huge(randn(2, 2))",
     "41:23: a key of an item of `cases` cannot be `2))`; write a name such as x; inside { }, an expression with commas goes in quotes"),
    ("an input that stands below", "x: randn(3, 4)", "x: randn(3, 4) + y",
     "36:22: `y` has no value yet; an input can use those above it in `given`"),
    ("the result where there is none yet", "y: transposed(x)", "y: transposed(result)",
     "37:19: `result` is not a variable here; there are `names`, `x`, `y`"),
    ("a misspelt input in a call", "double(x, by=3)", "double(x, by=nmes)",
     "39:22: `nmes` is not a variable here; did you mean `names`?"),
    ("an unknown variable", "shape: (3, 4)", "shape: (q, 4)",
     "46:13: `q` is not a variable here; there are `names`, `reference`, `result`, `x`, `y`"),
    ("a misspelt variable", "dtype: x.dtype", "dtype: resul.dtype",
     "47:13: `resul` is not a variable here; did you mean `result`?"),
    ("a misspelt function", "transposed(x)", "transpose(x)",
     "37:8: `transpose` is not a function for expressions; did you mean `transposed`?"),
    ("a function that is called with too much", "transposed(x)", "transposed(x, 0, 1)",
     "37:8: `transposed` cannot take 3 arguments; it is called transposed(t)"),
    ("a function with an unknown keyword", "randn(3, 4)", "randn(3, 4, device=1)",
     "36:20: `randn` takes no `device=`; it is called randn(*shape, dtype=float32)"),
    ("a keyword twice", "randn(3, 4)", "randn(3, dtype=float32, dtype=float64)",
     "36:32: `dtype=` is here twice; keep one of them"),
    ("a function that is not called", "transposed(x)", "transposed",
     "37:8: `transposed` is a function; call it: transposed(t)"),
    ("a function of torch", "y: transposed(x)", "y: x + torch.ones(3, 4)",
     "37:12: expressions know no `torch`; write `ones` alone"),
    ("a dtype of torch", "{dtype: x.dtype}", "{dtype: torch.float32}",
     "47:13: expressions know no `torch`; write `float32` alone"),
    ("a misspelt method", "shape: (3, 4)", "shape: x.transpse(0, 1).shape",
     "46:14: the method `.transpse` cannot be called in an expression; did you mean `.transpose`?"),
    ("a method that changes a tensor", "shape: (3, 4)", "shape: x.add_(1).shape",
     "46:14: the method `.add_` cannot be called in an expression; docs/authoring.md lists what there is"),
    ("a method that is a function", "shape: (3, 4)", "shape: x.cross_entropy(y)",
     "46:14: the method `.cross_entropy` cannot be called in an expression; write cross_entropy(logits, targets)"),
    ("a misspelt attribute", "dtype: x.dtype", "dtype: x.dtyp",
     "47:15: `.dtyp` cannot be asked for in an expression; did you mean `.dtype`?"),
    ("a method that is not called", "shape: (3, 4)", "shape: x.size",
     "46:14: `.size` is a method; call it: .size()"),
    ("an attribute that is called", "shape: (3, 4)", "shape: x.shape()",
     "46:14: `.shape` is not a method; leave the brackets behind it out"),
    ("a hidden attribute", "shape: (3, 4)", "shape: x.__class__",
     "46:14: `.__class__` cannot be asked for in an expression; there are .shape, .dtype, .device, .ndim, .T, .mT, .requires_grad, .values, .indices"),
    ("a bracket that is never closed", "shape: (3, 4)", "shape: (3, 4",
     "46:12: cannot be read as an expression: '(' was never closed"),
    ("an assignment", "shape: (3, 4)", "shape: x = 4",
     "46:14: cannot be read as an expression: invalid syntax"),
    ("a lambda", "shape: (3, 4)", 'shape: "(lambda: 3)"',
     "46:14: a lambda cannot be used in an expression; write the value out"),
    ("a number of too many digits", "shape: (3, 4)", "shape: (3, 10**10**10)",
     "46:16: `10 ** 10 ** 10` gives a number of more than 64 bits; write it as a float"),
    ("a list that is too long", "shape: (3, 4)", 'shape: "[0] * 10**9"',
     "46:13: `[0] * 10 ** 9` has more than 100,000 items; write fewer"),
    ("a place behind a letter of two bytes", "'é'.count('e') + x", "'é'.count('e') + z",
     "48:45: `z` is not a variable here; there are `names`, `reference`, `result`, `x`, `y`"),
    ("a place in single quotes", "shape: (3, 4)", "shape: '(q, 4)'",
     "46:14: `q` is not a variable here; there are `names`, `reference`, `result`, `x`, `y`"),
    ("a place behind an escape cannot be told", "shape: (3, 4)", "shape: \"('\\x41', q)\"",
     "46:12: `q` is not a variable here; there are `names`, `reference`, `result`, `x`, `y`"),
    ("a place in a block", "       + x)", "       + q)",
     "67:10: `q` is not a variable here; there are `reference`, `result`, `x`"),
    ("a bracket that is open at the end of a block", "      (x\n       + x)", "      ((x\n       + x)",
     "66:7: cannot be read as an expression: '(' was never closed"),
    ("a place in a folded block cannot be told", "  - equals: |\n      (x\n       + x)", "  - equals: >\n      (x\n       + q)",
     "65:13: `q` is not a variable here; there are `reference`, `result`, `x`"),
    ("a place in a text over two lines cannot be told", "shape: (3, 4)", "shape: (3,\n      q)",
     "46:12: `q` is not a variable here; there are `names`, `reference`, `result`, `x`, `y`"),
    ("a number where an expression belongs", "shape: (3, 4)", "shape: 3",
     '46:12: `shape` is text, found the number 3; write "3" in quotes'),
    ("a call of what the stub lacks", "call: double(x, by=3)", "call: doubel(x, by=3)",
     "39:9: the stub has no function or class `doubel`; did you mean `double`?"),
    ("a call of nothing", "call: double(x, by=3)", "call: x + 1",
     "39:9: this calls nothing of the stub; write a call such as `f(x)` or `Name(x).method(y)`"),
    ("a call of a private method", "Doubler(2).apply(x)", "Doubler(2)._apply(x)",
     "63:20: `_apply` starts with _; only public methods can be called"),
    ("too many arguments", "double(x, by=3)", "double(x, 3, 4)",
     "39:9: `double` cannot be called so: too many positional arguments; the stub has double(a, by)"),
    ("an argument that is missing", "Doubler(2).apply(x)", "Doubler().apply(x)",
     "63:9: `Doubler` cannot be called so: missing a required argument: 'by'; the stub has Doubler(by)"),
    ("an argument the stub does not have", "double(x, by=3)", "double(x, bye=3)",
     "39:9: `double` cannot be called so: got an unexpected keyword argument 'bye'; the stub has double(a, by)"),
    ("a call that nothing is expected of", "  expect:\n  - equals: |\n      (x\n       + x)\n", "",
     "63:9: nothing is expected of this call; add `expect: [{equals: reference}]`"),
    ("a call with an empty list of expectations", "  expect:\n  - equals: |\n      (x\n       + x)\n", "  expect: []\n",
     "63:9: nothing is expected of this call; add `expect: [{equals: reference}]`"),
    ("what belongs to a call without one", "  call: Doubler(2).apply(x)\n", "  seeds: 3\n",
     "1:1: checks.py is missing beside this file; create e02_double/checks.py",
     "62:3: `given`, `expect`, `seeds` without a `call`; add one such as `call: f(x)`, or leave it out"),
    ("a picture without a call", "  call: Doubler(2).apply(x)\n", "  picture: {title: T, lines: {a: result}}\n",
     "1:1: checks.py is missing beside this file; create e02_double/checks.py",
     "62:3: `given`, `expect`, `picture` without a `call`; add one such as `call: f(x)`, or leave it out"),
    ("a line of a picture that nothing is called", "  call: Doubler(2).apply(x)\n",
     "  call: Doubler(2).apply(x)\n  picture: {title: T, lines: {a: result, b: xs}, x: 'y'}\n",
     "64:45: `xs` is not a variable here; did you mean `x`?",
     "64:54: `y` is not a variable here; there are `reference`, `result`, `x`"),
    ("a picture without lines", "  call: Doubler(2).apply(x)\n",
     "  call: Doubler(2).apply(x)\n  picture: {title: T, lines: {}}\n",
     "64:30: `lines` draws nothing; add a line such as `loss: result`"),
    ("an input that is called as a function is", 'given: {x: "ones(2)"}', 'given: {x: "ones(2)", sum: "1"}',
     "62:25: `sum` is a function of expressions; choose another name for this input"),
    ("an input that is called as a dtype is", 'given: {x: "ones(2)"}', 'given: {x: "ones(2)", float32: "1"}',
     "62:25: `float32` is a constant of expressions; choose another name for this input"),
    ("an input that is called as the result is", 'given: {x: "ones(2)"}', 'given: {x: "ones(2)", result: "1"}',
     "62:25: `result` is what came back of the call; choose another name for this input"),
    ("an input that is a word of Python", 'given: {x: "ones(2)"}', 'given: {x: "ones(2)", lambda: "1"}',
     "62:25: `lambda` is a word of Python; choose another name for this input"),
    ("an exception with a bad name", "raises: ValueError", "raises: value error",
     "50:13: `raises` cannot be `value error`; write the name of an exception, such as ValueError"),
    ("an input with a bad name", 'given: {x: "ones(2)"}', 'given: {x: "ones(2)", a-b: "1"}',
     "62:25: a key of `given` cannot be `a-b`; write a name such as x; inside { }, an expression with commas goes in quotes"),
    ("a case of an unknown input", '- {x: "huge(randn(2, 2))"}', "- {names2: randn(2)}",
     "41:6: `names2` is not an input of `given`; did you mean `names`?"),
    ("a case that changes an input by itself", '"huge(randn(2, 2))"', "2 * x",
     "41:13: `x` has no value yet; an input can use those above it in `given`"),
    ("a case that needs an input that stands below", '- {x: "huge(randn(2, 2))"}', "- {x: huge(y)}",
     "41:14: `y` has no value yet; an input can use those above it in `given`"),
    ("words without a corpus", "corpus: true\n", "",
     "37:12: `words` needs a corpus; add `corpus: true` to the exercise"),
    ("an expectation of no kind", "  - deterministic: true", '  - because: "Why not."',
     "54:5: an expectation needs one of equals, shape, dtype, holds, raises, gradient, unchanged, deterministic, simulated_cuda, operators_forbidden, operators_required, at_most, loss_under; add one such as `equals: reference`"),
    ("an expectation of an unknown kind", "  - deterministic: true", "  - wombat: true",
     "54:5: unknown key `wombat`; an expectation has equals, shape, dtype, holds, raises, gradient, unchanged, deterministic, simulated_cuda, operators_forbidden, operators_required, at_most, loss_under, message, tolerance, because"),
    ("an expectation of a misspelt kind", "  - deterministic: true", "  - determinstic: true",
     "54:5: unknown key `determinstic`; did you mean `deterministic`?"),
    ("an expectation with a comma that is not in quotes", "  - {dtype: x.dtype}", "  - {shape: (3, 4)}",
     "47:17: unknown key `4)`; inside { }, a text with commas goes in quotes"),
    ("an expectation of two kinds", "  - {dtype: x.dtype}", '  - {dtype: x.dtype, shape: "(3, 4)"}',
     "47:6: `shape` is beside it; write `- dtype:` as an item of its own"),
    ("a tolerance of what compares nothing", "  - {dtype: x.dtype}", "  - {dtype: x.dtype, tolerance: {float32: 1e-3}}",
     "47:22: `dtype` compares no numbers; leave `tolerance` out"),
    ("a tolerance of an unknown dtype", "{float32: 1e-5}", "{flot32: 1e-5}",
     "44:17: `flot32` is not a dtype; did you mean `float32`?"),
    ("a tolerance of what is compared exactly", "{float32: 1e-5}", "{int64: 1e-5}",
     "44:17: `int64` is compared exactly; write one of float16, bfloat16, float32, float64"),
    ("a tolerance of nothing", "{float32: 1e-5}", "{}",
     "44:16: `tolerance` names no dtype; write {float32: 1e-5}, or leave it out"),
    ("a tolerance that is too large", "{float32: 1e-5}", "{float32: 100}",
     "44:26: `float32` cannot be 100; write at least 0 and at most 10"),
    ("a reason without a tolerance", "    tolerance: {float32: 1e-5}\n", "",
     "44:5: `because` goes with `holds` or a `tolerance`; leave it out"),
    ("a message of no exception", "  - raises: ValueError\n    message", "  - deterministic: true\n    message",
     "51:5: `message` is what an exception says; add `raises:`, or leave it out"),
    ("a message that is not a regular expression", 'message: "shape .*"', 'message: "shape [0-9"',
     "51:21: `message` is not a regular expression: unterminated character set; put a \\ before what is meant literally"),
    ("a misspelt exception", "raises: ValueError", "raises: ValueEror",
     "50:13: `ValueEror` is not a Python exception; did you mean `ValueError`?"),
    ("the exception of the stub", "raises: ValueError", "raises: NotImplementedError",
     "50:13: the unsolved stub raises NotImplementedError too; expect another exception"),
    ("a gradient of an unknown input", "gradient: [x]", "gradient: [xx]",
     "52:17: `xx` is not an input of `given`; did you mean `x`?"),
    ("an unknown input that is unchanged", "unchanged: [x, y]", "unchanged: [x, nam]",
     "53:20: `nam` is not an input of `given`; did you mean `names`?"),
    ("nothing that is unchanged", "unchanged: [x, y]", "unchanged: []",
     "53:16: `unchanged` names nothing; add a name, or leave it out"),
    ("false where only true means something", "deterministic: true", "deterministic: false",
     "54:20: `deterministic: false` expects nothing; leave it out"),
    ("a budget without a limit", "at_most: {operations: 2}", "at_most: {}",
     "58:14: `at_most` sets no limit; add operations, bytes or seconds"),
    ("a misspelt threshold", "threshold: best_loss", "threshold: best_los",
     "59:61: `best_los` is not a threshold; did you mean `best_loss`?"),
    ("an unknown threshold", "threshold: best_loss", "threshold: zzz",
     "59:61: `zzz` is not a threshold; add it to `thresholds:` of the exercise"),
    ("a kind and a tolerance of another", "  - {dtype: x.dtype}", "  - {holds: x.dtype, tolerance: {float32: 1e-3}}",
     "47:22: `holds` compares no numbers; leave `tolerance` out"),
    ("a mistake in a loss", "cross_entropy(result, y)", "cross_entropy(result, z)",
     "59:45: `z` is not a variable here; there are `names`, `reference`, `result`, `x`, `y`"),
    ("a stub that is no Python", '  def double(a, by=2):\n      """Return', '  def double(a, by=2:\n      """Return',
     "13:21: this is no Python: invalid syntax; correct this line"),
    ("a solution that is no Python", "          return a * self.by", "          return a * * self.by",
     "31:22: this is no Python: invalid syntax; correct this line"),
    ("a mutant that is no Python", "        return a ** by", "       return a **",
     "74:19: this is no Python: invalid syntax; correct this line"),
    ("an alternative that is no Python", "        return sum([a] * by)", "      return sum([a] * by",
     "79:17: this is no Python: '(' was never closed; correct this line"),
    ("two mistakes in two expressions", "    x: randn(3, 4)\n    y: transposed(x)", "    x: randm(3, 4)\n    y: transposed(q)",
     "36:8: `randm` is not a function for expressions; did you mean `rand`?",
     "37:19: `q` is not a variable here; there are `names`, `x`, `y`"),
]
# fmt: on


def write_declared(root: Path, text: str, changes: Mapping[str, str | None] | None = None) -> Path:
    return write_toy_course(root, {**INLINE, DOUBLE: text, **(changes or {})})


def problems_in(root: Path) -> list[str]:
    return [problem.removeprefix(f"{DOUBLE}:") for problem in problems_of(root)]


def test_every_kind_of_expectation_is_accepted(tmp_path: Path) -> None:
    """What is right is loaded, with the expressions as they were written."""
    exercise = load_content(write_declared(tmp_path, DECLARED)).exercises["e02_double"]
    assert [check.call for check in exercise.checks] == ["double(x, by=3)", "Doubler(2).apply(x)"]
    assert exercise.checks[0].given == {"x": "randn(3, 4)", "y": "transposed(x)", "names": "words(5)"}
    assert exercise.checks[1].expect[0].equals == "(x\n + x)\n"


@pytest.mark.parametrize(
    ("old", "new", "problems"), [(o, n, p) for _, o, n, *p in MISTAKES], ids=[m[0] for m in MISTAKES]
)
def test_mistake_is_reported_where_it_stands(tmp_path: Path, old: str, new: str, problems: list[str]) -> None:
    """Each mistake gives its problems and no others."""
    assert problems_in(write_declared(tmp_path, replace_once(DECLARED, old, new))) == problems


def test_check_that_stands_in_python_too_is_reported(tmp_path: Path) -> None:
    """One id is one check."""
    python = "def test_doubled(submission):\n    pass\n"
    root = write_declared(tmp_path, DECLARED, {f"{FOLDER}checks.py": python})
    assert problems_in(root) == ["39:9: checks.py has test_doubled as well; keep one of them"]


def test_stub_in_a_file_says_what_can_be_called(tmp_path: Path) -> None:
    """The names come from stub.py where no stub stands in the YAML."""
    start, end = DECLARED.index("stub: |"), DECLARED.index("solution: |")
    stub = "def double(a, *, by=2):\n    raise NotImplementedError\n"
    root = write_declared(tmp_path, DECLARED[:start] + DECLARED[end:], {f"{FOLDER}stub.py": stub})
    assert problems_in(root) == [
        "54:9: the stub has no function or class `Doubler`; did you mean `double`?",
    ]


@pytest.mark.parametrize(
    ("stub", "call", "problem"),
    [
        ("def f(a, /, b, *c, d, e=1, **g): ...", "f(x, x, x, d=x, h=x)", None),
        ("def f(a, *, b): ...", "f(x)", "missing a required argument: 'b'; the stub has f(a, *, b)"),
        ("def f(a): ...", "f(x, a=x)", "multiple values for argument 'a'; the stub has f(a)"),
        ("@cache\ndef f(a): ...", "f(x, x)", None),
        ("class f: ...", "f(x, x)", None),
        ("class f:\n    def __init__(self, a): ...", "f(x)", None),
        ("def f(a, a): ...", "f(x, x)", None),
        ("def f(", "g(x)", None),
    ],
)
def test_call_has_to_fit_the_signature(tmp_path: Path, stub: str, call: str, problem: str | None) -> None:
    """A call is held against what the stub takes, where that can be known from its text."""
    start, end = DECLARED.index("stub: |"), DECLARED.index("solution: |")
    text = DECLARED[:start] + DECLARED[end:]
    text = replace_once(replace_once(text, "double(x, by=3)", call), "Doubler(2).apply(x)", call)
    root = write_declared(tmp_path, text, {f"{FOLDER}stub.py": stub})
    if problem is None:
        assert load_content(root).exercises["e02_double"].checks[0].call == call
    else:
        assert problems_in(root) == [f"{line}:9: `f` cannot be called so: {problem}" for line in (30, 54)]


def test_warning_of_python_is_none_of_ours(tmp_path: Path) -> None:
    """Code that only draws a warning is code."""
    text = replace_once(DECLARED, "return a * by", "return a * by if '\\d' else 1if a else 2")
    assert load_content(write_declared(tmp_path, text)).exercises["e02_double"].id == "e02_double"


def test_stub_that_changed_is_read_again(tmp_path: Path) -> None:
    """The index does not hide that a call names nothing any more."""
    start, end = DECLARED.index("stub: |"), DECLARED.index("solution: |")
    stub = "def double(a, by=2): ...\nclass Doubler: ...\n"
    root = write_declared(tmp_path / "course", DECLARED[:start] + DECLARED[end:], {f"{FOLDER}stub.py": stub})
    load_content(root, tmp_path / "cache")
    with (root / FOLDER / "stub.py").open("r+") as file:  # in place: the folder does not change
        file.write(stub.replace("double", "triple"))
    content = load_content(root, tmp_path / "cache")
    with pytest.raises(ContentError) as caught:
        content.exercises["e02_double"]
    problem = f"{DOUBLE}:30:9: the stub has no function or class `double`; did you mean `Doubler`?"
    assert caught.value.problems == [problem]


def test_index_spares_parsing_expressions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was checked once is not parsed again while nothing changes."""
    root = write_declared(tmp_path / "course", DECLARED)
    exercise = load_content(root, tmp_path / "cache").exercises["e02_double"]
    monkeypatch.delattr(grader.course.declared_checks, "parse_expression")
    monkeypatch.delattr(grader.course.declared_checks, "parse_call")
    assert load_content(root, tmp_path / "cache").exercises["e02_double"] == exercise


@pytest.mark.parametrize(
    ("written", "line", "column", "place"),
    [
        ("a: bcd", 0, 2, (1, 6)),
        ("a: 'bcd'", 0, 2, (1, 7)),
        ('a: "é😀d"', 0, 2, (1, 7)),
        ("a: 'b''d'", 0, 2, (1, 4)),
        ('a: "\\x41d"', 0, 1, (1, 4)),
        ("a: |\n  bc\n\n   d\n", 0, 1, (2, 4)),
        ("a: |\n  bc\n\n   d\n", 2, 1, (4, 4)),
        ("a: |\n  bc\n\n   d\n", 3, 0, (4, 5)),
        ("a: |-  # note\n\n    bc", 1, 1, (3, 6)),
        ("a: |2\n    bc", 0, 3, (2, 6)),
        ("a: >\n  bc\n  d", 0, 3, (1, 4)),
        ("a: b\n  c", 0, 2, (1, 4)),
    ],
)
def test_place_inside_a_text_is_that_of_the_file(written: str, line: int, column: int, place: tuple[int, int]) -> None:
    """A line and column of a text are found in the file, or else it is the place where the text starts."""
    source = parse_text(written, "a.yaml")
    found = source.place_inside(source.root.at("a"), line, column)
    assert (found.line, found.column) == place


PIECES = """
# : | > - { } [ ] ( ) , ' " é torch. result reference x names words( randn( .shape ** 10**10 q lambda [0]*10**9 equals: call:
because: tolerance: {int8:1} raises: message: [a-z at_most: loss_under: {} [] false 3 def class ``` \\x00 \\ \t given: cases:
"""


@settings(max_examples=250, deadline=None)
@given(
    st.integers(0, len(DECLARED)),
    st.integers(0, 30),
    st.lists(st.sampled_from([*PIECES.split(), "\n", "\n  ", " "]), max_size=4).map("".join),
)
def test_no_mangled_exercise_makes_it_crash(start: int, length: int, put: str) -> None:
    """Whatever is cut out or put in, there are problems inside the file, or none."""
    text = DECLARED[:start] + put + DECLARED[start + length :]
    source = parse_text(text, "exercise.yaml")
    read_model(source, Exercise)
    if source.whole:
        grader.course.declared_checks.check_declared(source, Path("no such folder"))
    lines = text.split("\n")
    assert [p for p in source.problems if not (1 <= p.line <= len(lines) and p.column >= 1)] == []
    assert [p for p in source.problems if p.line <= len(lines) and p.column > len(lines[p.line - 1]) + 2] == []
