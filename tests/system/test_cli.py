"""The command as a user runs it: what is printed, the exit codes, and that nothing of theirs is lost."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from grader.worker.sandbox import LAYERS
from tests.support.processes import wait_for_descendants, wait_until_gone
from tests.support.study import REPOSITORY, RIGHT, TOY_COURSE, WRONG, Study
from tests.support.warm_engine import WarmEngine


@pytest.fixture
def study(study: Study, warm_engine: WarmEngine) -> Study:
    """Run the command, which grades by an engine that is warm."""
    return warm_engine.lend(study)


def test_main_job_from_next_to_progress(study: Study, home: Path) -> None:
    shown = study("next")
    assert shown.returncode == 0
    assert shown.stdout == (
        "Watch  A toy lecture\n"
        "       from 1:30: “doubling”\n"
        "       https://www.youtube.com/watch?v=abcdefghijk&t=90s\n"
        "Solve  t01_double  Double a tensor\n"
        "       it is the first open exercise of “Doubling”\n"
        "       it builds on no other exercise\n"
        "       about 5 minutes, difficulty 1 of 5\n"
        "Type   study start t01_double\n"
    )
    started = study("start", "double")
    assert started.returncode == 0
    assert started.stderr == f"made the workspace {home}/study (the default)\n"
    file = home / "study" / "t01_double.py"
    assert file.read_text() == (TOY_COURSE / "exercises/t01_double/stub.py").read_text()

    failed = study("grade")
    assert failed.returncode == 1
    assert "`double` is not written yet: it raises NotImplementedError" in failed.stdout
    line = file.read_text().splitlines().index("    raise NotImplementedError") + 1
    assert f"at        study/t01_double.py:{line} in double" in failed.stdout
    assert failed.stdout.splitlines()[-1] == "next: study grade t01_double   (stuck: study hint t01_double)"

    file.write_text(RIGHT)
    passed = study("grade", "--seed", "7")
    assert passed.returncode == 0
    assert passed.stdout.splitlines()[1:4] == [
        "  ✓ double(x) is twice x  (2 points)",
        "  ✓ x itself is not changed  (1 point)",
        "  ✓ The dtype is kept  (1 point)",
    ]
    assert "solved: 4 of 4 points" in passed.stdout
    assert "seed 7" in passed.stdout

    progress = study("progress")
    assert "1 of 2 exercises solved, 2 attempts" in progress.stdout
    assert "Solve  t02_toolbox" in study("next").stdout


def test_grade_json_is_one_object_with_the_documented_keys(study: Study, home: Path) -> None:
    study("start", "t01_double")
    (home / "study/t01_double.py").write_text(WRONG)
    done = study("grade", "--json", "--seed", "3")
    assert done.returncode == 1
    verdict = json.loads(done.stdout)
    assert list(verdict) == [
        *("exercise", "verdict", "checks", "score", "max_score", "seed", "device", "corpus", "isolation", "elapsed_s"),
        "pictures",
    ]
    assert verdict["exercise"] == "t01_double"
    assert verdict["verdict"] == "failed"
    assert (verdict["score"], verdict["max_score"], verdict["seed"], verdict["device"]) == (1, 4, 3, "cpu")
    assert list(verdict["checks"][0]) == ["id", "title", "status", "points", "message", "cause", "elapsed_s"]
    assert verdict["checks"][0]["cause"] == "it is the right answer times 1.5: look for a missing or doubled factor"
    assert verdict["isolation"]["process_split"] is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["grade", "t01_doubel"],
            "study: there is no exercise `t01_doubel`; the nearest: t01_double\nnext: study list\n",
        ),
        (
            ["start", "t0"],
            "study: `t0` fits 2 exercises: t01_double (Doubling), t02_toolbox (Tools)\nnext: type more of the id\n",
        ),
        (["grade"], "study: no exercise has been started yet\nnext: study next\n"),
        (["grade", "double"], "study: study/t01_double.py is not there yet\nnext: study start t01_double\n"),
        (["hint"], "study: no exercise has been started yet\nnext: study next\n"),
        (
            ["grade", "--device", "tpu"],
            "study: Invalid value for '--device': 'tpu' is not one of 'cpu', 'cuda', 'mps', 'auto'.\nnext: study grade --help\n",
        ),
        (
            ["solution", "double"],
            "study: t01_double is not solved yet; its solution is shown after a pass\nnext: study hint t01_double   or   study solution t01_double --give-up\n",
        ),
        (["read", "toy"], "study: `toy` fits 2 readings: toy-lecture, toy-paper\nnext: type more of the id\n"),
        (["version"], "study: there is no command `study version`\nnext: study --version\n"),
        (["frobnicate"], "study: there is no command `study frobnicate`\nnext: study --help\n"),
        (["nxt", "--foo"], "study: there is no command `study nxt`\nnext: study next --foo\n"),
        (["server", "stat"], "study: there is no command `study server stat`\nnext: study server start\n"),
        (["reset", "double"], "study: there is no file of t01_double to reset\nnext: study start t01_double\n"),
    ],
)
def test_what_cannot_be_done_is_said_with_exit_code_2(study: Study, arguments: list[str], message: str) -> None:
    done = study(*arguments)
    assert (done.returncode, done.stderr, done.stdout) == (2, message, "")


def test_error_with_json_is_one_object_too(study: Study) -> None:
    done = study("grade", "nothing_like_it", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout) == {
        "error": "there is no exercise `nothing_like_it`",
        "hint": "study list",
        "exit_code": 2,
    }


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda f: f.write_bytes(b"def double(x):\n    return '\xff'\n"),
            "{}:2:13: byte 0xff is not UTF-8\nnext: save the file with the encoding UTF-8\n",
        ),
        (
            lambda f: f.write_bytes(b"#" * (2**20 + 1)),
            "{} is larger than 1 MiB (1048577 bytes)\nnext: keep data and weights out of it; an exercise is a few hundred lines\n",
        ),
        (
            lambda f: f.mkdir(),
            "{0} is a folder\nnext: study grade t01_double --submission FILE.py   (or move it away: mv {0} {0}.old)\n",
        ),
        (
            lambda f: os.mkfifo(f),
            "{0} is not a regular file\nnext: study grade t01_double --submission FILE.py   (or move it away: mv {0} {0}.old)\n",
        ),
        (lambda f: None, "there is no file {}\nnext: look at what is there: ls .\n"),
    ],
)
def test_unreadable_submission_is_named_with_the_next_step(study: Study, home: Path, make, message: str) -> None:
    file = home / "answer.py"
    make(file)
    done = study("grade", "double", "--submission", "answer.py")
    assert (done.returncode, done.stderr) == (2, "study: " + message.format("answer.py"))


def test_symbolic_link_is_not_followed(study: Study, home: Path) -> None:
    (home / "real.py").write_text(RIGHT)
    (home / "link.py").symlink_to("real.py")
    done = study("grade", "double", "--submission", "link.py")
    assert done.returncode == 2
    assert done.stderr == (
        "study: link.py is a symbolic link, and links are not followed\n"
        f"next: study grade t01_double --submission {home}/real.py\n"
    )


@pytest.mark.parametrize("target", ["gone.py", "t01_double.py"])
@pytest.mark.parametrize("command", [["start"], ["start", "--force"], ["grade"]])
def test_link_that_leads_to_nothing_is_told_as_that(study: Study, home: Path, command: list[str], target: str) -> None:
    study("init")
    link = home / "study/t01_double.py"
    link.symlink_to(target)
    done = study(*command, "t01_double")
    assert (done.returncode, done.stdout, done.stderr) == (
        2,
        "",
        f"study: {link} is a symbolic link, and it leads to no file\nnext: rm {link} && study start t01_double\n",
    )
    subprocess.run(["rm", str(link)], check=True)
    assert study("start", "t01_double").returncode == 0


def test_file_that_was_started_and_is_deleted_is_not_called_new(study: Study, home: Path) -> None:
    study("start", "t01_double")
    (home / "study/t01_double.py").unlink()
    assert study("grade").stderr == (
        "study: study/t01_double.py is gone; it was there before\nnext: study start t01_double\n"
    )


def test_review_of_what_is_not_solved_names_a_command_that_works_now(study: Study) -> None:
    before = study("review", "t01_double")
    assert (before.returncode, before.stderr.splitlines()[1]) == (2, "next: study start t01_double")
    study("start", "t01_double")
    after = study("review", "t01_double")
    assert (after.returncode, after.stderr.splitlines()[1]) == (2, "next: study grade t01_double")


def test_reading_where_an_exercise_is_asked_for_and_the_other_way_round_are_told(study: Study) -> None:
    assert study("show", "toy-paper").stderr == (
        "study: `toy-paper` is a reading, not an exercise\nnext: study read toy-paper\n"
    )
    assert study("read", "t01_double").stderr == (
        "study: `t01_double` is an exercise, not a reading\nnext: study show t01_double\n"
    )


def test_start_keeps_what_was_written_and_force_keeps_a_backup(study: Study, home: Path) -> None:
    study("start", "t01_double")
    file = home / "study/t01_double.py"
    file.write_text("my precious work")
    again = study("start", "t01_double")
    assert again.returncode == 0
    assert again.stdout.startswith("kept   study/t01_double.py  (it was there already)\n")
    assert file.read_text() == "my precious work"
    forced = study("start", "t01_double", "--force", "--json")
    backup = Path(json.loads(forced.stdout)["backup"])
    assert backup.read_text() == "my precious work"
    assert "NotImplementedError" in file.read_text()


def test_reset_keeps_a_backup(study: Study, home: Path) -> None:
    study("start", "t01_double")
    file = home / "study/t01_double.py"
    file.write_text("half an answer")
    done = study("reset", "t01_double", "--json")
    assert Path(json.loads(done.stdout)["backup"]).read_text() == "half an answer"
    assert "NotImplementedError" in file.read_text()


def test_hints_come_one_by_one_and_are_counted(study: Study) -> None:
    assert study("hint", "double").stdout == "hint 1 of 2  Add it to itself.\nstill stuck: study hint t01_double\n"
    second = study("hint", "double").stdout
    assert second.splitlines()[1] == "hint 2 of 2  Or multiply by 2."
    assert second.splitlines()[2] == "still stuck: study solution t01_double --give-up"
    known = json.loads(study("progress", "--json").stdout)
    assert known["exercises"]["t01_double"]["hints_shown"] == 2


def test_solution_is_shown_after_giving_up_and_that_is_recorded(study: Study) -> None:
    done = study("solution", "double", "--give-up")
    assert done.returncode == 0
    assert done.stdout.strip() == (TOY_COURSE / "exercises/t01_double/solution.py").read_text().strip()
    assert "solution looked up: t01_double" in study("progress").stdout


def test_reading_keeps_state_minutes_and_notes(study: Study) -> None:
    study("read", "lecture", "--reading", "--minutes", "5")
    shown = study("read", "lecture", "--done", "--note", "[red]good[/red]")
    assert "you: done, 5 min spent\n  - [red]good[/red]\n" in shown.stdout
    assert "1 of 2 readings done" in study("progress").stdout


def test_list_filters_by_unit_and_status(study: Study) -> None:
    study("start", "t01_double")
    assert [row["id"] for row in json.loads(study("list", "--json").stdout)["exercises"]] == [
        "t01_double",
        "t02_toolbox",
    ]
    started = json.loads(study("list", "--status", "started", "--json").stdout)["exercises"]
    assert [row["id"] for row in started] == ["t01_double"]
    tools = json.loads(study("list", "--unit", "tools", "--json").stdout)["exercises"]
    assert [row["id"] for row in tools] == ["t02_toolbox"]
    assert [row["id"] for row in json.loads(study("list", "--readings", "--json").stdout)["readings"]] == [
        "toy-lecture",
        "toy-paper",
    ]


def test_show_tells_the_task_but_no_hint_and_no_mutant(study: Study) -> None:
    shown = study("show", "double").stdout
    assert "Write `double`." in shown
    assert "double(x) is twice x  (2 points)" in shown
    data = json.loads(study("show", "double", "--json").stdout)
    assert {"hints", "mutants"}.isdisjoint(data)


def test_workspace_is_found_upward_and_by_variable(study: Study, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study("init", str(home / "mine"))
    deep = home / "mine" / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    study("start", "t01_double", STUDY_HOME=str(home / "other"))
    assert (home / "mine" / "t01_double.py").exists()
    monkeypatch.chdir(home)
    study("start", "t01_double", STUDY_HOME=str(home / "other"))
    assert (home / "other" / "t01_double.py").exists()


def test_invalid_course_lists_every_problem_with_exit_code_3(study: Study, tmp_path: Path) -> None:
    root = tmp_path / "broken"
    (root / "curriculum").mkdir(parents=True)
    (root / "reading_list.yaml").write_text("readings:\n- id: One\n  kind: bok\n  title: 7\n")
    done = study("next", STUDY_COURSE=str(root))
    assert done.returncode == 3
    lines = done.stderr.splitlines()
    assert [line.partition(": ")[0] for line in lines[:-2]] == [
        *(
            "curriculum:1:1",
            "reading_list.yaml:2:3",
            "reading_list.yaml:2:3",
            "reading_list.yaml:2:7",
            "reading_list.yaml:3:9",
        ),
        "reading_list.yaml:4:10",
    ]
    assert lines[-2:] == ["course: 6 problems", "next: correct these lines, then run it again"]


def test_missing_course_folder_is_a_usage_error(study: Study, tmp_path: Path) -> None:
    done = study("next", STUDY_COURSE=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.endswith("next: unset STUDY_COURSE to use the course that comes with study\n")


def test_workspace_that_cannot_be_made_is_explained(study: Study, home: Path) -> None:
    (home / "blocked").write_text("a file")
    done = study("start", "double", STUDY_HOME=str(home / "blocked" / "here"))
    assert done.returncode == 2
    assert done.stderr.startswith(f"study: the workspace {home}/blocked/here cannot be made: Not a directory\n")


def test_full_disk_while_starting_leaves_everything_as_it_was(study: Study, home: Path, tmp_path: Path) -> None:
    study("start", "t01_double")
    file = home / "study/t01_double.py"
    file.write_text("my work")
    # A limit on file size fails writes the way a full disk does, at the same place, for root too.
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4, 4))\n"
        "from grader.files.workspace import find_workspace\n"
        "from pathlib import Path\n"
        "from grader.core.errors import WorkspaceError\n"
        "try:\n"
        "    find_workspace(Path.cwd(), {'STUDY_HOME': sys.argv[1]}).write_stub('t01_double', 'stub text', replace=True)\n"
        "except WorkspaceError as error:\n"
        "    print(error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(home / "study")],
        capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, cwd=tmp_path,
    )  # fmt: skip
    assert re.fullmatch(
        r".*/study/.* cannot be written: File too large; what was there before is unchanged\n", done.stdout
    )
    assert file.read_text() == "my work"
    assert [p.name for p in (home / "study").iterdir() if p.name.endswith(".tmp")] == []


def test_damaged_progress_log_is_set_aside_and_said(study: Study, home: Path) -> None:
    study("start", "t01_double")
    for extra in (home / "study/.study").glob("study.db-*"):
        extra.unlink()
    (home / "study/.study/study.db").write_bytes(b"this is no database at all" * 100)
    done = study("progress")
    assert done.returncode == 0
    kept = [p for p in (home / "study/.study").iterdir() if "damaged" in p.name]
    assert kept[0].read_bytes().startswith(b"this is no database")
    assert kept[0].name in done.stderr


def test_damaged_settings_name_the_file_and_the_way_out(study: Study, home: Path) -> None:
    study("init")
    (home / "study/.study/settings.json").write_text("{nonsense")
    done = study("start", "double")
    assert done.returncode == 2
    assert "settings.json: cannot be used" in done.stderr
    assert "next: correct it, or remove it: rm " in done.stderr


def test_every_attempt_keeps_the_text_that_was_graded(study: Study, home: Path) -> None:
    from grader.progress import ProgressStore

    study("start", "t01_double")
    (home / "study/t01_double.py").write_text(WRONG)
    study("grade")
    with ProgressStore.open(home / "study/.study/study.db") as store:
        (attempt,) = store.load_attempts("t01_double")
        assert store.load_submission(attempt.attempt_id) == WRONG
        assert attempt.score == 1
        assert [check.status for check in attempt.checks] == ["failed", "passed", "not_run"]


def test_two_grades_at_once_are_both_kept(study: Study, home: Path) -> None:
    study("start", "t01_double")
    (home / "study/t01_double.py").write_text(RIGHT)
    environ = os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "grader", "grade"]
    both = [subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert json.loads(study("progress", "--json").stdout)["attempts"] == 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_grade_says_so_and_leaves_no_process(study: Study, home: Path, how: signal.Signals) -> None:
    study("start", "t01_double")
    (home / "study/t01_double.py").write_text(f"import time\n\n\ndef double(x):\n    time.sleep(1234.{how.value})\n")
    environ = os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "grade"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    engines = wait_for_descendants(process.pid, at_least=3)
    process.send_signal(how)
    _, complaint = process.communicate(timeout=30)
    assert process.returncode == 130
    assert complaint == "study: stopped; your files are unchanged, and no attempt was counted\n"
    wait_until_gone(engines)
    assert json.loads(study("progress", "--json").stdout)["attempts"] == 0


def test_killed_grade_takes_its_processes_with_it(study: Study, home: Path) -> None:
    study("start", "t01_double")
    (home / "study/t01_double.py").write_text("import time\n\n\ndef double(x):\n    time.sleep(1234)\n")
    environ = os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen([sys.executable, "-m", "grader", "grade"], env=environ, stdout=subprocess.DEVNULL)
    engines = wait_for_descendants(process.pid, at_least=3)
    process.kill()
    process.wait(timeout=30)
    wait_until_gone(engines)


def test_output_to_a_closed_pipe_is_no_error(home: Path) -> None:
    environ = os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        f"{sys.executable} -m grader list --readings | true; exit ${{PIPESTATUS[0]}}",
        shell=True, executable="/bin/bash", env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_files_beside_the_learner_replace_no_module(study: Study, home: Path) -> None:
    study("start", "t01_double")
    (home / "study/t01_double.py").write_text(RIGHT)
    for name in ("torch.py", "json.py", "grader.py", "conftest.py", "sitecustomize.py"):
        (home / "study" / name).write_text("raise SystemExit('hijacked')\n")
    os.chdir(home / "study")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "grader", "grade"],
        env=os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_learner_text_is_never_read_as_markup_or_control_codes(study: Study, home: Path) -> None:
    study("start", "t01_double")
    (home / "study/t01_double.py").write_text(
        "def double(x):\n    print('[bold]loud[/bold] \\x1b[31mred')\n    raise ValueError('[link=x]y[/link]\\x07')\n"
    )
    done = study("grade")
    assert "[bold]loud[/bold] \\x1b[31mred" in done.stdout
    assert "`double` raised ValueError: [link=x]y[/link]\\x07" in done.stdout
    assert "\x1b" not in done.stdout


def test_missing_device_is_explained(study: Study, home: Path) -> None:
    study("start", "t01_double")
    done = study("grade", "--device", "mps")
    assert done.returncode == 2
    assert done.stderr == (
        "study: this machine has no mps device that torch can use (found: cpu)\nnext: study grade --device auto\n"
    )


def test_doctor_reports_every_isolation_layer(study: Study) -> None:
    done = study("doctor", "--json")
    assert done.returncode == 0
    found = {finding["what"]: finding for finding in json.loads(done.stdout)["findings"]}
    assert found["isolation: process split"]["found"] == "on: the verdict is made in a process of its own"
    assert found["course"]["good"] is True
    assert sum(name.startswith("isolation: ") for name in found) == len(LAYERS)


def test_data_list_names_the_embedded_corpus_when_there_is_no_other(study: Study) -> None:
    done = study("data", "list")
    assert done.returncode == 0
    assert "embedded (built in)" in done.stdout
    assert done.stdout.splitlines()[-1] == "next: study data fetch   or   study data use PATH"


def test_wrong_names_file_is_refused(study: Study, home: Path) -> None:
    (home / "names.txt").write_text("emma\nolivia\n")
    done = study("data", "use", "names.txt")
    assert done.returncode == 2
    assert "names.txt" in done.stderr
    assert "next: " in done.stderr


def test_fetch_without_a_network_is_explained(study: Study) -> None:
    done = study("data", "fetch", https_proxy="http://127.0.0.1:9", HTTPS_PROXY="http://127.0.0.1:9")
    assert done.returncode == 2
    assert "next: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["list", "progress", "next"])
def test_a_terminal_that_lacks_a_character_gets_another(study: Study, command: str) -> None:
    study("start", "t01")
    done = study(command, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()


def test_next_as_json_keeps_to_itself_what_show_does(study: Study) -> None:
    step = json.loads(study("next", "--json").stdout)
    shown = json.loads(study("show", "t01_double", "--json").stdout)
    assert step["exercise"] == {key: shown[key] for key in step["exercise"]}
    assert not {"hints", "mutants", "solution", "accept", "equivalent", "questions"} & step["exercise"].keys()
    assert set(step["exercise"]["checks"][0]) == {"id", "title", "points", "needs", "timeout_s"}


@pytest.mark.parametrize("command", ["next", "progress", "grade", "lint", "course list", "review"])
def test_in_a_folder_that_was_deleted_every_command_says_so(home: Path, command: str) -> None:
    gone = home / "gone"
    gone.mkdir()
    environ = os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        f"cd {gone} && rmdir {gone} && exec {sys.executable} -P -m grader {command}",
        shell=True, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr == "study: the folder you are in is gone: it was deleted or replaced\nnext: cd ~\n"


@pytest.mark.parametrize("command", ["progress", "list --readings", "list --json", "--help"])
def test_output_to_a_full_disk_is_told_as_that(home: Path, command: str) -> None:
    environ = os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        f"exec {sys.executable} -m grader {command} >/dev/full",
        shell=True, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        2,
        "study: cannot write: No space left on device\nnext: free some space, or write the output to another place\n",
    )


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", ">&- 2>&-", ">/dev/full 2>/dev/full"])
def test_an_error_that_cannot_be_printed_keeps_its_exit_code(home: Path, redirection: str) -> None:
    environ = os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)}
    for command in ("frobnicate", "frobnicate --json"):
        done = subprocess.run(
            f"exec {sys.executable} -m grader {command} {redirection}", shell=True, env=environ, check=False
        )
        assert done.returncode == 2


def test_without_an_id_the_commands_of_an_exercise_take_the_one_started_last(study: Study, home: Path) -> None:
    study("start", "t02_toolbox")
    study("start", "t01_double")
    assert json.loads(study("show", "--json").stdout)["id"] == "t01_double"
    assert json.loads(study("hint", "--json").stdout)["exercise"] == "t01_double"
    assert json.loads(study("solution", "--give-up", "--json").stdout)["exercise"] == "t01_double"
    assert json.loads(study("reset", "--json").stdout)["exercise"] == "t01_double"
    assert "study: no grade of t01_double has left pictures" in study("show", "--plot").stderr


def test_doctor_tells_broken_settings_once(study: Study, home: Path) -> None:
    study("init")
    settings = home / "study/.study/settings.json"
    settings.write_text("{nonsense")
    findings = json.loads(study("doctor", "--json").stdout)["findings"]
    [told] = [finding for finding in findings if "settings.json" in finding["found"]]
    assert told["advice"].startswith(f"correct it, or remove it: rm {settings}   (that forgets ")


def test_doctor_calls_the_embedded_names_no_defect(study: Study) -> None:
    findings = json.loads(study("doctor", "--json").stdout)["findings"]
    assert [finding for finding in findings if finding["what"] == "names corpus"] == [
        {
            "what": "names corpus",
            "found": "embedded (built in)",
            "good": True,
            "advice": "study data fetch gets the names of the lectures",
        }
    ]


def test_a_server_out_of_reach_is_no_fault_of_study(study: Study) -> None:
    pytest.importorskip("psycopg", reason="NOT TESTED: psycopg is not installed")
    study("init")
    done = study("progress", STUDY_DATABASE="postgresql://ann:s3cret@127.0.0.1:1/study?connect_timeout=2")
    assert (done.returncode, done.stdout) == (2, "")
    first, *_, last = done.stderr.splitlines()
    assert first.startswith("study: The progress log postgresql://ann@127.0.0.1:1/study cannot be used: connection ")
    assert last == "next: check that the server runs and the URL is right, then: study doctor"


def test_a_log_of_a_newer_version_is_no_fault_of_study(study: Study, home: Path) -> None:
    study("start", "t01_double")
    with closing(sqlite3.connect(home / "study/.study/study.db")) as log, log:
        log.execute("INSERT INTO schema_migrations (version, name, applied_at_us) VALUES (999, 'later', 0)")
    done = study("progress")
    assert (done.returncode, done.stdout) == (2, "")
    assert "was written by a newer study-grader: it has schema version 999" in done.stderr
    assert done.stderr.splitlines()[-1] == "next: pip install --upgrade study-grader"
