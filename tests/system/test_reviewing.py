"""`study review`: what is due is handed out, graded and rated, and no file of the learner's is lost on the way."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from grader.progress import NewAttempt, ProgressStore, Review
from tests.support.processes import wait_for_descendants, wait_until_gone
from tests.support.study import REPOSITORY, TOY_COURSE, Study
from tests.support.warm_engine import WarmEngine

RIGHT = "def double(x):\n    return 2 * x\n"
WRONG = "def double(x):\n    return 3 * x\n"
STUB = (TOY_COURSE / "exercises/t01_double/stub.py").read_text()

Log = Callable[..., None]


@pytest.fixture
def study(study: Study, warm_engine: WarmEngine) -> Study:
    """Run the command, which grades by an engine that is warm."""
    return warm_engine.lend(study)


@pytest.fixture
def past(home: Path) -> Log:
    """Write into the log what happened so many days ago; `solve=ID`, or the name of a `record_...` with its arguments."""
    (home / "study/.study").mkdir(parents=True)
    # What is due is told in days, so a test must not begin on one and end on the next.
    now = datetime.now().astimezone()
    if now.hour == 23 and now.minute == 59:
        time.sleep(61 - now.second)

    def write(days_ago: float, solve: str | None = None, *events: tuple[Any, ...]) -> None:
        at = datetime.now(UTC) - timedelta(days=days_ago)
        with ProgressStore.open(home / "study/.study/study.db", now=lambda: at) as store:
            if solve is not None:
                store.record_attempt(_pass(solve, home / f"study/{solve}.py"))
            for name, *arguments in events:
                options = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
                getattr(store, f"record_{name}")(*arguments, **options)

    return write


def _pass(exercise_id: str, path: Path) -> NewAttempt:
    return NewAttempt(
        exercise_id=exercise_id,
        verdict="passed",
        score=1,
        max_score=1,
        seed=1,
        device="cpu",
        corpus=None,
        elapsed_s=0.1,
        submission=RIGHT,
        submission_path=str(path),
        checks=(),
        isolation={},
    )


@pytest.fixture
def solved(past: Log, home: Path, study: Study) -> Study:
    """`study` with t01_double solved twelve days ago, at the first attempt: due since four days."""
    past(12, "t01_double")
    (home / "study/t01_double.py").write_text(RIGHT)
    return study


def reviews(home: Path) -> list[tuple[str, int, int, int, bool]]:
    with ProgressStore.open(home / "study/.study/study.db") as store:
        known: tuple[Review, ...] = store.load_progress().reviews
    return [(r.subject_id, r.rating, r.attempts, r.hints, r.revealed) for r in known]


def backups(home: Path) -> list[str]:
    return [file.read_text() for file in sorted((home / "study/.study/backups").glob("*"))]


def test_a_due_review_comes_first_with_its_reason_and_minutes_and_then_new_work(solved: Study) -> None:
    done = solved("next")
    first, _, then = done.stdout.partition("then\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert first == (
        "Review t01_double  Double a tensor\n"
        "       a review has been due for 4 days; you would recall it with 87 %\n"
        "       about 3 minutes\n"
        "Type   study review t01_double\n"
    )
    assert then.startswith("Read   On doubling\n")
    assert "Solve  t02_toolbox" in then


def test_of_many_due_reviews_two_come_first_and_the_rest_are_counted(solved: Study, past: Log) -> None:
    for name in ("toy-lecture", "toy-paper"):
        past(40, None, ("reading", name, {"state": "done"}))
    lines = solved("next").stdout.splitlines()
    assert [line for line in lines if line.startswith("Review")] == [
        "Review toy-lecture  A toy lecture",
        "Review toy-paper  On doubling",
    ]
    assert "       1 more review due: study review --list" in lines
    told = json.loads(solved("next", "--json").stdout)
    assert [due["subject"] for due in told["reviews"]["first"]] == ["toy-lecture", "toy-paper"]
    assert told["reviews"]["more"] == 1
    assert told["exercise"]["id"] == "t02_toolbox"


def test_with_nothing_due_next_says_nothing_of_reviews(study: Study, past: Log) -> None:
    past(0, "t01_double")
    done = study("next")
    assert done.stdout.startswith("Read   On doubling\n")
    assert "eview" not in done.stdout
    assert json.loads(study("next", "--json").stdout)["reviews"] == {"first": [], "more": 0}


def test_a_review_is_a_fresh_stub_beside_the_solution_and_goes_on_where_it_was(solved: Study, home: Path) -> None:
    handed_out = solved("review")
    assert (handed_out.returncode, handed_out.stderr) == (0, "")
    assert handed_out.stdout == (
        "wrote  study/review/t01_double.py\n"
        "       Double a tensor\n"
        "       a review has been due for 4 days; you would recall it with 87 %; about 3 minutes\n"
        "       what you solved stays in study/t01_double.py; write this one from memory\n"
        "Type   study show t01_double             what it asks for\n"
        "       study review --grade t01_double   grade it\n"
    )
    file = home / "study/review/t01_double.py"
    assert file.read_text() == STUB
    file.write_text("# half of it\n")
    for arguments in (["review"], ["review", "double"]):
        kept = solved(*arguments)
        assert kept.stdout.startswith(
            "kept   study/review/t01_double.py  (it was there already: go on with it)\n       Double a tensor\n"
        )
    assert file.read_text() == "# half of it\n"
    assert (home / "study/t01_double.py").read_text() == RIGHT


def test_a_review_from_stub_to_pass_is_rated_from_its_attempts_and_its_file_kept(solved: Study, home: Path) -> None:
    solved("review")
    file = home / "study/review/t01_double.py"
    file.write_text(WRONG)
    failed = solved("review", "--grade", "--seed", "1")
    assert failed.returncode == 1
    assert failed.stdout.splitlines()[-2:] == [
        "next: study review --grade t01_double",
        "      stuck: study hint t01_double   give up: study review --give-up t01_double",
    ]
    assert (reviews(home), file.read_text()) == ([], WRONG)
    assert json.loads(solved("list", "--json").stdout)["exercises"][0]["status"] == "solved"
    file.write_text(RIGHT)
    passed = solved("review", "--grade", "double", "--seed", "1")
    assert passed.returncode == 0
    rated, kept, following = passed.stdout.splitlines()[-3:]
    assert rated.startswith("reviewed: good (2 attempts, no hint); it comes back in ")
    assert kept.startswith(f"its file is kept: {home}/study/.study/backups/t01_double-review-")
    assert following == "next: study next"
    assert reviews(home) == [("t01_double", 3, 2, 0, False)]
    assert (file.exists(), backups(home)) == (False, [RIGHT])
    assert (home / "study/t01_double.py").read_text() == RIGHT
    assert solved("review").stdout.startswith("nothing is due; next comes t01_double, on ")


@pytest.mark.parametrize(
    ("helps", "row"),
    [
        ([["hint", "t01"]], ("t01_double", 2, 1, 1, False)),
        ([["solution", "t01"]], ("t01_double", 1, 1, 0, True)),
        ([["grade", "t01"]], ("t01_double", 3, 1, 0, False)),
    ],
    ids=["a hint", "the solution", "a grade of the old file"],
)
def test_help_during_a_review_lowers_its_rating(
    solved: Study, home: Path, helps: list[list[str]], row: tuple[str, int, int, int, bool]
) -> None:
    solved("hint", "t01")  # before it was handed out
    solved("solution", "t01")
    solved("review")
    for command in helps:
        solved(*command)
    (home / "study/review/t01_double.py").write_text(RIGHT)
    told = json.loads(solved("review", "--grade", "--json").stdout)
    assert reviews(home) == [row]
    assert told["verdict"] == "passed"
    assert told["review"]["rating"] == {1: "again", 2: "hard", 3: "good"}[row[1]]


def test_giving_up_shows_the_solution_rates_again_and_keeps_the_file(solved: Study, home: Path) -> None:
    solved("review")
    (home / "study/review/t01_double.py").write_text("# no idea\n")
    done = solved("review", "--give-up")
    assert done.returncode == 0
    assert done.stdout.startswith((TOY_COURSE / "exercises/t01_double/solution.py").read_text())
    assert "\nreviewed: again (0 attempts, no hint, the solution was shown); it comes back in " in done.stdout
    assert reviews(home) == [("t01_double", 1, 0, 0, True)]
    assert backups(home) == ["# no idea\n"]
    so_far = json.loads(solved("progress", "--json").stdout)["exercises"]["t01_double"]
    assert (so_far["status"], so_far["revealed"]) == ("solved", "after_pass")
    again = solved("review", "--give-up", "t01")
    assert (again.returncode, again.stderr) == (
        2,
        "study: no review of t01_double is open: study/review/t01_double.py is not there\n"
        "next: study review t01_double\n",
    )
    assert len(reviews(home)) == 1


def test_a_reading_is_recalled_and_rated_by_whoever_reads(study: Study, past: Log, home: Path) -> None:
    past(20, None, ("reading", "toy-paper", {"state": "done", "note": "See \x1b[31mfigure 2[/]."}))
    shown = study("review")
    assert shown.stdout == (
        "toy-paper  On doubling\n"
        "a review has been due for 18 days; you would recall it with 71 %; about 6 minutes\n"
        "say from memory what it shows and why; then compare\n"
        "https://example.org/doubling.pdf\n"
        "  - See \\x1b[31mfigure 2[/].\n"
        "next: study review toy-paper --rate good   (again, hard, good or easy)\n"
    )
    rated = study("review", "toy-paper", "--rate", "hard")
    assert rated.stdout.startswith("reviewed: toy-paper hard; it comes back in ")
    assert reviews(home) == [("toy-paper", 2, 0, 0, False)]
    assert json.loads(study("review", "--list", "--json").stdout)["due"] == []


def test_the_list_shows_what_is_due_and_what_is_coming(solved: Study, past: Log) -> None:
    past(1, None, ("reading", "toy-paper", {"state": "done"}))
    lines = solved("review", "--list").stdout.splitlines()
    day = (datetime.now().astimezone() + timedelta(days=1)).date()
    assert lines[:4] == [
        "due now: 1 review, about 3 minutes",
        "  t01_double  Double a tensor",
        "      a review has been due for 4 days; you would recall it with 87 %; about 3 minutes",
        "coming",
    ]
    assert lines[4] == "  toy-paper  On doubling"
    assert lines[5].startswith(f"      on {day.day} ")
    assert lines[5].endswith(", in 1 day; about 6 minutes")
    assert lines[6:] == ["next: study review"]
    told = json.loads(solved("review", "--list", "--json").stdout)
    assert [row["subject"] for row in told["due"] + told["coming"]] == ["t01_double", "toy-paper"]


def test_a_newcomer_has_nothing_to_review_and_is_sent_on(study: Study, home: Path) -> None:
    for arguments in (["review"], ["review", "--list"]):
        done = study(*arguments)
        assert (done.returncode, done.stdout) == (
            0,
            "nothing is due: what you solve or read comes back here some days later\nnext: study next\n",
        )
    assert not (home / "study").exists()


def test_a_review_before_its_time_is_handed_out_and_counts(study: Study, past: Log, home: Path) -> None:
    past(1, "t01_double")
    done = study("review", "double")
    assert "       the next review is due in 7 days; you would recall it with 98 %; earlier is fine, and counts; " in (
        done.stdout
    )
    assert "what you solved" not in done.stdout  # there is no such file
    assert (home / "study/review/t01_double.py").read_text() == STUB


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nonsense"], "there is no exercise `nonsense`\nnext: study list\n"),
        (
            ["toolbox"],
            "t02_toolbox is not solved yet; what is solved comes back as a review\nnext: study start t02_toolbox\n",
        ),
        (
            ["--grade", "toolbox"],
            "t02_toolbox is not solved yet; what is solved comes back as a review\nnext: study start t02_toolbox\n",
        ),
        (
            ["toy-paper"],
            "toy-paper is not done yet; what is done comes back as a review\nnext: study read toy-paper --done\n",
        ),
        (
            ["toy-paper", "--rate", "good"],
            "toy-paper is not done yet; what is done comes back as a review\nnext: study read toy-paper --done\n",
        ),
        (
            ["--grade", "toy-paper"],
            "toy-paper is a reading: you say yourself how well you recall it\n"
            "next: study review toy-paper --rate good\n",
        ),
        (
            ["--give-up", "toy-paper"],
            "toy-paper is a reading: you say yourself how well you recall it\n"
            "next: study review toy-paper --rate good\n",
        ),
        (
            ["double", "--rate", "easy"],
            "t01_double is an exercise: it is rated from what happens, not by you\nnext: study review t01_double\n",
        ),
        (["--rate", "easy"], "--rate needs the reading that is rated\nnext: study review --list\n"),
        (["--grade"], "no review is open\nnext: study review\n"),
        (["--give-up"], "no review is open\nnext: study review\n"),
        (
            ["--grade", "double"],
            "no review of t01_double is open: study/review/t01_double.py is not there\nnext: study review t01_double\n",
        ),
        (["--grade", "--give-up"], "--grade and --give-up cannot be combined\nnext: study review --help\n"),
        (["double", "--list"], "--list shows all reviews; it takes no ID\nnext: study review double\n"),
        (["--seed", "0"], "--device, --seed and --isolation go with --grade\nnext: study review --grade\n"),
    ],
)
def test_what_cannot_be_reviewed_is_said_with_exit_code_2(
    solved: Study, home: Path, arguments: list[str], message: str
) -> None:
    done = solved("review", *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"study: {message}")
    assert reviews(home) == []
    assert not (home / "study/review").exists()


def test_a_review_that_was_begun_comes_before_what_is_due(solved: Study, past: Log, home: Path) -> None:
    past(1, "t02_toolbox")
    solved("review", "toolbox")
    assert solved("review").stdout.startswith("kept   study/review/t02_toolbox.py ")


def test_of_several_open_reviews_one_has_to_be_named(solved: Study, past: Log, home: Path) -> None:
    past(9, "t02_toolbox")
    for name in ("t01", "t02"):
        solved("review", name)
    done = solved("review", "--grade")
    assert (done.returncode, done.stderr) == (
        2,
        "study: 2 reviews are open: t01_double, t02_toolbox\nnext: study review --grade t01_double\n",
    )


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda file: file.write_bytes(b"\xff\xfe"), ":1:1: byte 0xff is not UTF-8"),
        (lambda file: (file.unlink(), file.mkdir()), " is a folder"),
        (lambda file: (file.unlink(), file.symlink_to("/dev/zero")), " is a symbolic link, and links are not followed"),
        (lambda file: file.write_bytes(b"#" * 2**21), " is larger than 1 MiB (2097152 bytes)"),
    ],
    ids=["bytes", "a folder", "an endless link", "huge"],
)
def test_a_damaged_review_file_is_named_and_can_be_given_up_without_being_lost(
    solved: Study, home: Path, spoil: Callable[[Path], object], message: str
) -> None:
    solved("review")
    file = home / "study/review/t01_double.py"
    spoil(file)
    status = os.lstat(file)
    done = solved("review", "--grade")
    assert done.returncode == 2
    assert done.stderr.startswith(f"study: {file}{message}")
    assert done.stderr.endswith(
        "next: correct it, or give the review up (the file is kept): study review t01_double --give-up\n"
    )
    assert reviews(home) == []
    assert solved("review", "--give-up").returncode == 0
    (kept,) = (home / "study/.study/backups").iterdir()
    assert (os.lstat(kept).st_ino, os.path.lexists(file)) == (status.st_ino, False)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_grade_keeps_the_file_and_counts_nothing(solved: Study, home: Path, how: signal.Signals) -> None:
    solved("review")
    file = home / "study/review/t01_double.py"
    file.write_text(f"import time\n\n\ndef double(x):\n    time.sleep(1234.{how.value})\n")
    text = file.read_text()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "review", "--grade"],
        env=os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    engines = wait_for_descendants(process.pid, at_least=3)
    process.send_signal(how)
    _, complaint = process.communicate(timeout=30)
    assert (process.returncode, complaint) == (
        130,
        "study: stopped; your files are unchanged, and no attempt was counted\n",
    )
    wait_until_gone(engines)
    assert (reviews(home), file.read_text()) == ([], text)
    assert json.loads(solved("progress", "--json").stdout)["attempts"] == 1


def run_with_full_disk(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `study` where no file can grow beyond 4 bytes: writes fail as on a full disk, at the same places."""

    def fill() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4, 4))

    return subprocess.run(
        [sys.executable, "-m", "grader", *arguments],
        env=os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        preexec_fn=fill,
    )


