"""One grade from job to verdict, on exercises made for the test: isolation between checks, faults, order."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from grader.core.errors import ContentError, StudyError
from grader.core.events import Event, Finished, Plan, Printed, Started
from grader.core.models import Check, Exercise, Mutant, ReadingRef
from grader.corpus import Corpus
from grader.course import load_content
from tests.warm_engine import WarmEngine

TOYS = load_content(Path(__file__).parent / "toys" / "course")
SOLUTION = "def f(x):\n    return x + 1\n"
STUB = "def f(x: int) -> int:\n    raise NotImplementedError\n"
CORPUS = Corpus(name="embedded", words=("ab",) * 32_000, source="a test", floor_nats=None)


def make_exercise(
    folder: Path,
    checks: str,
    *declared: Check,
    mutants: dict[str, tuple[str, str]] | None = None,
    stub: str = STUB,
    solution: str = SOLUTION,
    **settings: Any,
) -> Exercise:
    """Write an exercise's files; `mutants` is {id: (caught_by, source)}."""
    (folder / "mutants").mkdir(parents=True)
    (folder / "stub.py").write_text(stub)
    (folder / "solution.py").write_text(solution)
    (folder / "checks.py").write_text(checks)
    made = []
    for name, (caught_by, source) in (mutants or {"raises": (declared[0].id, "raise ValueError\n")}).items():
        (folder / "mutants" / f"{name}.py").write_text(source)
        made.append(Mutant(name, f"The mistake {name}.", caught_by))
    return Exercise(
        id="made_up",
        title="Made up",
        readings=(ReadingRef("none"),),
        difficulty=1,
        minutes=1,
        statement="None.",
        hints=("None.",),
        checks=declared,
        mutants=tuple(made),
        **settings,
    )


def test_solution_of_the_toolbox_passes_every_kind_of_check(warm_engine: WarmEngine) -> None:
    exercise = TOYS.exercises["t02_toolbox"]
    folder = TOYS.folder(exercise.id)
    verdict = warm_engine.grade(exercise, folder, (folder / "solution.py").read_text(), corpus=CORPUS)
    assert [(c.id, c.status, c.message) for c in verdict.checks if c.status != "passed"] == []
    assert (verdict.score, verdict.max_score, verdict.corpus) == (12, 12, "embedded")


@pytest.mark.parametrize("name", ["t01_double", "t02_toolbox"])
def test_mutants_are_caught_and_their_sentence_is_the_cause(name: str, warm_engine: WarmEngine) -> None:
    exercise = TOYS.exercises[name]
    folder = TOYS.folder(name)
    corpus = CORPUS if exercise.corpus else None
    for mutant in exercise.mutants:
        source = (folder / "solution.py").read_text() + (folder / f"mutants/{mutant.id}.py").read_text()
        verdict = warm_engine.grade(exercise, folder, source, corpus=corpus)
        caught = next(check for check in verdict.checks if check.id == mutant.caught_by)
        assert (caught.status, caught.cause) == ("failed", mutant.says)


def test_same_seed_gives_the_same_verdict_and_another_seed_other_inputs(warm_engine: WarmEngine) -> None:
    exercise = TOYS.exercises["t01_double"]
    folder = TOYS.folder(exercise.id)
    wrong = "def double(x):\n    return 3 * x\n"
    first, again, other = (warm_engine.grade(exercise, folder, wrong, seed=seed) for seed in (5, 5, 6))
    assert [c.message for c in first.checks] == [c.message for c in again.checks]
    assert first.checks[0].message != other.checks[0].message


