"""In which format a grade is told, where the report goes, and what is told in its place when something goes wrong."""

import json
import re
from pathlib import Path

import click
import jsonschema
import pytest

from grader.cli.grade.grade import grade
from grader.cli.grade.report import GradeReport
from grader.core.errors import UsageError, WorkspaceError
from grader.formats import FORMATS, Told, gradescope
from grader.formats.verdict_schema import make_verdict_schema
from grader.view.regrades import Regrade
from tests.support.passes import log_pass
from tests.support.report_readers import read_commands, read_junit, read_tap
from tests.support.study import REPOSITORY, RIGHT, WRONG, Study
from tests.support.verdicts import EXERCISE, SUBMISSION, make_check, make_verdict
from tests.support.warm_engine import WarmEngine


@pytest.fixture
def study(study: Study, warm_engine: WarmEngine) -> Study:
    """Run the command, which grades by an engine that is warm."""
    return warm_engine.lend(study)


def choose(form: str | None = None, output: Path | None = None, *visibility: str, as_json: bool = False) -> GradeReport:
    return GradeReport.choose(form, output, visibility, as_json=as_json)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--json", "--format", "tap"], "--json and --format tap exclude each other"),
        (["--format", "xml"], "'xml' is not one of"),
        (["--format", "tap", "--visibility", "hidden"], "--visibility goes with --format gradescope"),
        (["--format", "gradescope", "--visibility", "a=b"], "`b` is none of visible, after_due_date"),
        (["--output", "t01_double.py"], "t01_double.py would be overwritten, and may be work of yours"),
        (["--output", "study/.study/study.db"], "study.db lies where study keeps its own files"),
        (["--output", "."], "is not a file that can be written"),
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


def test_every_row_of_the_table_of_formats_can_do_what_it_says() -> None:
    failed = make_verdict(make_check("failed", "it differs"), make_check("passed"))
    told = Told(failed, SUBMISSION, lambda: "shown", ("visible", {}))
    row = Regrade("t01_double", "regressed", verdict=failed)
    for form in FORMATS.values():
        assert form.is_view == (form.name in ("text", "json")), form.name
        if form.verdict is not None:
            assert "it differs" in form.verdict(form.module, told), form.name
        if form.rows is not None:
            assert "it differs" in form.rows(form.module, [row]), form.name
        if form.error is not None:
            assert "cannot be made" in form.error(form.module, "cannot be made", None), form.name
        assert form.tells_errors == (form.error is not None or form.name == "json"), form.name
        if form.summary is not None:
            assert "it differs" in form.summary[1](form.module, failed, EXERCISE)
        if form.unfinished is not None:
            assert form.error is not None
            assert form.unfinished(form.module) in form.error(form.module, form.unfinished(form.module), None)


def test_every_module_that_writes_verdicts_has_its_row_and_every_row_its_module() -> None:
    writing = {
        path.stem for path in (REPOSITORY / "grader/formats").glob("*.py") if "\ndef render(" in path.read_text()
    }
    assert writing == {form.name for form in FORMATS.values() if not form.is_view}


def test_the_help_and_the_docs_list_the_formats_of_the_table() -> None:
    (option,) = (one for one in grade.params if one.name == "form")
    assert isinstance(option.type, click.Choice)
    assert list(option.type.choices) == list(FORMATS)
    docs = (REPOSITORY / "docs/tools.md").read_text()
    table = "".join(f"| `{form.name}` | {form.help} | {form.of_all} |\n" for form in FORMATS.values())
    assert f"| format | for | `--all` |\n|---|---|---|\n{table}\n" in docs
    told = re.search(r"cannot be read\), ((?:`\w+`,? ?(?:and )?)+)", docs)
    assert told is not None
    assert set(re.findall(r"\w+", told[1])) - {"and"} == {form.name for form in FORMATS.values() if form.tells_errors}
    assert {form.name: form.of_all != "no" for form in FORMATS.values()} == {
        form.name: form.can_tell_all for form in FORMATS.values()
    }


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
    report.tell_verdict(EXERCISE, make_verdict(make_check("passed")), home / "a.py", "", lambda: print("::x::y"))
    captured = capsys.readouterr()
    assert read_commands(captured.out) == [("notice", {"title": "t01_double"}, "solved: 2 of 2 points")]
    assert captured.err == "study: the summary of the step cannot be written: Is a directory\n"


def test_a_visibility_of_no_check_is_refused_before_the_grade(tmp_path: Path) -> None:
    from grader.cli.context import Context

    report = choose("gradescope", tmp_path / "results.json", "after_published", "doubels=hidden")
    with pytest.raises(UsageError, match="t01_double has no check `doubels`"):
        report.require_exercise(Context(), EXERCISE, None)
    assert gradescope.VISIBILITIES == ("visible", "after_due_date", "after_published", "hidden")
