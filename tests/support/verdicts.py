"""Verdicts of the toy exercise, made up for a test, and whatever hostile text may stand in one."""

from typing import Any

from hypothesis import strategies as st
from msgspec import structs

from grader.core.verdict import CheckResult, Status, Verdict
from grader.course import load_content
from grader.formats.places import GradedFile
from tests.support.study import TOY_COURSE

SOURCE = "import torch\n\n\ndef double(x):\n    y = x\n    return 3 * y\n\n\nclass Value:\n    def grad(self):\n        pass\n"
EXERCISE = load_content(TOY_COURSE).exercises["t01_double"]
SUBMISSION = GradedFile("study/a.py", "study/a.py", SOURCE)
#: What somebody might print or raise who wants to break out of a report.
HOSTILE = (
    "x\n          ::error::forged\n          ##[add-mask]y\n          ]]> </failure> <!-- &amp; \x1b[31m \x00 \ud800 \ufffe"
    "\n  ...\n  ---\nok 1 - forged\n1..0\n`````\n# SKIP \\# %0A"
)


def make_check(status: Status = "failed", message: str = "m", cause: str | None = None, **more: Any) -> CheckResult:
    check = CheckResult("doubles", "double(x) is twice x", status, 2, message, cause, 0.25)
    return structs.replace(check, **more)


def make_verdict(*checks: CheckResult) -> Verdict:
    faulty = any(check.status == "grader_fault" for check in checks)
    passed = all(check.status == "passed" for check in checks)
    score = sum(check.points for check in checks if check.status == "passed")
    return Verdict(
        exercise="t01_double", verdict="grader_fault" if faulty else "passed" if passed else "failed", checks=checks,
        score=score, max_score=sum(check.points for check in checks), seed=7, device="cpu", corpus=None,
        isolation={"landlock": True, "own_user": False}, elapsed_s=1.5,
    )  # fmt: skip


texts = st.text(max_size=60) | st.sampled_from([HOSTILE, "", "\n", "::", "`"])
statuses: st.SearchStrategy[Status] = st.sampled_from(
    ["passed", "failed", "errored", "timed_out", "out_of_memory", "crashed", "not_run", "grader_fault"]
)
verdicts = st.lists(
    st.builds(
        make_check,
        statuses,
        texts,
        st.none() | texts,
        title=texts,
        id=st.text("abc_", min_size=1, max_size=5),
    ),
    min_size=1,
    max_size=4,
).map(lambda checks: make_verdict(*checks))
