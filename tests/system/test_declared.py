"""Declared checks: each kind of expectation passes, fails, and says why, as its author's YAML asks for it."""

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, inspect

from grader.core.events import Event, Started
from grader.core.expectations import KINDS, Budget, Expectation
from grader.core.models import Check, Drawing, Exercise, Mutant, ReadingRef
from grader.core.pictures import Line, Lines
from grader.core.verdict import Verdict
from grader.corpus import Corpus
from grader.course import load_content
from grader.course.code import read_mutant, read_solution, read_stub
from grader.course.declared_checks import TEXTS
from grader.judge import expectations
from tests.support.study import REPOSITORY, Study
from tests.support.warm_engine import WarmEngine

TESTS = REPOSITORY / "tests"
YAML_COURSE = TESTS / "toys" / "yaml_course"
TOYS = load_content(YAML_COURSE)
CORPUS = Corpus(name="embedded", words=("aab", "abc", "aaa", "cab", "bad") * 40, source="a test", floor_nats=0.5)
STUB = "def f(x):\n    raise NotImplementedError\n"

_graded: dict[str, dict[str, Verdict]] = {}


def grade_all(engine: WarmEngine, name: str) -> dict[str, Verdict]:
    """Grade a toy's solution, stub and mutants, once for all tests."""
    if name not in _graded:
        exercise, folder = TOYS.exercises[name], TOYS.folder(name)
        solution = read_solution(exercise, folder)
        submissions = {"solution": solution, "stub": read_stub(exercise, folder)}
        submissions |= {m.id: f"{solution}\n{read_mutant(m, folder)}" for m in exercise.mutants}
        corpus = CORPUS if exercise.corpus else None
        _graded[name] = {key: engine.grade(exercise, folder, text, corpus=corpus) for key, text in submissions.items()}
    return _graded[name]


def report(verdicts: dict[str, Verdict]) -> str:
    """Write out verdicts as the golden files have them."""
    lines = []
    for name, verdict in verdicts.items():
        lines.append(f"== {name}: {verdict.verdict}")
        for check in verdict.checks:
            lines.append(f"{check.id}: {check.status} ({check.title})")
            lines += [f"    {line}" for line in check.message.splitlines()]
            lines += [f"    likely    {check.cause}"] if check.cause else []
    return "\n".join(lines) + "\n"


def round_numbers(text: str) -> str:
    """Leave four digits of every number, and none of a time: the rest is the machine's, and how busy it is."""
    text = text.replace("likely    a common reason: ", "likely    ")  # where a check took too long to be done again
    text = re.sub(r"[0-9.e-]+ s\b", "# s", text)
    return re.sub(r"\d+\.\d+(e[-+]\d+)?", lambda number: f"{float(number[0]):.4g}", text)


def test_every_kind_of_expectation_has_all_its_parts() -> None:
    """One row in `core.expectations` (key, type, text), one in `judge.expectations` (check), and a toy that shows it fail."""
    assert list(expectations.KINDS) == list(KINDS)
    for field in inspect_fields(Expectation):
        kinds_of_text = marks(field.type)
        assert kinds_of_text <= set(TEXTS), field.name
        if field.name in KINDS:
            assert ("expression" in kinds_of_text) == (expectations.KINDS[field.name].expression is not None), (
                field.name
            )
    checks = [check for exercise in TOYS.exercises.values() for check in exercise.checks]
    shown = {kind for check in checks for one in check.expect for kind in KINDS if getattr(one, kind)}
    assert sorted(set(KINDS) - shown) == []


def inspect_fields(model: type[Struct]) -> tuple[inspect.Field, ...]:
    described = inspect.type_info(model)
    assert isinstance(described, inspect.StructType)
    return described.fields


def marks(part: Any) -> set[str]:
    """Return what the texts in a type have to be, in everything that it holds."""
    found: set[str] = set()
    if isinstance(part, inspect.Metadata):
        found |= {part.extra["is"]} if part.extra and "is" in part.extra else set()
        found |= marks(part.type)
    for inner in (
        *getattr(part, "types", ()),
        *[field.type for field in getattr(part, "fields", ())],
        *[getattr(part, name) for name in ("item_type", "key_type", "value_type") if hasattr(part, name)],
    ):
        found |= marks(inner)
    return found