def test_worker_cannot_draw_the_judges_inputs_from_its_own_seed(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = (
        "import torch\nfrom grader.testing import require\n"
        "def test_differs(submission, rng):\n"
        "    mine = torch.rand(1, generator=rng, dtype=torch.float64).item()\n"
        "    require(abs(submission.draw() - mine) > 1e-9, 'the same number')\n"
    )
    code = "import torch\n\n\ndef draw() -> float:\n    {}\n"
    exercise = make_exercise(
        tmp_path / "e",
        checks,
        Check("differs", "differs"),
        stub=code.format("raise NotImplementedError"),
        solution=code.format("return torch.rand(1, dtype=torch.float64).item()"),
    )
    source = (tmp_path / "e/solution.py").read_text()
    assert warm_engine.grade(exercise, tmp_path / "e", source).verdict == "passed"


def test_each_check_sees_a_fresh_copy_of_the_module(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = (
        "from grader.testing import assert_equal\n"
        "def test_a(submission):\n    assert_equal(submission.f(0), 1)\n"
        "def test_b(submission):\n    assert_equal(submission.f(0), 1)\n"
    )
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"), Check("b", "b"))
    counting = "N = 0\n\n\ndef f(x):\n    global N\n    N += 1\n    return N\n"
    assert warm_engine.grade(exercise, tmp_path / "e", counting).verdict == "passed"


def test_check_after_a_timeout_or_a_crash_gets_a_new_worker(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = (
        "from grader.testing import assert_equal\n"
        "def test_slow(submission):\n    submission.f(1)\n"
        "def test_dies(submission):\n    submission.f(2)\n"
        "def test_fine(submission):\n    assert_equal(submission.f(3), 4)\n"
    )
    declared = [Check(name, name, timeout_s=1.0) for name in ("slow", "dies", "fine")]
    exercise = make_exercise(tmp_path / "e", checks, *declared)
    source = "import os\n\n\ndef f(x):\n    while x == 1:\n        pass\n    if x == 2:\n        os.abort()\n    return x + 1\n"
    verdict = warm_engine.grade(exercise, tmp_path / "e", source)
    assert [check.status for check in verdict.checks] == ["timed_out", "crashed", "passed"]


def test_after_two_timeouts_the_rest_is_not_run(warm_engine: WarmEngine, tmp_path: Path) -> None:
    names = ["a", "b", "c", "d"]
    checks = "".join(f"def test_{name}(submission):\n    submission.f(1)\n" for name in names)
    exercise = make_exercise(tmp_path / "e", checks, *(Check(name, name, timeout_s=0.5) for name in names))
    verdict = warm_engine.grade(exercise, tmp_path / "e", "def f(x):\n    while True:\n        pass\n")
    assert [check.status for check in verdict.checks] == ["timed_out", "timed_out", "not_run", "not_run"]
    assert verdict.checks[3].message == "not run: your code ran out of time in 2 checks already"


def test_check_that_breaks_before_it_calls_anything_is_our_fault(warm_engine: WarmEngine, tmp_path: Path) -> None:
    exercise = make_exercise(
        tmp_path / "e", "def test_a(submission):\n    undefined\n    submission.f(1)\n", Check("a", "a")
    )
    verdict = warm_engine.grade(exercise, tmp_path / "e", SOLUTION)
    assert (verdict.verdict, verdict.checks[0].status) == ("grader_fault", "grader_fault")
    assert "NameError" in verdict.checks[0].message


def test_value_a_check_stumbles_over_is_the_learners(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = "def test_a(submission):\n    submission.g(1)['key'] + 1\n"
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"), stub="def g(x):\n    raise NotImplementedError\n")
    verdict = warm_engine.grade(exercise, tmp_path / "e", "def g(x):\n    return {}\n")
    assert (verdict.verdict, verdict.checks[0].status) == ("failed", "failed")
    assert verdict.checks[0].message.splitlines() == [
        "what `g` returned cannot be used: KeyError: 'key'",
        "called    g(x=1)",
        "got       {}",
    ]


def test_object_that_equals_everything_never_decides_a_check(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = "def test_a(submission):\n    assert submission.g() == 1\n"
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"), stub="def g():\n    raise NotImplementedError\n")
    source = "class Yes:\n    def __eq__(self, other):\n        return True\n\n\ndef g():\n    return Yes()\n"
    verdict = warm_engine.grade(exercise, tmp_path / "e", source)
    assert verdict.verdict == "failed"
    assert verdict.checks[0].message.splitlines()[0].startswith("a Yes of the submission was compared")


def test_plain_assertions_carry_their_message(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = "def test_a(submission):\n    y = submission.f(1)\n    assert y == 2, f'f(1) is {y}, not 2'\n"
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"))
    verdict = warm_engine.grade(exercise, tmp_path / "e", "def f(x):\n    return 7\n")
    assert verdict.checks[0].message.splitlines()[:2] == ["f(1) is 7, not 2", "called    f(x=1)"]


@pytest.mark.parametrize(
    ("checks", "problem"),
    [
        ("def test_other(): pass\n", "checks.py: test_other is not declared in exercise.yaml"),
        ("", "no function test_a for the check `a`"),
        ("import pytest\n@pytest.mark.skip\ndef test_a(): pass\n", "checks.py: test_a is marked skip: a check must run"),
        ("import pytest\n@pytest.mark.xfail\ndef test_a(): assert 0\n", "checks.py: test_a is marked xfail: a check must run"),
        ("def test_a(: pass\n", "checks.py cannot be imported:"),
    ],
)  # fmt: skip
def test_checks_that_do_not_fit_their_exercise_are_refused(
    checks: str, problem: str, warm_engine: WarmEngine, tmp_path: Path
) -> None:
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"))
    with pytest.raises(ContentError, match=re.escape(problem)):
        warm_engine.grade(exercise, tmp_path / "e", SOLUTION)


def test_check_that_skips_itself_is_not_passed(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = "import pytest\ndef test_a(submission):\n    pytest.skip('no')\n"
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"))
    assert warm_engine.grade(exercise, tmp_path / "e", SOLUTION).verdict == "grader_fault"


def test_all_items_of_a_parametrised_check_have_to_pass(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = (
        "import pytest\nfrom grader.testing import assert_equal\n"
        "@pytest.mark.parametrize('x', [1, 2, 3])\n"
        "def test_a(submission, x):\n    assert_equal(submission.f(x), x + 1, what=f'f({x})')\n"
    )
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a", points=3))
    assert warm_engine.grade(exercise, tmp_path / "e", SOLUTION).score == 3
    wrong = warm_engine.grade(exercise, tmp_path / "e", "def f(x):\n    return x + 1 if x != 2 else 0\n")
    assert (wrong.score, wrong.checks[0].message.splitlines()[0]) == (0, "f(2) is wrong")


def test_events_tell_what_runs_and_what_is_printed(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = "def test_a(submission):\n    submission.f(1)\n"
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "Title", timeout_s=3.0))
    events: list[Event] = []
    source = "def f(x):\n    print('step 1')\n    return 2\n"
    warm_engine.grade(exercise, tmp_path / "e", source, events=events)
    assert events[:3] == [
        Plan(("a",)),
        Started("a", "Title", 3.0),
        Printed("step 1"),
    ]
    assert isinstance(events[3], Finished)


def test_processes_and_folders_of_a_grade_are_gone_afterwards(
    warm_engine: WarmEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = f"left-{os.getpid()}"
    source = (
        "import os, sys, time\n\n\ndef f(x):\n"
        "    if os.fork() == 0:\n"
        "        try:\n            os.setsid()\n        except PermissionError:\n            pass  # the sandbox is on\n"
        "        if os.fork() == 0:\n"
        f"            os.execv(sys.executable, ['{mark}', '-c', 'import time; time.sleep(600)'])\n"
        "        os._exit(0)\n"
        "    time.sleep(0.3)\n    open('kept.txt', 'w').write('x')\n    return x + 1\n"
    )
    checks = "def test_a(submission):\n    submission.f(1)\n"
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"))
    pattern = f"study-grades-{os.geteuid()}/*/*/kept.txt"
    folders = set(Path(tempfile.gettempdir()).glob(pattern))
    assert warm_engine.grade(exercise, tmp_path / "e", source).verdict == "passed"
    until_s = time.monotonic() + 10
    while _processes_named(mark) or set(Path(tempfile.gettempdir()).glob(pattern)) - folders:
        assert time.monotonic() < until_s, "a process or a folder of the grade is still there"
        time.sleep(0.05)


def _processes_named(mark: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().partition(b"\0")[0].decode(errors="replace")
            except OSError:
                continue
            if command == mark:
                found.append(entry.name)
    return found


def test_worker_sees_neither_the_environment_nor_the_home(warm_engine: WarmEngine, tmp_path: Path) -> None:
    code = "import os\n\n\ndef look() -> dict[str, str]:\n    {}\n"
    exercise = make_exercise(
        tmp_path / "e",
        "from grader.testing import require\n"
        "def test_a(submission):\n"
        "    seen = submission.look()\n"
        "    allowed = {'PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'OMP_NUM_THREADS', 'CUDA_VISIBLE_DEVICES',\n"
        "               'HOME', 'TMPDIR', 'USER', 'LOGNAME', 'PYTHONDONTWRITEBYTECODE', 'fds', 'cwd'}\n"
        "    require(set(seen) <= allowed, 'more than allowed', got=sorted(set(seen) - allowed))\n"
        "    require(seen['HOME'] == seen['cwd'] == seen['TMPDIR'], 'not in the private folder')\n"
        "    require(seen['fds'] == '4', 'other descriptors than 0, 1, 2 and the link', got=seen['fds'])\n",
        Check("a", "a"),
        stub=code.format("raise NotImplementedError"),
        solution=code.format(
            "return {**os.environ, 'cwd': os.getcwd(), 'fds': str(len(os.listdir('/proc/self/fd')) - 1)}"
        ),
    )  # fmt: skip
    verdict = warm_engine.grade(exercise, tmp_path / "e", (tmp_path / "e/solution.py").read_text())
    assert verdict.checks[0].message == ""


def test_file_is_imported_in_each_child_where_a_device_cannot_be_forked(tmp_path: Path) -> None:
    """What a GPU needs, on a device that every machine has."""
    from grader.judge.session import Session
    from grader.judge.signatures import parse_stub
    from grader.worker.sandbox import LAYERS, Limits
    from grader.worker.zygote import Spawn, open_zygote

    zygote = open_zygote(dict.fromkeys(LAYERS, "not tested here"))
    zygote.begin(tmp_path, events_fd=2, stderr_fd=2, keeps_base=False)
    try:
        source = "import os\nPID = os.getpid()\n\n\ndef f(x):\n    return (PID == os.getpid(), str(x.device))\n"
        limits = Limits(memory_mib=None)
        spawn = Spawn(sources=(source,), filename="mine.py", forbid=(), device="cpu:0", seed=1, limits=limits)
        session = Session(zygote, spawn, parse_stub("def f(x):\n    raise NotImplementedError\n"))
        import torch

        for _ in range(2):
            session.begin_check(seed=1, timeout_s=10.0)
            assert session.ask("name", "f", torch.ones(1)) == (True, "cpu")
            session.end_check()
        session.kill()
    finally:
        zygote.close()


def test_folder_of_a_killed_zygote_is_removed_by_whoever_asks_it_next(tmp_path: Path) -> None:
    from grader.worker.sandbox import LAYERS, Limits
    from grader.worker.zygote import Spawn, open_zygote

    base = tmp_path / "grade"
    zygote = open_zygote(dict.fromkeys(LAYERS, "not tested here"))
    zygote.begin(base, events_fd=2, stderr_fd=2)
    spawn = Spawn(sources=("",), filename="f.py", forbid=(), device="cpu", seed=1, limits=Limits(memory_mib=None))
    pid, link, output = zygote.spawn(spawn)
    assert base.is_dir()
    os.kill(zygote.pid, signal.SIGKILL)
    with link, os.fdopen(output), pytest.raises((EOFError, OSError)):
        zygote.kill(pid)
    assert not base.exists()
    zygote.close()


def test_time_that_a_busy_machine_took_is_not_the_learners(warm_engine: WarmEngine, tmp_path: Path) -> None:
    """The function needs most of its second on a processor it shares with eight others."""
    cores = os.sched_getaffinity(0)
    busy = [sys.executable, "-c", "while True: pass"]
    # Each in a session of its own: a kernel that shares the processor among sessions then sees eight.
    rivals = [subprocess.Popen(busy, start_new_session=True) for _ in range(8 * len(cores))]
    try:
        source = (
            "import time\n\n\ndef f(x):\n    until = time.process_time() + 0.6\n"
            "    while time.process_time() < until:\n        pass\n    return x + 1\n"
        )
        checks = (
            "from grader.testing import assert_equal\ndef test_a(submission):\n    assert_equal(submission.f(1), 2)\n"
        )
        exercise = make_exercise(tmp_path / "e", checks, Check("a", "a", timeout_s=1.0))
        verdict = warm_engine.grade(exercise, tmp_path / "e", source)
    finally:
        for rival in rivals:
            rival.kill()
            rival.wait()
    assert (verdict.checks[0].status, verdict.checks[0].message) == ("passed", "")
    assert verdict.checks[0].elapsed_s > 1.0, "nothing was shared: this proves nothing"


ON_GPU = (
    "def test_here(submission):\n    assert submission.f(1) == 2\n\n\ndef test_there(submission):\n    assert False\n"
)


def test_check_for_another_device_is_left_out_with_those_that_continue_it(
    warm_engine: WarmEngine, tmp_path: Path
) -> None:
    checks = ON_GPU + "\n\ndef test_after(submission):\n    assert False\n"
    there = Check("there", "There", points=5, devices=("cuda", "mps"))
    here = Check("here", "Here", points=2, needs=("there",), devices=("cpu",))
    exercise = make_exercise(tmp_path / "e", checks, there, Check("after", "After", continues="there"), here)
    verdict = warm_engine.grade(exercise, tmp_path / "e", SOLUTION)
    assert [(check.id, check.status) for check in verdict.checks] == [("here", "passed")]
    assert (verdict.verdict, verdict.score, verdict.max_score) == ("passed", 2, 2)


def test_grade_is_refused_where_no_check_is_for_the_device(warm_engine: WarmEngine, tmp_path: Path) -> None:
    here, there = Check("here", "Here", devices=("mps",)), Check("there", "There", devices=("cuda",))
    exercise = make_exercise(tmp_path / "e", ON_GPU, here, there)
    with pytest.raises(StudyError, match=r"^no check of made_up is for cpu; they are for cuda and mps$") as refused:
        warm_engine.grade(exercise, tmp_path / "e", SOLUTION)
    assert refused.value.hint == "study grade made_up --device cuda"


def test_a_method_that_raises_is_called_by_its_name(warm_engine: WarmEngine, tmp_path: Path) -> None:
    checks = "def test_a(submission):\n    submission.Model().forward(3)\n"
    stub = "class Model:\n    def forward(self, x):\n        raise NotImplementedError\n"
    learner = "class Model:\n    def forward(self, x):\n        return x / 0\n"
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"), stub=stub, solution=learner)
    (check,) = warm_engine.grade(exercise, tmp_path / "e", learner).checks
    assert check.message.splitlines()[0] == "`forward` raised ZeroDivisionError: division by zero"
    assert "called    forward(3)" in check.message


def test_an_object_of_the_checks_own_classes_is_refused_before_it_is_sent(
    warm_engine: WarmEngine, tmp_path: Path
) -> None:
    checks = "class Script:\n    pass\n\n\ndef test_a(submission):\n    submission.f([Script()])\n"
    exercise = make_exercise(tmp_path / "e", checks, Check("a", "a"))
    (check,) = warm_engine.grade(exercise, tmp_path / "e", "def f(x):\n    return x\n").checks
    assert check.status == "grader_fault"
    assert "an argument holds Script, which the worker does not know" in check.message
