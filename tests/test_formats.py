"""A verdict for other tools: each format is read by a strict reader of it, whatever the learner's code wrote."""

import json
import re
from typing import Any
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs, to_builtins

from grader.core.verdict import CheckResult, Status, Verdict
from grader.course import load_content
from grader.formats import github, junit, problems, tap
from grader.formats.places import GradedFile
from grader.formats.verdict_schema import make_verdict_schema, write_verdict_schema
from tests.conftest import TOY_COURSE, Study

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


def commands_in(text: str) -> list[str]:
    """Return the lines that the runner of GitHub Actions takes for commands: of the newer kind, and of the older."""
    return [line for line in re.split("[\r\n]", text) if line.lstrip().startswith("::") or "##[" in line]


# --- JUnit ---

#: What pytest writes with junit_family=xunit2, and junit-10.xsd allows: element -> attributes, children.
XUNIT2: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        {"properties", "testcase"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"classname", "name", "time"}, {"failure", "error", "skipped", "system-out", "system-err"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message", "type"}, set()),
    "system-out": (set(), set()),
}


def read_junit(text: str) -> ElementTree.Element:
    """Parse a report, and check it against the shape, the counts and the characters that XML allows."""
    assert re.search("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text) is None
    root = ElementTree.fromstring(text.encode("utf-8"))
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = XUNIT2[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
        if "time" in element.attrib:
            assert re.fullmatch(r"\d+\.\d{3}", element.attrib["time"])
    for suite in root:
        tags = [child.tag for case in suite.iter("testcase") for child in case]
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.attrib[name] == str(tags.count(tag))
        assert suite.attrib["tests"] == str(len(list(suite.iter("testcase"))))
    return root


def test_junit_tells_a_failure_an_error_and_what_was_not_run_apart() -> None:
    printed = "it differs\ngot       1\nprinted (700 bytes in all):\n          one\n            two"
    verdict = make_verdict(
        make_check("passed", id="a"),
        make_check("failed", printed, "a factor", id="b"),
        make_check("timed_out", "too long", id="c"),
        make_check("not_run", "it needs `b`", id="d"),
    )
    text = junit.render(verdict)
    read_junit(text)
    (suite,) = junitparser.JUnitXml.fromstring(text.encode())
    assert (suite.name, suite.tests, suite.failures, suite.errors, suite.skipped) == ("t01_double", 4, 1, 1, 1)
    assert {p.name: p.value for p in suite.properties()} == {
        "verdict": "failed",
        "score": "2 of 8",
        "seed": "7",
        "device": "cpu",
        "circumstances": "1.5 s on cpu, seed 7, isolation layers off: own user",
        **{f"points.{name}": "2" for name in "abcd"},
    }
    found = [(c.classname, c.name, c.time, [(type(r).__name__, r.type, r.message) for r in c.result]) for c in suite]
    assert found == [
        ("t01_double", "a", 0.25, []),
        ("t01_double", "b", 0.25, [("Failure", "failed", "it differs")]),
        ("t01_double", "c", 0.25, [("Error", "timed_out", "too long")]),
        ("t01_double", "d", 0.25, [("Skipped", "not_run", "it needs `b`")]),
    ]
    failed = list(suite)[1]
    assert failed.result[0].text == "double(x) is twice x\nit differs\ngot       1\nlikely    a factor"
    assert failed.system_out == "one\n  two"


@given(verdicts)
def test_junit_stays_well_formed_whatever_was_written(verdict: Verdict) -> None:
    root = read_junit(junit.render(verdict))
    assert len(list(root.iter("testcase"))) == len(verdict.checks)
    assert [len(case) == 0 for case in root.iter("testcase")] == [c.status == "passed" for c in verdict.checks]


def test_junit_writes_nothing_that_github_actions_takes_for_a_command_and_loses_no_text() -> None:
    said = "wrong\n::error::forged\n  ::add-mask::x\n\t ::stop-commands::y\na ##[error]z\n##[add-mask]w\na::b ::c # [d]"
    verdict = make_verdict(make_check("errored", f"{said}\nprinted:\n    ::warning::forged\n    ##[debug]w"))
    for text in (junit.render(verdict), junit.render_error(said, "::set-output name=a::b")):
        assert commands_in(text) == []
    case = read_junit(junit.render(verdict)).find(".//testcase")
    assert case is not None
    assert (case.find("error").text, case.find("system-out").text) == (  # type: ignore[union-attr]
        f"double(x) is twice x\n{said}",
        "::warning::forged\n##[debug]w",
    )


@given(verdicts)
def test_no_report_for_other_tools_gives_github_actions_a_command_of_the_learners(verdict: Verdict) -> None:
    reports = (junit.render(verdict), tap.render(verdict, SUBMISSION), problems.render(verdict, SUBMISSION))
    assert [commands_in(report) for report in reports] == [[], [], []]


@given(texts, st.none() | texts)
def test_junit_of_a_grade_that_could_not_be_made_is_one_error(message: str, hint: str | None) -> None:
    root = read_junit(junit.render_error(message, hint))
    assert (root.attrib["tests"], root.attrib["errors"], root.attrib["failures"]) == ("1", "1", "0")


# --- TAP ---


def read_tap(text: str) -> tuple[list[tuple[bool, str, Any]], str | None]:
    """Read TAP version 14 strictly: [(ok, description, diagnostics)], and why it bailed out."""
    lines = text.split("\n")
    assert lines.pop() == ""
    assert lines[0] == "TAP version 14"
    found: list[tuple[bool, str, Any]] = []
    planned = bailed = None
    at = 1
    while at < len(lines):
        line = lines[at]
        at += 1
        if plan := re.fullmatch(r"1\.\.(\d+)", line):
            assert planned is None
            planned = int(plan[1])
        elif test := re.fullmatch(r"(ok|not ok) (\d+) - ((?:[^\\#]|\\[\\#])*)", line):
            assert int(test[2]) == len(found) + 1
            told = None
            if at < len(lines) and lines[at] == "  ---":
                end = lines.index("  ...", at)
                block = lines[at + 1 : end]
                assert all(part.startswith("  ") for part in block)
                told = yaml.safe_load("\n".join(part[2:] for part in block))
                at = end + 1
            found.append((test[1] == "ok", re.sub(r"\\([\\#])", r"\1", test[3]), told))
        elif line.startswith("Bail out!"):
            assert at == len(lines)
            bailed = line.removeprefix("Bail out! ")
        else:
            assert line.startswith("# ")
    assert bailed is not None or planned == len(found)
    return found, bailed


def test_tap_tells_each_check_with_its_place() -> None:
    verdict = make_verdict(
        make_check("passed", title="a # b \\ c"),
        make_check("failed", "it differs\ncalled    double(x)", "a factor"),
        make_check("not_run", "it needs `b`"),
    )
    assert read_tap(tap.render(verdict, SUBMISSION)) == (
        [
            (True, "a # b \\ c", None),
            (
                False,
                "double(x) is twice x",
                {
                    "check": "doubles",
                    "status": "failed",
                    "points": 2,
                    "message": "it differs",
                    "details": ["called    double(x)", "likely    a factor"],
                    "at": {"file": "study/a.py", "line": 4, "column": 1},
                },
            ),
            # Not skipped: a harness would count it as passed.
            (
                False,
                "double(x) is twice x",
                {"check": "doubles", "status": "not_run", "points": 2, "message": "it needs `b`"},
            ),
        ],
        None,
    )


def test_tap_bails_out_where_the_grader_is_at_fault() -> None:
    found, bailed = read_tap(tap.render(make_verdict(make_check("passed"), make_check("grader_fault")), SUBMISSION))
    assert [ok for ok, _, _ in found] == [True, False]
    assert bailed == "the grader is at fault, not the submission: this attempt does not count"
    assert read_tap(tap.render_error("no\nfile", "type #1")) == ([], "no file; next: type \\#1")


@given(verdicts)
def test_tap_stays_strict_whatever_was_written(verdict: Verdict) -> None:
    found, _ = read_tap(tap.render(verdict, SUBMISSION))
    assert [ok for ok, _, _ in found] == [check.status == "passed" for check in verdict.checks]
    assert all("\n" not in told["message"] for ok, _, told in found if not ok)


# --- problems ---

#: As the task that `study init --vscode` writes reads it.
PROBLEM = re.compile(r"^(.+?):(\d+):(\d+): (.*)$")


def test_problems_are_the_checks_that_failed() -> None:
    verdict = make_verdict(
        make_check("passed"),
        make_check("failed", "it differs\ncalled    double(x)", "a factor"),
        make_check("errored", "`double` raised E\nat        study/a.py:6 in double"),
        make_check("not_run"),
    )
    assert problems.render(verdict, SUBMISSION) == (
        "study/a.py:4:1: double(x) is twice x: it differs (likely: a factor)\n"
        "study/a.py:6:5: double(x) is twice x: `double` raised E\n"
    )
    assert problems.render(make_verdict(make_check("passed")), SUBMISSION) == ""


@given(verdicts)
def test_problems_stay_one_a_line_whatever_was_written(verdict: Verdict) -> None:
    lines = problems.render(verdict, SUBMISSION).splitlines()
    wrong = [c for c in verdict.checks if c.status not in ("passed", "not_run", "grader_fault")]
    assert len(lines) == len(wrong)
    assert all((found := PROBLEM.match(line)) and found[1] == "study/a.py" for line in lines)


# --- GitHub ---


def read_commands(log: str) -> list[tuple[str, dict[str, str], str]]:
    """Read the commands out of a log as the runner does: [(name, properties, message)].

    A line is a command if it begins with :: after blanks, or holds ##[ anywhere; once they are stopped, only the
    token starts them again.
    """
    found = []
    token = None
    for line in log.splitlines():
        if token is not None:
            token = None if line.strip() == f"::{token}::" else token
            continue
        if command := re.fullmatch(r"\s*::([\w-]+)(?: ([^\n]*?))?::(.*)", line):
            name, given_properties, message = command[1], command[2] or "", command[3]
            if name == "stop-commands":
                token = message
                continue
            pairs = [part.split("=", 1) for part in given_properties.split(",") if part]
            told = {key: _unescape(value, ((":", "%3A"), (",", "%2C"))) for key, value in pairs}
            found.append((name, told, _unescape(message)))
        else:
            assert not line.lstrip().startswith("::")
            assert "##[" not in line
    assert token is None
    return found


def _unescape(text: str, further: tuple[tuple[str, str], ...] = ()) -> str:
    for plain_text, escaped in (*further, ("\r", "%0D"), ("\n", "%0A"), ("%", "%25")):
        text = text.replace(escaped, plain_text)
    return text


def test_github_annotates_the_learners_lines() -> None:
    verdict = make_verdict(
        make_check("passed"),
        make_check("failed", "100% off\ncalled    double(x)", "a factor", title="a: b, c"),
        make_check("not_run"),
    )
    text = github.render(verdict, SUBMISSION)
    assert text == (
        "::error file=study/a.py,line=4,col=1,title=a%3A b%2C c"
        "::100%25 off%0Acalled    double(x)%0Alikely    a factor\n"
    )
    assert read_commands(text) == [
        (
            "error",
            {"file": "study/a.py", "line": "4", "col": "1", "title": "a: b, c"},
            "100% off\ncalled    double(x)\nlikely    a factor",
        )
    ]


def test_github_tells_of_a_pass_and_of_a_fault_of_ours_without_a_line() -> None:
    assert read_commands(github.render(make_verdict(make_check("passed")), SUBMISSION)) == [
        ("notice", {"title": "t01_double"}, "solved: 2 of 2 points")
    ]
    assert read_commands(github.render(make_verdict(make_check("grader_fault")), SUBMISSION)) == [
        ("error", {"title": "t01_double"}, "the grader is at fault, not the submission: this attempt does not count")
    ]
    assert read_commands(github.render_error("no\nfile", "type more")) == [
        ("error", {"title": "study grade"}, "no\nfile\nnext: type more")
    ]


@given(verdicts, texts)
def test_github_runs_no_command_of_the_learners(verdict: Verdict, printed: str) -> None:
    log = github.guard(printed, "5f" * 16) + github.render(verdict, SUBMISSION)
    assert {name for name, _, _ in read_commands(log)} <= {"error", "notice"}
    wrong = [c for c in verdict.checks if c.status not in ("passed", "not_run")]
    assert len(read_commands(log)) == max(1, len(wrong))


def test_the_reader_of_commands_sees_one_that_is_not_guarded() -> None:
    assert read_commands("  ::set-env name=A::1\n") == [("set-env", {"name": "A"}, "1")]
    with pytest.raises(AssertionError):
        read_commands("printed ##[add-mask]x\n")


@given(verdicts)
def test_the_summary_shows_all_learners_text_as_code_or_escaped(verdict: Verdict) -> None:
    exercise = structs.replace(EXERCISE, title="A | <b>title</b>")
    outside, fence = [], None
    for line in github.render_summary(verdict, exercise).split("\n"):
        if fence is None and (opened := re.fullmatch(r"(`{3,})text", line)):
            fence = opened[1]
        elif fence is not None and re.match(rf" {{0,3}}`{{{len(fence)},}} *$", line):
            fence = None
        elif fence is None:
            outside.append(line)
    assert fence is None
    assert not any(character in line for line in outside for character in "<>`[]")


# --- JSON ---


@given(verdicts)
def test_a_verdict_fits_its_schema(verdict: Verdict) -> None:
    jsonschema.Draft202012Validator(make_verdict_schema()).validate(json.loads(json.dumps(to_builtins(verdict))))


def test_the_schema_of_verdicts_is_printed_and_refuses_what_is_none(study: Study) -> None:
    text = study("schema", "--verdict").stdout
    assert text == write_verdict_schema()
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    wrong = to_builtins(make_verdict(make_check())) | {"verdict": "nearly"}
    assert not jsonschema.Draft202012Validator(schema).is_valid(wrong)
    refused = study("schema", "exercise", "--verdict")
    assert (refused.returncode, refused.stderr) == (
        2,
        "study: --verdict prints one schema of its own\nnext: study schema --verdict\n",
    )