@pytest.mark.parametrize("name", TOYS.exercises)
def test_messages_are_those_of_the_golden_file(name: str, warm_engine: WarmEngine) -> None:
    golden = (TESTS / "golden" / "declared" / f"{name}.txt").read_text(encoding="utf-8")
    assert round_numbers(report(grade_all(warm_engine, name))) == round_numbers(golden)


@pytest.mark.parametrize("name", TOYS.exercises)
def test_solution_passes_and_the_stub_fails_each_check_for_it_is_not_written(
    name: str, warm_engine: WarmEngine
) -> None:
    verdicts = grade_all(warm_engine, name)
    assert verdicts["solution"].verdict == "passed"
    for check in verdicts["stub"].checks:
        assert "is not written yet" in check.message or check.status == "not_run"


@pytest.mark.parametrize("name", TOYS.exercises)
def test_mutants_are_caught_by_the_check_they_name_with_their_own_sentence(name: str, warm_engine: WarmEngine) -> None:
    verdicts = grade_all(warm_engine, name)
    caught = {
        mutant.id: next(check.cause or "" for check in verdicts[mutant.id].checks if check.id == mutant.caught_by)
        for mutant in TOYS.exercises[name].mutants
    }
    if "slow" in caught:  # on a busy machine it takes too long to be done again
        caught["slow"] = caught["slow"].removeprefix("a common reason: ")
    assert caught == {mutant.id: mutant.says for mutant in TOYS.exercises[name].mutants}


def test_toys_expect_every_kind_of_thing() -> None:
    used = {
        kind
        for exercise in TOYS.exercises.values()
        for check in exercise.checks
        for expectation in check.expect
        for kind in Expectation.__struct_fields__
        if getattr(expectation, kind) not in (None, (), {}, False)
    }
    assert used == set(Expectation.__struct_fields__)


def make_exercise(solution: str, *checks: Check, stub: str = STUB, **settings: Any) -> Exercise:
    return Exercise(
        id="made_up",
        title="Made up",
        readings=(ReadingRef("none"),),
        difficulty=1,
        minutes=1,
        statement="None.",
        hints=("None.",),
        checks=checks,
        mutants=(Mutant("raises", "It raises.", checks[0].id, code="def f(x):\n    raise ValueError\n"),),
        stub=stub,
        solution=solution,
        **settings,
    )


def declare(name: str, *expect: Expectation, given: dict[str, str] | None = None, **settings: Any) -> Check:
    inputs = {"x": "randn(3, dtype=float64)"} if given is None else given
    return Check(**{"id": name, "title": name, "given": inputs, "call": "f(x)", "expect": expect, **settings})


EQUAL = Expectation(equals="reference")


def test_checks_of_both_kinds_run_in_the_order_of_the_exercise(warm_engine: WarmEngine, tmp_path: Path) -> None:
    (tmp_path / "checks.py").write_text(
        "def test_second(submission):\n    assert submission.f(1) == 2\n"
        "def test_fourth(submission):\n    assert submission.f(2) == 4\n"
    )
    checks = (declare("first", EQUAL), Check("second", "second"), declare("third", EQUAL), Check("fourth", "fourth"))
    events: list[Event] = []
    solution = "def f(x):\n    return 2 * x\n"
    verdict = warm_engine.grade(make_exercise(solution, *checks), tmp_path, solution, events=events)
    assert [event.check for event in events if isinstance(event, Started)] == ["first", "second", "third", "fourth"]
    assert verdict.verdict == "passed"


