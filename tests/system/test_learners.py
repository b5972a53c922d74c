"""Golden learners: every folder of tests/learners is a submission to the toy exercise, with its exact verdict.

To add one, write `<case>/submission.py`, run `python -m tests.system.test_learners CASE`, and read what it wrote.
"""

import re
import sys

import pytest
import yaml

from grader.core.verdict import Verdict
from grader.course import load_content
from tests.support.study import REPOSITORY, TOY_COURSE
from tests.support.warm_engine import WarmEngine

LEARNERS = REPOSITORY / "tests" / "learners"
CONTENT = load_content(TOY_COURSE)
EXERCISE = CONTENT.exercises["t01_double"]
CASES = sorted(folder.name for folder in LEARNERS.iterdir() if folder.is_dir())


def read_case(case: str) -> str:
    return (LEARNERS / case / "submission.py").read_bytes().decode("utf-8-sig")


def summarise(verdict: Verdict) -> dict[str, object]:
    """Keep what must be the same on every run and machine."""
    checks = {
        check.id: {"status": check.status, "message": _steady(check.message)}
        | ({"cause": check.cause} if check.cause else {})
        for check in verdict.checks
    }
    return {"verdict": verdict.verdict, "checks": checks}


def _steady(message: str) -> list[str]:
    return [re.sub(r"0x[0-9a-f]+|[0-9]{6,} bytes|DefaultCPUAllocator: .*", "…", line) for line in message.splitlines()]


@pytest.mark.parametrize("case", CASES)
def test_verdict_on_a_golden_learner_is_exactly_as_written(case: str, warm_engine: WarmEngine) -> None:
    expected = yaml.safe_load((LEARNERS / case / "verdict.yaml").read_text(encoding="utf-8"))
    verdict = warm_engine.grade(EXERCISE, CONTENT.folder(EXERCISE.id), read_case(case))
    assert summarise(verdict) == expected


def test_no_golden_learner_is_the_graders_fault() -> None:
    for case in CASES:
        assert "grader_fault" not in (LEARNERS / case / "verdict.yaml").read_text(encoding="utf-8")


def _write(cases: list[str]) -> None:
    engine = WarmEngine()
    for case in cases or CASES:
        verdict = engine.grade(EXERCISE, CONTENT.folder(EXERCISE.id), read_case(case))
        text = yaml.safe_dump(summarise(verdict), sort_keys=False, allow_unicode=True, width=10**6)
        (LEARNERS / case / "verdict.yaml").write_text(text, encoding="utf-8")
    engine.close()


if __name__ == "__main__":
    _write(sys.argv[1:])
