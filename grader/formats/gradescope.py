"""Gradescope's results.json: a test a check, with its points."""

import json
from collections.abc import Mapping
from typing import Any, Literal, get_args

from grader.core.verdict import CheckResult, Verdict
from grader.formats.plain import describe_circumstances, explanation, one_line, plain, summarise

Visibility = Literal["visible", "after_due_date", "after_published", "hidden"]
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)
#: Where Gradescope looks for it.
RESULTS = "/autograder/results/results.json"
UNFINISHED = (
    "The grade has begun and not ended: it was killed, or it ran out of time or memory. The score is 0 until it is "
    "made again."
)


def render(
    verdict: Verdict, *, visibility: Visibility = "visible", of_checks: Mapping[str, Visibility] | None = None
) -> str:
    """Return the results of one grade; the score is the sum of the tests'.

    Where a test is kept from the learners, the text above the tests does not tell the score either.

    Args:
        verdict: What came of the grade.
        visibility: When learners see the tests.
        of_checks: When they see single ones instead, by the id of the check.
    """
    shown = {(of_checks or {}).get(check.id, visibility) for check in verdict.checks}
    told = summarise(verdict) if shown <= {"visible"} or verdict.verdict == "grader_fault" else "graded"
    output = f"{told}\n{describe_circumstances(verdict)}"
    if verdict.verdict == "grader_fault":
        output += "\nYour instructor has to look at it, and run the autograder again."
    tests = [
        _make_test(number, check, (of_checks or {}).get(check.id, visibility))
        for number, check in enumerate(verdict.checks, 1)
    ]
    return _write(
        {
            "output": plain(output),
            "execution_time": round(verdict.elapsed_s, 3),
            "tests": tests,
            "extra_data": {"exercise": verdict.exercise, "verdict": verdict.verdict, "seed": verdict.seed},
        }
    )


def render_error(message: str, hint: str | None) -> str:
    """Return results with no points and the reason, which the learner sees."""
    return _write({"score": 0, "output": plain(message + (f"\nnext: {hint}" if hint else "")), "tests": []})


def _make_test(number: int, check: CheckResult, visibility: Visibility) -> dict[str, Any]:
    passed = check.status == "passed"
    status = f"[{check.facts.words}] " if check.facts.words else ""
    return {
        "number": str(number),
        "name": one_line(check.title),
        "score": check.points if passed else 0,
        "max_score": check.points,
        "status": "passed" if passed else "failed",
        "output": "" if passed else status + explanation(check),
        "output_format": "text",
        "visibility": visibility,
    }


def _write(results: dict[str, Any]) -> str:
    # What the autograder prints is for the instructor. As text, nothing of the learner's is read as HTML or Markdown.
    fixed = {"visibility": "visible", "stdout_visibility": "hidden", "output_format": "text"}
    return json.dumps(results | fixed, indent=2, ensure_ascii=False) + "\n"