def test_first_result_is_drawn_once_it_is_right(warm_engine: WarmEngine, tmp_path: Path) -> None:
    drawing = Drawing(
        "Twice x",
        {"before": "x", "after": "result", "right": "reference"},
        x="[k / 10 for k in range(1, 4)]",
        x_label="k",
        log_x=True,
    )
    check = Check(
        "drawn", "drawn", given={"x": "[1.0, 2.0, 3.0]"}, cases=({"x": "[4.0]"},), seeds=2, call="f(x)", expect=(EQUAL,),
        picture=drawing,
    )  # fmt: skip
    solution = "def f(x):\n    return [2 * v for v in x]\n"
    exercise = make_exercise(solution, check)
    [picture] = warm_engine.grade(exercise, tmp_path, solution).pictures
    assert isinstance(picture, Lines)
    assert (picture.name, picture.title, picture.x_label, picture.log_x) == ("drawn", "Twice x", "k", True)
    xs, twice = (0.1, 0.2, 0.3), (2.0, 4.0, 6.0)
    assert picture.series == (Line("before", xs, (1.0, 2.0, 3.0)), Line("after", xs, twice), Line("right", xs, twice))
    wrong = warm_engine.grade(exercise, tmp_path, "def f(x):\n    return x\n")
    assert (wrong.verdict, wrong.pictures) == ("failed", ())


def test_picture_that_cannot_be_drawn_decides_nothing(warm_engine: WarmEngine, tmp_path: Path) -> None:
    check = Check(
        "drawn", "drawn", given={"x": "1"}, call="f(x)", expect=(Expectation(holds="result == result"),),
        picture=Drawing("Items", {"a": "result[0]"}),
    )  # fmt: skip
    verdict = warm_engine.grade(
        make_exercise("def f(x):\n    return [x]\n", check), tmp_path, "def f(x):\n    return x\n"
    )
    assert (verdict.verdict, verdict.pictures) == ("passed", ())


def test_hidden_title_is_told_when_the_check_has_run(warm_engine: WarmEngine) -> None:
    exercise, events = TOYS.exercises["y10_objects"], list[Event]()
    solution = read_solution(exercise, TOYS.folder(exercise.id))
    verdict = warm_engine.grade(exercise, TOYS.folder(exercise.id), solution, events=events)
    started = [event.title for event in events if isinstance(event, Started)]
    assert started == ["make_adder(n)(x) is x + n", "a hidden check", "a hidden check"]
    assert [check.title for check in verdict.checks] == [check.title for check in exercise.checks]


def test_show_keeps_hidden_titles_and_inline_code_to_itself(study: Study) -> None:
    shown = study("show", "y10_objects", toy=False, STUDY_COURSE=str(YAML_COURSE))
    assert "make_adder(n)(x) is x + n  (1 point)\n" in shown.stdout
    assert shown.stdout.count("a hidden check  (1 point)") == 2
    data = study("show", "y10_objects", "--json", toy=False, STUDY_COURSE=str(YAML_COURSE)).stdout
    assert "An empty tensor adds nothing" not in data
    assert "self.total" not in data
    assert "Total(10.0)" not in data


def test_draws_differ_and_a_case_more_leaves_the_others_as_they_are(warm_engine: WarmEngine, tmp_path: Path) -> None:
    wrong_from_the_second = "N = 0\n\n\ndef f(x):\n    global N\n    N += 1\n    return 2 * x if N < {} else x\n"
    seen = []
    for seeds, cases, upto in ((2, (), 2), (2, ({"x": "randn(3)"},), 3)):
        exercise = make_exercise("def f(x):\n    return 2 * x\n", declare("a", EQUAL, seeds=seeds, cases=cases))
        seen.append(warm_engine.grade(exercise, tmp_path, wrong_from_the_second.format(upto)).checks[0].message)
    first = make_exercise("def f(x):\n    return 2 * x\n", declare("a", EQUAL, seeds=2))
    seen.append(warm_engine.grade(first, tmp_path, wrong_from_the_second.format(1)).checks[0].message)
    called = [re.findall("called .*", message)[0] for message in seen]
    assert called[0] == called[1] != called[2]
    assert "(draw 2 of 2)" in seen[0]


