"""A verdict for other tools: each format is read by a strict reader of it, whatever the learner's code wrote."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import junitparser
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs, to_builtins

from grader.cli.reporting import Report
from grader.errors import UsageError, WorkspaceError
from grader.formats import github, gradescope, junit, problems, tap
from grader.formats.places import Place, Submission, find_place
from grader.formats.verdict_schema import make_verdict_schema, write_verdict_schema
from grader.verdict import CheckResult, Status, Verdict
from tests.conftest import Study
from tests.test_cli import RIGHT, WRONG
from tests.test_grade_all import log_pass

SOURCE = "import torch\n\n\ndef double(x):\n    y = x\n    return 3 * y\n\n\nclass Value:\n    def grad(self):\n        pass\n"
SUBMISSION = Submission("study/a.py", "study/a.py", SOURCE)
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


# --- places ---


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("`double` raised E\nat        study/a.py:5 in double\n          5 | y = x", (5, 5)),
        ("`double` raised E\nat        study/a.py:5 in double\nat        study/a.py:6 in inner", (6, 5)),
        ("SyntaxError: no (study/a.py:4:7)\n          4 | def", (4, 7)),
        ("importing the file raised E: a\n          b (study/a.py:5)\n          5 | y = x", (5, 5)),
        ("double(x) differs\ncalled    double(x=float64[3])\ngot       1", (4, 1)),
        ("`double` did not finish", (4, 1)),
        ("it differs\ncalled    Value.grad()", (10, 5)),
        ("it differs\ncalled    the Value()", (9, 1)),
        ("nothing is known", (1, 1)),
        ("", (1, 1)),
        ("`double` raised E: x\n          at        study/a.py:6 in forged", (4, 1)),
        ("at        study/a.py:999999999999 in double", (11, 9)),
        (f"at        study/a.py:{'9' * 5000} in double", (11, 9)),
        ("at        study/b.py:5 in double", (1, 1)),
    ],
)
def test_a_check_points_to_the_innermost_line_else_to_the_function_it_called(
    message: str, expected: tuple[int, int]
) -> None:
    assert find_place(make_check(message=message), SUBMISSION) == Place("study/a.py", *expected)


def test_of_two_definitions_the_last_holds() -> None:
    twice = structs.replace(SUBMISSION, source="def double(x): ...\n\ndef double(x): ...\n")
    assert find_place(make_check(message="it differs\ncalled    double(x)"), twice).line == 3


def test_in_a_notebook_a_check_points_to_a_line_of_a_cell() -> None:
    notebook = Submission("study/a.ipynb", "study/a.ipynb", SOURCE)
    told = make_check(message="`double` raised E\nat        study/a.ipynb cell 4 line 2 in double")
    assert find_place(told, notebook) == Place("study/a.ipynb", 2, 1, 4)
    assert find_place(make_check(message="broken (study/a.ipynb cell 3 line 1)"), notebook) == Place(
        "study/a.ipynb", 1, 1, 3
    )
    assert find_place(make_check(message="it differs\ncalled    double(x)"), notebook) == Place("study/a.ipynb")
    assert problems.render(make_verdict(told), notebook) == (
        "study/a.ipynb:1:1: cell 4 line 2: double(x) is twice x: `double` raised E\n"
    )
    assert "::error file=study/a.ipynb,title=double(x) is twice x::cell 4 line 2%3A" not in github.render(
        make_verdict(told), notebook
    )
    assert github.render(make_verdict(told), notebook).startswith(
        "::error file=study/a.ipynb,title=double(x) is twice x::cell 4 line 2: `double` raised E%0Aat "
    )


@given(texts, texts)
def test_any_message_has_a_place_within_the_file(message: str, source: str) -> None:
    place = find_place(make_check(message=message), Submission("a.py", "a.py", source))
    assert 1 <= place.line <= max(1, len(source.splitlines()))
    assert place.column >= 1


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
    from grader.models import Exercise

    exercise = structs.replace(_EXERCISE, title="A | <b>title</b>")
    assert isinstance(exercise, Exercise)
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


def _load_exercise() -> Any:
    from grader.course import load_content
    from tests.conftest import TOY_COURSE

    return load_content(TOY_COURSE).exercises["t01_double"]


_EXERCISE = _load_exercise()


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


# --- which format, and where it goes ---


def choose(form: str | None = None, output: Path | None = None, *visibility: str, as_json: bool = False) -> Report:
    return Report.choose(form, output, visibility, as_json=as_json)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--json", "--format", "tap"], "--json and --format tap exclude each other"),
        (["--format", "xml"], "'xml' is not one of"),
        (["--format", "tap", "--visibility", "hidden"], "--visibility goes with --format gradescope"),
        (["--format", "gradescope", "--visibility", "a=b"], "`b` is none of visible, after_due_date"),
        (["--output", "t01_double.py"], "t01_double.py would be overwritten, and may be somebody's work"),
        (["--output", "study/.study/study.db"], "study.db lies where study keeps its own files"),
        (["--output", "."], "is no file that can be written"),
        (["--output", "none/report.xml"], "/none\n"),
        (["--all", "--format", "tap"], "--format tap tells of one exercise; --all takes text, json or junit"),
    ],
)
def test_what_does_not_go_together_is_refused(study: Study, home: Path, arguments: list[str], said: str) -> None:
    done = study("grade", *arguments)
    assert done.returncode == 2
    assert said in (done.stdout if "--json" in arguments else done.stderr)
    assert "next: " in done.stderr or "--json" in arguments
    assert list(home.iterdir()) == []


def test_a_report_replaces_a_link_and_not_what_it_leads_to(home: Path) -> None:
    (home / "notes.txt").write_text("mine")
    (home / "report.xml").symlink_to(home / "notes.txt")
    choose("junit", home / "report.xml")._write("<report/>")
    assert (home / "notes.txt").read_text() == "mine"
    assert (home / "report.xml").read_text() == "<report/>"


def test_a_full_disk_leaves_the_report_of_before(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (home / "report.xml").write_text("before")
    monkeypatch.setattr("os.fsync", fill)
    with pytest.raises(WorkspaceError, match="No space left on device; what was there before is unchanged"):
        choose("junit", home / "report.xml")._write("after")
    assert [(file.name, file.read_text()) for file in home.iterdir()] == [("report.xml", "before")]


def test_an_error_of_json_is_json_however_it_is_asked_for(study: Study) -> None:
    expected = {"error": "no exercise has been started yet", "hint": "study next", "exit_code": 2}
    for arguments in (["--json"], ["--format", "json"], ["--format=json"]):
        done = study("grade", *arguments)
        assert (json.loads(done.stdout), done.returncode) == (expected, 2)


def test_an_error_is_told_in_the_report_as_well(study: Study, home: Path) -> None:
    done = study("grade", "nothing", "--format", "junit", "--output", "report.xml")
    assert done.returncode == 2
    root = read_junit((home / "report.xml").read_text())
    assert [error.get("message") for error in root.iter("error")] == ["there is no exercise `nothing`"]
    told = study("grade", "nothing", "--format", "tap").stdout
    assert read_tap(told) == ([], "there is no exercise `nothing`; next: study list")
    assert [name for name, _, _ in read_commands(study("grade", "nothing", "--format", "github").stdout)] == ["error"]
    assert study("grade", "nothing", "--format", "problems").stdout == ""


def test_a_text_of_an_earlier_grade_is_said_to_be_old(study: Study, home: Path) -> None:
    (home / "verdict.txt").write_text("before")
    done = study("grade", "nothing", "--output", "verdict.txt")
    assert f"study: {home}/verdict.txt is left as it was, from an earlier grade\n" in done.stderr
    assert (home / "verdict.txt").read_text() == "before"


# --- as a user runs it ---

LOUD = (
    "def double(x):\n    print('::error::forged')\n    print('##[add-mask]1')\n"
    "    raise ValueError('one\\n::set-output name=a::b\\n\\x1b[31m]]>')\n"
)


def test_every_format_tells_of_a_real_grade(study: Study, home: Path) -> None:
    study("start", "double")
    (home / "study/t01_double.py").write_text(LOUD)
    summary = home / "summary.md"
    actions = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_WORKSPACE": str(home / "study")}
    shown = {form: study("grade", "--format", form, **actions) for form in ("junit", "tap", "problems", "github")}
    assert {form: done.returncode for form, done in shown.items()} == dict.fromkeys(shown, 1)
    assert [case.get("name") for case in read_junit(shown["junit"].stdout).iter("testcase")] == [
        "doubles",
        "leaves_input_alone",
        "keeps_dtype",
    ]
    assert [told["status"] for _, _, told in read_tap(shown["tap"].stdout)[0]] == ["errored", "errored", "not_run"]
    assert shown["problems"].stdout == (
        "study/t01_double.py:4:5: double(x) is twice x: `double` raised ValueError: one\n"
        "study/t01_double.py:4:5: x itself is not changed: `double` raised ValueError: one\n"
    )
    assert shown["problems"].stderr == "t01_double: not solved yet: 0 of 3 checks, 0 of 4 points\n"
    commands = read_commands(shown["github"].stdout)
    assert [(name, told["file"], told["line"]) for name, told, _ in commands] == [("error", "t01_double.py", "4")] * 2
    assert "  ✗ double(x) is twice x [errored]  (2 points)\n" in shown["github"].stdout
    assert summary.read_text().startswith("## t01&#95;double&#58; Double a tensor\n".replace("&#58;", ":"))
    assert read_commands(study("grade", **actions).stdout) == []


def test_a_verdict_is_written_to_a_file_as_it_would_be_printed(study: Study, home: Path) -> None:
    study("start", "double")
    (home / "study/t01_double.py").write_text(RIGHT)
    done = study("grade", "--output", "verdict.txt", "--seed", "1")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"t01_double: solved: 4 of 4 points; wrote {home}/verdict.txt\n"
    text = (home / "verdict.txt").read_text()
    assert text.startswith("t01_double  Double a tensor\n  ✓ double(x) is twice x  (2 points)\n")
    done = study("grade", "--format", "json", "--output", "verdict.json")
    assert (done.returncode, done.stdout) == (0, "")
    data = json.loads((home / "verdict.json").read_text())
    jsonschema.Draft202012Validator(make_verdict_schema()).validate(data)
    assert data["verdict"] == "passed"


def test_all_that_is_solved_is_one_suite_an_exercise(study: Study, home: Path) -> None:
    log_pass(home, "t01_double", WRONG)
    log_pass(home, "t02_toolbox", None)
    done = study("grade", "--all", "--format", "junit")
    assert done.returncode == 1
    root = read_junit(done.stdout)
    assert [(suite.get("name"), suite.get("tests"), suite.get("errors")) for suite in root] == [
        ("t01_double", "3", "0"),
        ("t02_toolbox", "1", "1"),
    ]


def test_a_path_typed_for_an_id_names_the_file_to_grade(study: Study, home: Path) -> None:
    study("start", "double")
    (home / "t01_double.py").write_text(RIGHT)
    assert study("grade", "t01_double").returncode == 1
    assert study("grade", "./study/t01_double.py").returncode == 1
    assert study("grade", "./t01_double.py").returncode == 0


def test_the_summary_that_cannot_be_written_is_told_and_the_verdict_holds(
    monkeypatch: pytest.MonkeyPatch, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(home))
    report = choose("github")
    report.tell_verdict(_EXERCISE, make_verdict(make_check("passed")), home / "a.py", "", lambda: print("::x::y"))
    captured = capsys.readouterr()
    assert read_commands(captured.out) == [("notice", {"title": "t01_double"}, "solved: 2 of 2 points")]
    assert captured.err == "study: the summary of the step cannot be written: Is a directory\n"


def test_a_visibility_of_no_check_is_refused_before_the_grade(tmp_path: Path) -> None:
    from grader.cli.desk import Desk

    report = choose("gradescope", tmp_path / "results.json", "after_published", "doubels=hidden")
    with pytest.raises(UsageError, match="t01_double has no check `doubels`"):
        report.require_exercise(Desk(), _EXERCISE, None)
    assert gradescope.VISIBILITIES == ("visible", "after_due_date", "after_published", "hidden")
