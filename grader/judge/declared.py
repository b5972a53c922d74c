"""Checks that are declared in YAML, made into functions that pytest runs as if they stood in checks.py."""

import ast
from collections.abc import Callable, Collection, Mapping
from types import ModuleType
from typing import Any

import torch
from msgspec import Struct

from grader.core.corpus import Corpus
from grader.core.expectations import Expectation
from grader.core.models import Check, Drawing
from grader.expressions import ParsedCall, evaluate, parse_call, parse_expression
from grader.judge.expectations import Measure, assert_expectation, find_expression, find_watched, work_out
from grader.judge.inputs import make_functions
from grader.judge.recorder import Pictures
from grader.judge.submission import Submission
from grader.judge.trial import Trial
from grader.testing import CheckFailure

#: Beside the inputs, what an expectation may name.
RESULT_NAMES = ("result", "reference")
#: No check has so many cases; each has a generator of its own, so that one case more leaves the others as they are.
_MAX_CASES = 1000


class Declared(Struct, frozen=True):
    """A declared check with its expressions parsed."""

    check: Check
    given: Mapping[str, ast.expr]
    cases: tuple[Mapping[str, ast.expr], ...]
    call: ParsedCall
    expected: tuple[tuple[Expectation, ast.expr | None], ...]
    lines: Mapping[str, ast.expr]
    x: ast.expr | None


def make_check_functions(
    checks: Collection[Check], defined: Collection[str], *, with_corpus: bool
) -> dict[str, Callable[..., None]]:
    """Make a function `test_<id>` of every check that is declared.

    Args:
        checks: All checks of an exercise.
        defined: The functions and classes of its stub.
        with_corpus: Whether the exercise has a corpus, which a check then gets.

    Raises:
        ExpressionError: If an expression cannot be parsed; loading the course has told where already.
    """
    return {
        f"test_{check.id}": _make_function(_parse(check, defined), with_corpus)
        for check in checks
        if check.call is not None
    }


def _parse(check: Check, defined: Collection[str]) -> Declared:
    names: list[str] = []
    given = {}
    for name, text in check.given.items():
        given[name] = parse_expression(text, names)
        names.append(name)
    drawing, known = check.picture, [*names, *RESULT_NAMES]
    return Declared(
        check=check,
        given=given,
        cases=tuple({name: parse_expression(text, names) for name, text in case.items()} for case in check.cases),
        call=parse_call(check.call or "", names, defined),
        expected=tuple((e, _parse_expected(e, names)) for e in check.expect),
        lines={label: parse_expression(text, known) for label, text in (drawing.lines if drawing else {}).items()},
        x=parse_expression(drawing.x, known) if drawing and drawing.x else None,
    )


def _parse_expected(expectation: Expectation, names: Collection[str]) -> ast.expr | None:
    text = find_expression(expectation)
    return None if text is None else parse_expression(text, [*names, *RESULT_NAMES])


def _make_function(declared: Declared, with_corpus: bool) -> Callable[..., None]:
    def test(
        submission: Submission, reference: ModuleType, seed: int, thresholds: Mapping[str, float], pictures: Pictures
    ) -> None:
        _run(declared, submission, reference, seed, Measure(thresholds, None), pictures)

    def test_on_corpus(
        submission: Submission,
        reference: ModuleType,
        seed: int,
        thresholds: Mapping[str, float],
        pictures: Pictures,
        corpus: Corpus,
    ) -> None:
        _run(declared, submission, reference, seed, Measure(thresholds, corpus), pictures)

    function: Callable[..., None] = test_on_corpus if with_corpus else test
    function.__name__ = function.__qualname__ = f"test_{declared.check.id}"
    function.__doc__ = declared.check.title
    return function


def _run(
    declared: Declared,
    submission: Submission,
    reference: ModuleType,
    seed: int,
    measure: Measure,
    pictures: Pictures,
) -> None:
    """Do every draw of every case, until one does not hold."""
    check, corpus = declared.check, measure.corpus
    for draw in range(check.seeds):
        for k, case in enumerate(({}, *declared.cases)):
            generator = torch.Generator().manual_seed((seed + draw * _MAX_CASES + k) % 2**63)
            functions = make_functions(generator, corpus.words if corpus else None)
            trial = Trial(
                submission,
                reference,
                declared.call,
                _draw_inputs({**declared.given, **case}, functions),
                functions,
                generator,
                place=_describe_place(check, k, draw),
                want=find_watched(check.expect),
            )
            for expectation, tree in declared.expected:
                assert_expectation(expectation, tree, trial, measure)
            if check.picture is not None and draw == k == 0:
                _draw_picture(check.picture, declared, trial, pictures)


def _draw_picture(drawing: Drawing, declared: Declared, trial: Trial, pictures: Pictures) -> None:
    try:
        lines = {label: work_out(tree, trial) for label, tree in declared.lines.items()}
        if declared.x is not None:
            xs = work_out(declared.x, trial)
            lines = {label: (xs, ys) for label, ys in lines.items()}
    except CheckFailure:  # an answer that is right, of a kind that cannot be drawn: a picture decides nothing
        return
    pictures.lines(
        declared.check.id,
        drawing.title,
        lines,
        x_label=drawing.x_label or "",
        y_label=drawing.y_label or "",
        log_x=drawing.log_x,
        log_y=drawing.log_y,
    )


def _draw_inputs(given: Mapping[str, ast.expr], functions: Mapping[str, Callable[..., Any]]) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for name, tree in given.items():
        inputs[name] = evaluate(tree, inputs, functions)
    return inputs


def _describe_place(check: Check, k: int, draw: int) -> str:
    """Name the case as its author wrote it: " for x = empty(0, 3)"."""
    case = ", ".join(f"{name} = {' '.join(text.split())}" for name, text in check.cases[k - 1].items()) if k else ""
    number = f" (draw {draw + 1} of {check.seeds})" if check.seeds > 1 else ""
    return (f" for {case}" if case else "") + number