FAULTS: dict[str, tuple[str, Check, str]] = {
    "a reference that raises": (
        "def f(x):\n    raise KeyError('no')\n",
        declare("a", EQUAL),
        "`f`: the reference raised KeyError: 'no'",
    ),
    "a gradient that is not that of the reference": (
        "def f(x):\n    return 2 * x - x.detach()\n",
        declare("a", Expectation(gradient=("x",))),
        "autograd of the reference says ",
    ),
    "a gradient of whole numbers": (
        "def f(x):\n    return x\n",
        declare("a", Expectation(gradient=("x",)), given={"x": "3"}),
        "`x` is not a floating point tensor, so there is no gradient of it",
    ),
    "an input that is not given as it is": (
        "def f(x):\n    return x\n",
        declare("a", Expectation(unchanged=("x",)), call="f(2 * x)"),
        "`x` is not given to `f` as it is, so it cannot be seen to change",
    ),
    "a dtype that is none": (
        "def f(x):\n    return x\n",
        declare("a", Expectation(dtype="x.shape")),
        "`x.shape` gives a Size, which is not a dtype",
    ),
    "inputs that do not fit together": (
        "def f(x):\n    return x\n",
        declare("a", EQUAL, given={"y": "randn(2)", "x": "y + randn(3)"}),
        "`y + randn(3)` cannot be worked out: RuntimeError: The size of tensor a (2) must match",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_check_that_cannot_be_done_is_our_fault(case: str, warm_engine: WarmEngine, tmp_path: Path) -> None:
    solution, check, said = FAULTS[case]
    submission = "def f(x):\n    return x\n"
    verdict = warm_engine.grade(make_exercise(solution, check), tmp_path, submission)
    assert verdict.checks[0].status == "grader_fault"
    assert said in verdict.checks[0].message


ANSWERS: dict[str, tuple[str, Check, str]] = {
    "a value of a kind that an expression cannot use": (
        "def f(x):\n    return None\n",
        declare("a", Expectation(holds="result.sum() > 0")),
        "the result cannot be checked: `result.sum()` cannot be worked out: AttributeError: a NoneType has no .sum()",
    ),
    "an object that says it is right": (
        "class Yes:\n    def __eq__(self, other):\n        return True\n\n\ndef f(x):\n    return Yes()\n",
        declare("a", EQUAL),
        "the result should be a tensor, not a Yes",
    ),
    "one number for many": (
        "def f(x):\n    return 2 * x[:1]\n",
        declare("a", Expectation(holds="allclose(result, 2 * x)")),
        "`allclose(result, 2 * x)` does not hold",
    ),
    "a gradient of another shape": (
        "def f(x):\n    return (2 * x).sum()\n",
        declare("a", Expectation(gradient=("x",))),
        "the result has the shape () instead of (3,), so its gradient is not looked at",
    ),
    "nothing that carries a gradient": (
        "def f(x):\n    return 2 * x.detach()\n",
        declare("a", Expectation(gradient=("x",))),
        "the gradient of `x` is missing: the result does not depend on it, or the graph was cut by .detach(), .item(), "
        "torch.no_grad() or a new tensor",
    ),
    "NotImplementedError where a RuntimeError is asked for": (
        STUB,
        declare("a", Expectation(raises="RuntimeError")),
        "`f` is not written yet: it raises NotImplementedError",
    ),
    "no more operators than the reference, and one more": (
        "def f(x):\n    return x + x + 0\n",
        declare("a", Expectation(at_most=Budget(operations=1))),
        "`f` runs 2 operators, and 1 are allowed",
    ),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_wrong_answer_is_told_from_a_fault_of_the_check(case: str, warm_engine: WarmEngine, tmp_path: Path) -> None:
    submission, check, said = ANSWERS[case]
    exercise = make_exercise("def f(x):\n    return 2 * x\n", check)
    verdict = warm_engine.grade(exercise, tmp_path, submission)
    assert verdict.checks[0].message.partition("\n")[0] == said
    assert verdict.checks[0].status in ("failed", "errored")


def test_tensor_that_is_given_twice_has_the_gradient_of_both(warm_engine: WarmEngine, tmp_path: Path) -> None:
    solution = "def g(a, b):\n    return a * b.exp()\n"
    check = declare("a", Expectation(gradient=("x",)), call="g(x, x)")
    exercise = make_exercise(solution, check, stub="def g(a, b):\n    raise NotImplementedError\n")
    assert warm_engine.grade(exercise, tmp_path, solution).verdict == "passed"
    cut = "def g(a, b):\n    return a * b.detach().exp()\n"
    assert warm_engine.grade(exercise, tmp_path, cut).checks[0].status == "failed"
