"""`study lint`: every rule finds the mistake it is about, says it in these words, and leaves a good course alone."""

import re
from pathlib import Path

import pytest

from grader.core.errors import UsageError
from grader.course.lint import lint
from grader.course.yaml_tree import MAX_PROBLEMS
from tests.support.linted_course import CHECKS, GOOD, IN_ADD, IN_DOUBLE, MUTANT, SOLUTION, STUB, break_both, write_good
from tests.support.toy_course import ADD, COURSE, DOUBLE, TOY_COURSE, replace_once


def problems_in(root: Path, *paths: Path) -> list[str]:
    return [str(problem) for report in lint(root, paths) for problem in report.problems]


def test_a_good_course_has_no_problems(tmp_path: Path) -> None:
    (report,) = lint(write_good(tmp_path))
    assert [str(problem) for problem in report.problems] == []
    assert report.files == 9


# Each line: what it is, the file, the text in it, what to put there instead, every problem that has to be found.
# fmt: off
RULES = [
    ("a function the solution lacks", SOLUTION, "def halve(", "def half(",
     "exercises/e02_double/stub.py:33:1: the solution has no `halve`; did you mean `half`?"),
    ("a function that nothing in the solution is like", SOLUTION, "def halve(", "def other(",
     "exercises/e02_double/stub.py:33:1: the solution has no `halve`; add it there, or leave it out here"),
    ("a class the solution lacks", SOLUTION, "class Given:", "class Taken:",
     "exercises/e02_double/stub.py:7:1: the class `Given` has no docstring; say what it is for",
     "exercises/e02_double/stub.py:7:1: the solution has no `Given`; add it there, or leave it out here",
     "exercises/e02_double/stub.py:8:5: `Given.zero` does not say what it returns; add `-> ...:`",
     "exercises/e02_double/stub.py:8:5: `Given.zero` has no annotation for like; add the types",
     "exercises/e02_double/stub.py:8:5: `Given.zero` has no docstring; say what it takes and returns, with shapes",
     "exercises/e02_double/stub.py:8:5: `Given.zero` is neither unsolved nor given; let it `raise NotImplementedError`, or give the solution's own code"),
    ("a method the solution lacks", SOLUTION, "def run(", "def runs(",
     "exercises/e02_double/stub.py:18:5: the solution has no `Base.run`; did you mean `runs`?"),
    ("another name of a parameter", SOLUTION, "def halve(x:", "def halve(y:",
     "exercises/e02_double/stub.py:33:1: the signature of `halve` is `halve(y: Tensor) -> Tensor` in the solution; make them the same"),
    ("another default", SOLUTION, "fast: bool = False", "fast: bool = True",
     "exercises/e02_double/stub.py:28:1: the signature of `double` is `double(x: Tensor, *, fast: bool=True) -> Tensor` in the solution; make them the same"),
    ("another annotation", SOLUTION, "def one() -> int:", "def one() -> float:",
     "exercises/e02_double/stub.py:23:5: the signature of `Base.one` is `one() -> float` in the solution; make them the same"),
    ("another signature inside the YAML", ADD, "solution: |\n  def add(a: float, b: float = 0.0)", "solution: |\n  def add(b: float, a: float = 0.0)",
     "exercises/e01_add/exercise.yaml:16:3: the signature of `add` is `add(b: float, a: float=0.0) -> float` in the solution; make them the same"),
    ("a function without a docstring", STUB, '    """Undo `double`."""\n', "",
     "exercises/e02_double/stub.py:33:1: `halve` has no docstring; say what it takes and returns, with shapes"),
    ("a class without a docstring", STUB, '    """Holds a number of times (n,)."""\n', "",
     "exercises/e02_double/stub.py:12:1: the class `Base` has no docstring; say what it is for",
     "exercises/e02_double/stub.py:17:5: `Base.run` takes or returns tensors without a shape; write it as (B, T)"),
    ("a docstring without a shape", STUB, "Undo `double`.", "Undo what was doubled (that is all).",
     "exercises/e02_double/stub.py:33:1: `halve` takes or returns tensors without a shape; write it as (B, T)"),
    ("a parameter without a type", STUB, "def _note(anything):", "def note(anything) -> None:",
     "exercises/e02_double/stub.py:38:1: `note` has no annotation for anything; add the types",
     "exercises/e02_double/stub.py:38:1: `note` has no docstring; say what it takes and returns, with shapes",
     "exercises/e02_double/stub.py:38:1: `note` is neither unsolved nor given; let it `raise NotImplementedError`, or give the solution's own code",
     "exercises/e02_double/stub.py:38:1: the solution has no `note`; add it there, or leave it out here"),
    ("a solved function", STUB, '`double`."""\n    raise NotImplementedError', '`double`."""\n    return 1',
     "exercises/e02_double/stub.py:33:1: `halve` is neither unsolved nor given; let it `raise NotImplementedError`, or give the solution's own code"),
    ("a stub that imports what learners lack", STUB, "import torch\n", "import os.path, scipy.special, torch\n",
     "exercises/e02_double/stub.py:3:1: a learner may lack `scipy`; use torch, numpy or the standard library"),
    ("a solution that imports the grader", SOLUTION, "import numpy as np\n", "import numpy as np\nfrom grader.testing import describe\n",
     "exercises/e02_double/solution.py:2:1: `grader` belongs to the checks, a learner's file cannot use it; leave it out"),
    ("a relative import inside the YAML", ADD, "stub: |\n", "stub: |\n  from .solution import add as solved\n",
     "exercises/e01_add/exercise.yaml:15:3: a learner may lack `.solution`; use torch, numpy or the standard library"),
    ("a hint with a line of the solution", DOUBLE, "Add it to itself, or", "Try `torch.add(x, x) if fast else x + x`, or",
     "exercises/e02_double/exercise.yaml:9:9: the hint gives the solution's own code away (torch.add(x, x) if fast else x + x); say it in words"),
    ("a hint with what is returned, however short", DOUBLE, "Add it to itself, or", "For `halve` that is `x/2`, or",
     "exercises/e02_double/exercise.yaml:9:9: the hint gives the solution's own code away (x / 2); say it in words"),
    ("an early hint with the heart of the solution", DOUBLE, 'hints: ["', 'hints: ["The fast way is torch.add(x, x) here, and that is all.", "',
     "exercises/e02_double/exercise.yaml:9:9: the hint gives the solution's own code away (torch.add(x, x)); say it in words"),
    ("a hint that is there twice", ADD, '- "It is the one that shopkeepers use all day long: +."', '- "There is an operator for it,  between the two NAMES."',
     "exercises/e01_add/exercise.yaml:13:3: the hint is the same as the one in line 12; say more, or leave it out"),
    ("a short hint", ADD, "There is an operator for it, between the two names.", "There is an operator.",
     "exercises/e01_add/exercise.yaml:12:3: the hint has fewer than 40 characters; say what to look at, and why"),
    ("a short statement", DOUBLE, "Write `double` and `Doubler`, see https://example.org/toy.pdf, page 2.", "Double. doi 10.1000/182",
     "exercises/e02_double/exercise.yaml:8:12: the statement has fewer than 40 characters; say what to write and what counts"),
    ("a statement without a source", ADD, "  Source: the toy", "  Like in the toy",
     "exercises/e01_add/exercise.yaml:7:12: the statement names no source; end it with a line `Source: ...`"),
    ("a loose tolerance in the YAML", ADD, '    because: "A reason."\n', "",
     "exercises/e01_add/exercise.yaml:29:26: the tolerance 1e-2 is looser than 0.001; tighten it, or say why in `because:`"),
    ("loose tolerances in Python", CHECKS, "    # Half precision, and many steps.\n", "",
     "exercises/e02_double/checks.py:18:53: rtol=0.01 is looser than 0.001; tighten it, or say why in a comment on this line or the one above",
     "exercises/e02_double/checks.py:18:64: atol=0.1 is looser than 0.001; tighten it, or say why in a comment on this line or the one above"),
    ("a mutant of what the solution lacks", MUTANT, "def double(", "def doubled(",
     "exercises/e02_double/mutants/squares.py:8:1: the solution has no `doubled`, so this changes nothing; did you mean `double`?"),
    ("a mutant that is the solution", ADD, "return a - b", "return a + b  # the same",
     "exercises/e01_add/exercise.yaml:38:5: the mutant is the same as the solution; put the mistake in"),
    ("a mutant without code", "exercises/e02_double/mutants/once.py", "Base.run = lambda self, x: double(x)\n", '"""Nothing."""\n',
     "exercises/e02_double/mutants/once.py:1:1: the mutant has no code; redefine what it gets wrong"),
    ("a mutant's long sentence", DOUBLE, "It squares.", "It squares" + " and squares" * 21 + ".",
     "exercises/e02_double/exercise.yaml:14:23: the sentence has 263 characters; say it in 250 at most"),
    ("a mutant's sentence without a full stop", ADD, "It subtracts.", "It subtracts",
     "exercises/e01_add/exercise.yaml:35:9: the sentence does not end in a full stop; add it"),
    ("a sentence that two mutants share", DOUBLE, "It adds once.", "It  squares.",
     "exercises/e02_double/exercise.yaml:15:20: the mutant in line 14 says the same; say what is wrong with this one"),
    ("a stub that is no Python", STUB, "class Given:", "class Given",
     "exercises/e02_double/stub.py:7:12: this is no Python: expected ':'; correct this line"),
    ("a solution that is no Python", SOLUTION, "    return x / 2\n", "    return x / 2)\n",
     "exercises/e02_double/solution.py:35:17: this is no Python: unmatched ')'; correct this line"),
    ("checks that are no Python", CHECKS, "import random\n", "import random = 1\n",
     "exercises/e02_double/checks.py:1:15: this is no Python: invalid syntax; correct this line"),
    ("a mutant that is no Python", MUTANT, "import torch\n", "  import torch\n",
     "exercises/e02_double/mutants/squares.py:1:3: this is no Python: unexpected indent; correct this line"),
    ("a check that cannot fail", CHECKS, "    compare(submission, torch.randn(3, generator=rng))\n", "    submission.double(torch.randn(3, generator=rng))\n",
     "exercises/e02_double/checks.py:13:1: `test_doubled` asserts nothing, so no answer is wrong; compare with assert_close or require"),
    ("a check that is not declared", CHECKS, "def test_often(", "def test_often_more(submission):\n    assert False\n\n\ndef test_often(",
     "exercises/e02_double/checks.py:17:1: `test_often_more` is not declared and never runs; add `- id: often_more` to `checks:`"),
    ("a check that is not written", DOUBLE, '- {id: often, title: "Again and again"}\n', '- {id: often, title: "Again and again"}\n- {id: rarely, title: "Now and then"}\n',
     "exercises/e02_double/exercise.yaml:13:8: checks.py has no `test_rarely`; write it, or give this check a `call:`"),
    ("a check that is there twice", CHECKS, "def test_often(", "def test_doubled(submission):\n    assert False\n\n\ndef test_often(",
     "exercises/e02_double/checks.py:17:1: `test_doubled` is in line 13 already and replaces it; rename one"),
    ("a draw without a generator", CHECKS, "torch.randn(3, generator=rng)", "torch.randn(3)",
     "exercises/e02_double/checks.py:14:25: `torch.randn` draws without a generator; write `generator=rng`"),
    ("a fill without a generator", CHECKS, "normal_(generator=rng)", "normal_()",
     "exercises/e02_double/checks.py:22:9: `torch.empty(2).normal_` draws without a generator; write `generator=rng`"),
    ("a source of numbers without a seed", CHECKS, "random.Random(seed)", "random.Random()",
     "exercises/e02_double/checks.py:20:12: `random.Random()` has no seed; write `random.Random(seed)`"),
    ("a draw from Python's own source", CHECKS, "random.Random(seed)", "random.random()",
     "exercises/e02_double/checks.py:20:12: `random.random` draws without a seed; draw from `random.Random(seed)`"),
    ("a draw from numpy's own source", CHECKS, "np.random.default_rng(seed)", "np.random.rand(3)",
     "exercises/e02_double/checks.py:21:12: `np.random.rand` draws without a seed; draw from `numpy.random.default_rng(seed)`"),
]
# fmt: on


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"), [(*r[1:4], r[4:]) for r in RULES], ids=[r[0] for r in RULES]
)
def test_lint_says_what_is_wrong(tmp_path: Path, path: str, old: str, new: str, expected: tuple[str, ...]) -> None:
    good = {**TOY_COURSE, **GOOD}[path]
    assert good is not None
    root = write_good(tmp_path, {path: replace_once(good, old, new)})
    assert problems_in(root) == list(expected)


