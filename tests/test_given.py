"""What a stub gives: what counts as given, that it stays so, and that a changed copy is named."""

import ast
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.course import load_content
from grader.worker.given import Given, find_given
from tests.toy_course import DOUBLE, TOY_COURSE, replace_once, write_toy_course
from tests.warm_engine import WarmEngine

STUB = '''
"""A stub."""

import torch

SIZE = 3


def half(x: float) -> float:
    """Return half of x."""
    return x / SIZE * 1.5


def shift(x, by=1, *, more=0):
    return x + by + more


class Box:
    """Holds a number."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    @property
    def twice(self):
        return 2 * self.value

    @staticmethod
    def make():
        return Box(5)


@torch.no_grad()
def ask(x):
    return double(x)


def gradient(x):
    x.requires_grad_()
    x.sum().backward()
    return x.grad


def double(x):
    """Return twice x."""
    raise NotImplementedError
'''
RIGHT = STUB.replace("raise NotImplementedError", "return 2 * x")


def run(source: str) -> tuple[types.ModuleType, Given, list[str]]:
    """Import a learner's file on top of what the stub gives, as a worker does."""
    module = types.ModuleType("submission")
    given = Given(find_given(STUB), module, "mine.py")
    trees, changed = given.run([ast.parse(source)])
    for tree in trees:
        exec(compile(tree, "mine.py", "exec"), module.__dict__)
    given.put_back()
    return module, given, changed


def test_given_is_all_of_a_stub_but_what_is_to_be_written() -> None:
    names = [node.name for node in ast.parse(find_given(STUB)).body if hasattr(node, "name")]
    assert names == ["half", "shift", "Box", "ask", "gradient"]
    assert find_given('import torch\n\nSIZE = 3\n\n\ndef f(x):\n    raise NotImplementedError("f")\n') == ""


def test_a_file_as_the_stub_has_it_works_and_nothing_in_it_is_changed() -> None:
    module, _, changed = run(RIGHT)
    assert (module.half(4.0), module.shift(1, more=2), module.Box.make().twice, module.ask(4)) == (2.0, 4, 10, 8)
    assert changed == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('    """Return half of x."""\n', "    # mine\n"),
        ("def half(x: float) -> float:", "def half(x): "),
        ("return x + by + more", "return (x\n        + by\n        + more)"),
    ],
    ids=["words", "annotations", "layout"],
)
def test_words_annotations_and_layout_are_no_change(old: str, new: str) -> None:
    assert run(replace_once(RIGHT, old, new))[2] == []


