"""A verdict with every status, to be shown."""

from grader.core.verdict import CheckResult, Status, Verdict


def make_check(name: str, status: Status, message: str = "", cause: str | None = None, points: int = 1) -> CheckResult:
    return CheckResult(name, f"The check [{name}]", status, points, message, cause, 0.5)


EVERY_STATUS = (
    make_check("a", "passed"),
    make_check("b", "failed", "expected 3, got 4\nat [0, 1]: off by 1\n  indented", "it adds one too many", 2),
    make_check("c", "errored", "ValueError: bad\n  line 3, in f", "a cause"),
    make_check("d", "failed", "expected 3, got 4\nthis was said already", "it adds one too many"),
    make_check("e", "timed_out", "took longer than 10 s\ndetails nobody needs", "a cause nobody needs"),
    make_check("f", "out_of_memory", "above 2048 MiB"),
    make_check("g", "crashed", "ended by SIGSEGV"),
    make_check("h", "not_run", "it needs b"),
    make_check("i", "grader_fault", "the judge broke"),
)


def make_verdict(*checks: CheckResult, **changes: object) -> Verdict:
    values = {"verdict": "failed", "score": 1, "max_score": 10, "corpus": None, "isolation": {"network": True}}
    values |= {"exercise": "e01_add", "checks": checks, "seed": 7, "device": "cpu", "elapsed_s": 0.26} | changes
    return Verdict(**values)  # type: ignore[arg-type]