def test_on_a_full_disk_nothing_is_handed_out_and_no_half_file_is_left(solved: Study, home: Path) -> None:
    done = run_with_full_disk("review", "double")
    assert done.returncode == 4
    assert "The progress log " in done.stderr
    assert list((home / "study").rglob("review/*")) == []
    assert (home / "study/t01_double.py").read_text() == RIGHT


def test_a_pass_that_cannot_be_logged_is_shown_and_the_file_stays(solved: Study, home: Path) -> None:
    solved("review")
    file = home / "study/review/t01_double.py"
    file.write_text(RIGHT)
    log = home / "study/.study/study.db"
    script = (
        "from grader.progress.store import ProgressStore\nfrom grader.core.errors import ProgressError\n"
        "def refuse(*a, **k): raise ProgressError('no space left', hint='free some')\n"
        "ProgressStore.record_review = refuse\n"
        "from grader.cli.main import main\nmain(['review', '--grade'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"STUDY_COURSE": str(TOY_COURSE), "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (4, "study: no space left\nnext: free some\n")
    assert "solved: 4 of 4 points" in done.stdout
    assert (log.exists(), file.read_text(), reviews(home)) == (True, RIGHT, [])


def test_a_file_that_cannot_be_moved_is_left_where_it_is_and_said(solved: Study, home: Path) -> None:
    solved("review")
    file = home / "study/review/t01_double.py"
    file.write_text(RIGHT)
    (home / "study/.study/backups").write_text("in the way")
    done = solved("review", "--grade")
    assert done.returncode == 0
    assert f"study: {file} cannot be moved to {home}/study/.study/backups: File exists; it lies where it was\n" in (
        done.stderr
    )
    assert "reviewed: good (1 attempt, no hint); " in done.stdout
    assert (file.read_text(), len(reviews(home))) == (RIGHT, 1)


def test_a_file_where_the_folder_of_reviews_belongs_is_not_touched(solved: Study, home: Path) -> None:
    (home / "study/review").write_text("mine")
    done = solved("review", "double")
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        2,
        f"study: the folder {home}/study/review cannot be made: File exists",
    )
    assert (home / "study/review").read_text() == "mine"


def test_work_stamped_in_the_future_is_waited_for_and_nothing_breaks(study: Study, past: Log, home: Path) -> None:
    past(-30, "t01_double")
    assert study("next").returncode == 0
    assert study("review").stdout.startswith("nothing is due: ")
    assert study("review", "double").returncode == 0
    (home / "study/review/t01_double.py").write_text(RIGHT)
    assert study("review", "--grade").returncode == 0
    assert reviews(home) == [("t01_double", 3, 1, 0, False)]


@pytest.mark.parametrize(("option", "rating", "attempts"), [("--grade", 3, 1), ("--give-up", 1, 0)])
def test_a_clock_that_went_back_during_a_review_does_not_change_what_came_of_it(
    solved: Study, past: Log, home: Path, option: str, rating: int, attempts: int
) -> None:
    past(-1, None, ("review_start", "t01_double"))
    (home / "study/review").mkdir()
    (home / "study/review/t01_double.py").write_text(RIGHT)
    assert solved("review", option).returncode == 0
    assert reviews(home) == [("t01_double", rating, attempts, 0, option == "--give-up")]