def test_a_hint_may_name_what_the_code_names_and_the_last_one_a_part_of_it(tmp_path: Path) -> None:
    early = "Look at x / 25, at max / 2 and at torch.add itself, which adds a tensor to another."
    last = "A part of it, torch.add(x, x), is as good as written now; the other half is yours."
    root = write_good(tmp_path)
    text = (root / DOUBLE).read_text()
    (root / DOUBLE).write_text(re.sub(r"hints: \[.*\]", f'hints: ["{early}", "{last}"]', text))
    assert problems_in(root) == []


def test_every_stray_file_is_named(tmp_path: Path) -> None:
    stray = ("notes.txt", "mutants/list.csv", "mutants/deep/er.py", "accept/.swp", "utils.py")
    kept = ("__pycache__/stub.pyc", "mutants/__pycache__/x.pyc")
    root = write_good(tmp_path, {f"exercises/e02_double/{name}": "" for name in (*stray, *kept)})
    (root / "exercises/e02_double/data").mkdir()
    what = "an exercise has exercise.yaml, stub.py, solution.py, checks.py, mutants/*.py and accept/*.py; remove it"
    files = sorted((*stray, "data"))
    assert problems_in(root) == [
        f"exercises/e02_double/{name}:1:1: nothing reads this {'folder' if name == 'data' else 'file'}; {what}"
        for name in files
    ]