@pytest.mark.parametrize(
    "printed",
    ["    print(x)\n", "    if by > 1:\n        print(x)\n", "    print(globals().update(half=lambda x: 99))\n"],
    ids=["a line", "a branch", "a trap"],
)
def test_what_a_copy_prints_is_no_change_and_is_not_run(printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    module, _, changed = run(replace_once(RIGHT, "    return x + by + more\n", f"{printed}    return x + by + more\n"))
    assert (module.shift(1, by=2), module.half(4.0), changed) == (3, 2.0, [])
    assert capsys.readouterr().out == ""


WRONG: dict[str, str] = {
    "rewritten": RIGHT.replace("return x / SIZE * 1.5", "return 99"),
    "written again below": f"{RIGHT}\n\ndef half(x):\n    return 99\n",
    "bound by an assignment": f"{RIGHT}\n\nhalf = lambda x: 99\n",
    "bound under a condition": f"{RIGHT}\n\nif True:\n    def half(x):\n        return 99\n",
    "bound by globals": f'{RIGHT}\n\nglobals()["half"] = lambda x: 99\n',
    "given other code": f"{RIGHT}\n\nhalf.__code__ = (lambda x: 99).__code__\n",
    "given other globals": f"{RIGHT}\n\nhalf.__globals__['SIZE'] = 1 / 66\n",
    "built on another value": RIGHT.replace("SIZE = 3", "SIZE = 1 / 66"),
    "left out": RIGHT.replace("def half(x: float)", "def other(x: float)"),
}


@pytest.mark.parametrize("how", WRONG)
def test_a_given_function_is_as_it_was_given(how: str) -> None:
    module, _, changed = run(WRONG[how])
    assert module.half(4.0) == 2.0
    assert changed == (["half"] if how in ("rewritten", "written again below") else [])


def change_late(module: Any) -> None:
    """Do to what is given all that a call can do."""
    module.half = lambda x: 99
    module.shift.__defaults__ = (50,)
    module.shift.__kwdefaults__ = {"more": 40}
    module.Box.__init__ = lambda self, value: setattr(self, "value", 99)
    module.Box.twice = property(lambda self: 99)
    module.Box.__call__ = lambda self: 99
    module.ask.__closure__[0].cell_contents = lambda x: 99


def test_what_is_changed_later_is_put_back_before_the_next_request() -> None:
    module, given, _ = run(RIGHT)
    box = module.Box(3)
    change_late(module)
    given.put_back()
    assert (module.half(4.0), module.shift(1), module.Box.make().twice, module.ask(4)) == (2.0, 2, 10, 8)
    assert (box.twice, callable(box), type(box) is module.Box) == (6, False, True)


def test_given_code_reaches_what_the_learner_writes_but_not_what_they_put_over_python() -> None:
    module, _, _ = run(
        f"{RIGHT}\n\nx = 99\nlen = lambda thing: 99\ntorch = None\n\ndef double(x):\n    return 10 * x\n"
    )
    assert module.ask(4) == 40


def test_given_code_is_read_as_the_stub_says() -> None:
    stub = "from __future__ import annotations\n\n\nclass Box:\n    def add(self, other: Box) -> Box:\n        return other\n"
    module = types.ModuleType("submission")
    given = Given(find_given(stub), module, "mine.py")
    assert given.run([ast.parse("class Box:\n    pass\n")])[1] == ["Box"]
    assert module.Box().add(3) == 3


def test_learners_code_builds_on_what_is_given() -> None:
    source = RIGHT.replace("return 2 * self.value", "return 99") + "\n\nclass Mine(Box):\n    pass\n"
    module, _, changed = run(source)
    assert (module.Mine(4).twice, isinstance(module.Mine(4), module.Box), changed) == (8, True, ["Box"])


def test_what_is_done_to_torch_is_undone_where_given_code_relies_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    _, given, _ = run(RIGHT)
    grad, backward = torch.autograd.grad, torch.Tensor.backward
    monkeypatch.setattr(torch.autograd, "grad", None)
    monkeypatch.setattr(torch.Tensor, "backward", None)
    torch.Tensor.requires_grad_ = None  # hides what it inherits
    torch.Tensor.my_own = 1
    given.put_library_back()
    assert (torch.autograd.grad, torch.Tensor.backward) == (grad, backward)
    assert "requires_grad_" not in vars(torch.Tensor)
    assert torch.Tensor.my_own == 1
    del torch.Tensor.my_own


def test_an_error_in_an_unchanged_copy_is_told_at_its_line_in_the_learners_file() -> None:
    module, _, _ = run(f"# my own\n{RIGHT}")
    with pytest.raises(TypeError) as caught:
        module.shift(None)
    assert caught.traceback[-1].path == "mine.py" or str(caught.traceback[-1].path).endswith("mine.py")
    assert caught.traceback[-1].lineno + 1 == next(
        n for n, line in enumerate(f"# my own\n{RIGHT}".splitlines(), 1) if "by + more" in line
    )


GIVEN = "def help_out(a):\n    return a + a\n\n\n"
FOLDER = "exercises/e02_double"

Grade = Callable[[str], Any]


@pytest.fixture
def grade(warm_engine: WarmEngine, tmp_path: Path) -> Grade:
    """Grade a submission to the toy exercise whose stub gives `help_out`."""
    changes = {
        f"{FOLDER}/stub.py": GIVEN + TOY_COURSE[f"{FOLDER}/stub.py"],
        f"{FOLDER}/checks.py": "from grader.testing import assert_equal\n\n\ndef test_doubled(submission):\n"
        "    assert_equal(submission.double(3), 6)\n    assert_equal(submission.help_out(4), 8)\n",
    }
    content = load_content(write_toy_course(tmp_path, {DOUBLE: TOY_COURSE[DOUBLE], **changes}))
    exercise = content.exercises["e02_double"]
    return lambda source: warm_engine.grade(exercise, content.folder(exercise.id), source)


def test_what_the_file_leaves_out_is_there(grade: Grade) -> None:
    assert grade("def double(a):\n    return help_out(a)\n").verdict == "passed"
    assert (
        grade(f"{GIVEN.replace('a + a', '(a  +  a)  # as it was')}def double(a):\n    return 2 * a\n").verdict
        == "passed"
    )


def test_a_check_that_goes_through_a_changed_copy_fails_and_names_it(grade: Grade) -> None:
    (check,) = grade("def help_out(a):\n    return 8\n\n\ndef double(a):\n    return 2 * a\n").checks
    assert (check.status, check.message.splitlines()) == (
        "failed",
        [
            "`help_out` in your file is not as it was given, and this check goes through it",
            "called    double(a=3)",
            "expected  what the stub has: study reset writes it again and keeps your file as a backup",
        ],
    )


def test_a_failure_elsewhere_names_the_given_function_that_the_file_changes(grade: Grade) -> None:
    verdict = grade("def help_out(a):\n    return 6\n\n\ndef double(a):\n    return help_out(a + 1)\n")
    assert verdict.verdict == "failed"
    assert verdict.checks[0].message.splitlines()[-1] == (
        "given     `help_out` in your file differs from what was given; the grade uses what was given"
    )
    assert "given" not in grade(f"{GIVEN}def double(a):\n    return 7\n").checks[0].message