def test_each_form_of_an_exercise_has_one_style_of_mutants(tmp_path: Path) -> None:
    root = write_good(
        tmp_path,
        {
            DOUBLE: replace_once(
                str(GOOD[DOUBLE]),
                "{id: once, says",
                '{id: again, says: "Twice.", caught_by: often, code: "halve = double"}\n- {id: once, says',
            )
            + 'accept:\n- {id: other, code: "x = 1"}\n',
            ADD: re.sub(r"  code: \|\n(    .*\n)+", "", str(GOOD[ADD])),
            "exercises/e01_add/mutants/subtracts.py": '"""Subtracts."""\n\n\ndef add(a, b=0.0):\n    return a - b\n',
        },
    )
    line = str(GOOD[DOUBLE]).splitlines().index('- {id: squares, says: "It squares.", caught_by: doubled}') + 2
    assert problems_in(root) == [
        "exercises/e01_add/mutants/subtracts.py:1:1: `says` tells what is wrong; leave this docstring out",
        "exercises/e01_add/mutants/subtracts.py:1:1: an exercise without checks.py is one file; "
        "move this into exercise.yaml, under `code:`",
        f"exercises/e02_double/exercise.yaml:{line}:55: beside checks.py this is a file; move it to mutants/again.py",
        f"exercises/e02_double/exercise.yaml:{line + 3}:21: beside checks.py this is a file; move it to accept/other.py",
    ]


def test_a_file_beside_the_exercises_is_stray_too(tmp_path: Path) -> None:
    kept = ("README.md", ".gitkeep", "__pycache__/x.pyc")
    root = write_good(tmp_path, {f"exercises/{name}": "" for name in ("stray.py", "e03_later.yaml", *kept)})
    says = "this file belongs to no exercise; put it into the folder of one, or remove it"
    assert problems_in(root) == [f"exercises/e03_later.yaml:1:1: {says}", f"exercises/stray.py:1:1: {says}"]
    assert problems_in(root, root / "exercises/e02_double") == []


def test_too_many_stray_files_are_cut_short(tmp_path: Path) -> None:
    root = write_good(tmp_path)
    for number in range(1000):
        (root / "exercises/e02_double" / f"a{number:04}.txt").touch()
    found = problems_in(root)
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1].endswith("200 things that nothing reads are shown; remove those first")


def test_exercise_with_far_too_many_values_is_refused_at_the_first_too_many(tmp_path: Path) -> None:
    (tmp_path / "exercise.yaml").write_text("".join(f"unknown_{number}: {number}\n" for number in range(300_000 // 2)))
    assert problems_in(tmp_path, tmp_path) == [
        "exercise.yaml:5001:1: the file has more than 10,000 keys and values; split it"
    ]


@pytest.mark.parametrize(
    "line", ["unknown_{}: 1\n", "titel_{}: 1\n", "? [a, {}]\n: 1\n", "b{}: *a\n", "a{}: &b c\n"],
    ids=["unknown", "nearly known", "no text", "an alias", "an anchor"],
)  # fmt: skip
def test_only_the_first_problems_of_a_file_are_shown(tmp_path: Path, line: str) -> None:
    (tmp_path / "exercise.yaml").write_text("".join(line.format(number) for number in range(2000)))
    found = problems_in(tmp_path, tmp_path)
    assert len(found) == MAX_PROBLEMS + 1
    assert found[-1].endswith(": and so on: 200 problems of this file are shown; correct those first")


def test_code_that_python_would_parse_for_minutes_is_not_parsed(tmp_path: Path) -> None:
    endless = "x = f'" + "{a}b" * 200_000 + "'\n"
    root = write_good(tmp_path, {STUB: endless})
    (root / "exercises/e02_double/mutants/once.py").write_text(endless)
    what = "this is no Python that could be read; write at most 60,000 characters"
    found = problems_in(root)
    assert f"{STUB}:1:1: {what}" in found
    assert f"exercises/e02_double/mutants/once.py:1:1: {what}" in found


def test_python_that_is_not_utf_8_is_refused_at_its_byte(tmp_path: Path) -> None:
    stub = GOOD[STUB]
    assert stub is not None
    root = write_good(tmp_path, {STUB: stub.encode().replace(b"twice x", b"tw\xefce x")})
    assert problems_in(root) == ["exercises/e02_double/stub.py:29:17: this byte is not UTF-8; save the file as UTF-8"]


def test_code_in_quotes_is_wrong_where_its_quote_stands(tmp_path: Path) -> None:
    good = GOOD[ADD]
    assert good is not None
    old = "  code: |\n    def add(a, b=0.0):\n        return a - b\n"
    root = write_good(tmp_path, {ADD: replace_once(good, old, '  code: "def add(:\\n  pass"\n')})
    assert problems_in(root) == [
        "exercises/e01_add/exercise.yaml:37:9: this is no Python: invalid syntax; correct this line"
    ]


def test_an_unusable_id_is_no_file_name_to_look_for(tmp_path: Path) -> None:
    good = GOOD[DOUBLE]
    assert good is not None
    root = write_good(tmp_path, {DOUBLE: replace_once(good, "{id: squares,", "{id: " + "s" * 300 + ",")})
    assert problems_in(root) == [
        "exercises/e02_double/exercise.yaml:14:8: `id` has 300 characters; write at most 60",
    ]


def test_other_line_ends_change_no_place(tmp_path: Path) -> None:
    good = GOOD[ADD]
    assert good is not None
    text = replace_once(good, "stub: |\n", "stub: |\n  import scipy\n").replace("\n", "\r\n")
    root = write_good(tmp_path, {ADD: text})
    assert problems_in(root) == [
        "exercises/e01_add/exercise.yaml:15:3: a learner may lack `scipy`; use torch, numpy or the standard library"
    ]


def test_what_loading_reports_comes_along_and_is_not_said_twice(tmp_path: Path) -> None:
    double, checks = GOOD[DOUBLE], GOOD[CHECKS]
    assert double is not None
    assert checks is not None
    root = write_good(
        tmp_path,
        {
            DOUBLE: replace_once(double, '"It squares."', '""').replace("minutes: 20", "minutes: twenty"),
            CHECKS: replace_once(checks, "torch.randn(3, generator=rng)", "torch.randn(3)"),
            COURSE: replace_once(TOY_COURSE[COURSE], "[e01_add]", "[e01_ad]"),
        },
    )
    assert problems_in(root) == [
        "curriculum/toys.yaml:10:15: `e01_ad` is not an exercise; did you mean `e01_add`?",
        "exercises/e02_double/checks.py:14:25: `torch.randn` draws without a generator; write `generator=rng`",
        "exercises/e02_double/exercise.yaml:7:10: `minutes` is a whole number, found `twenty`; write digits only",
        "exercises/e02_double/exercise.yaml:14:23: `says` is empty; write some text",
    ]


def test_the_python_beside_broken_yaml_is_linted_too(tmp_path: Path) -> None:
    stub = GOOD[STUB]
    assert stub is not None
    root = write_good(tmp_path, {DOUBLE: "id: [", STUB: "import jax\n" + stub})
    assert problems_in(root) == [
        "exercises/e02_double/exercise.yaml:1:5: the list that opens here is never closed; add its ]",
        "exercises/e02_double/stub.py:1:1: a learner may lack `jax`; use torch, numpy or the standard library",
    ]


@pytest.mark.parametrize(
    ("paths", "files", "expected"),
    [
        ((".",), 9, [IN_ADD, IN_DOUBLE]),
        (("exercises",), 7, [IN_ADD, IN_DOUBLE]),
        (("exercises/e01_add",), 1, [IN_ADD]),
        (("exercises/e02_double/stub.py", "curriculum"), 2, [IN_DOUBLE]),
        (("exercises/e02_double/mutants",), 2, []),
    ],
)
def test_paths_choose_what_is_reported(tmp_path: Path, paths: tuple[str, ...], files: int, expected: list[str]) -> None:
    root = break_both(tmp_path)
    (report,) = lint(Path(), [root / path for path in paths])
    assert (report.files, [str(problem) for problem in report.problems]) == (files, expected)


def test_an_exercise_outside_of_a_course_is_linted_alone(tmp_path: Path) -> None:
    course = write_good(tmp_path / "course")
    folder = (course / "exercises" / "e02_double").rename(tmp_path / "e02_double")
    assert problems_in(course, folder) == []
    assert problems_in(course, folder / "exercise.yaml") == []
    (folder / "mutants" / "once.py").unlink()
    (folder / "stub.py").write_text("import jax\n")
    assert problems_in(course, folder) == [
        "exercise.yaml:15:8: mutants/once.py is missing; create it, write it here under `code:`, or leave the mutant out",
        "stub.py:1:1: a learner may lack `jax`; use torch, numpy or the standard library",
    ]


def test_a_path_that_leads_to_no_exercise_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError) as caught:
        lint(tmp_path, [tmp_path / "empty"])
    assert caught.value.message == f"{tmp_path}/empty belongs to no course and no exercise"
    with pytest.raises(UsageError) as caught:
        lint(tmp_path, [tmp_path / "nowhere"])
    assert caught.value.message == f"{tmp_path}/nowhere does not exist"
