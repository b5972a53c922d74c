"""Whatever is killed, full, missing, oddly named or set wrong: nothing of ours is left over, and nothing is lost."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.progress import ProgressStore
from tests.support.processes import (
    Place,
    await_end,
    children,
    descendants,
    grade_processes,
    kill,
    orphans_come_to_us,
    wait_until,
)
from tests.support.study import RIGHT, TOY_COURSE

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]
#: A grade that lasts long enough to be hit anywhere, and sleeps, so that several go at once.
SLEEPY = "import time\n\ntime.sleep(0.05)\n\n\ndef double(x):\n    time.sleep(0.06)\n    return 2 * x\n"
HANGING = "import time\n\n\ndef double(x):\n    time.sleep(1234)\n"
#: As root lets us mount, in a namespace of our own that ends with the process.
_MAY_MOUNT = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
needs_mounts = pytest.mark.skipif(not _MAY_MOUNT, reason="mounting needs root and its capabilities")
NO_ATTEMPT = "study: stopped; your files are unchanged, and no attempt was counted\n"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place of its own."""
    place = Place(tmp_path)
    yield place
    place.close()


def attempts(place: Place) -> Counter[int]:
    """Return how many attempts the log holds, by seed; opening it may bring no complaint."""
    with ProgressStore.open(place.log) as store:
        found = Counter(attempt.seed for attempt in store.load_attempts("t01_double", limit=1000))
        assert store.notices == ()
    return found


def private_folders(place: Place) -> list[str]:
    """Return the workers' folders that were left behind."""
    return sorted(path.name for path in place.tmp.glob("study-grades-*/*") if path.name != ".study-grader")


# ---- kill -9 of everything -------------------------------------------------------------------------------------

#: Of 200 in all. Whoever loses its engine starts torch again, which takes the time; there are fewer of those.
SERVED = {"client": 56, "check": 50, "worker": 50, "zygote": 16, "engine": 10, "server": 3}
COLD = {"client": 6, "check": 3, "worker": 2, "zygote": 2, "engine": 2}
LANES = 3


class Lane:
    """A place in which grades are killed, one after the other."""

    def __init__(self, root: Path, number: int, *, served: bool) -> None:
        self.place = Place(root / f"lane {number}", STUDY_SERVER="on" if served else "off").begin(SLEEPY)
        self.served = served
        self.server = self.place.serve() if served else 0
        self.random = random.Random(number)
        self.first_seed = (number + 1) * 1000
        self.told: list[int] = []  # seeds of the grades whose verdict was shown
        self.unsure: list[int] = []  # seeds of the grades whose client was killed
        self.wrong: list[str] = []

    def round(self, number: int, role: str) -> None:
        """Grade, and kill one of the processes in between."""
        seed = self.first_seed + number
        client = self.place.popen("grade", "--json", "--seed", str(seed))
        time.sleep(self.random.uniform(0, 0.5) if role == "client" else self.random.uniform(0, 0.05))
        if role == "client":
            kill(client.pid)
        elif role == "server":
            self._find(client, "engine")
            kill(self.server)
        else:
            while (found := self._find(client, role)) and not kill(self.random.choice(found)):
                pass
        out, err = client.communicate(timeout=120)
        if role == "server":
            await_end(self.server)
            self.server = self.place.serve()
        self._note(seed, role, client.returncode, out, err)

    def _find(self, client: "subprocess.Popen[str]", role: str) -> list[int]:
        """Wait for a process of that role; none if the grade is over before."""
        top = self.server if self.served else client.pid
        while client.poll() is None:
            if found := grade_processes(top)[role]:
                return found
            time.sleep(0.005)
        return []

    def _note(self, seed: int, role: str, code: int, out: str, err: str) -> None:
        if code == -signal.SIGKILL:
            self.unsure.append(seed)
            return
        shown = json.loads(out)
        if "verdict" in shown:
            self.told.append(seed)
        # What is killed from outside is made again; of a zygote there is but one.
        allowed = (0, 4) if role == "zygote" else (0,)
        # What a fault of ours was stands in the verdict; a learner's message never shows our own code.
        if code not in allowed or "Traceback" in (err if code == 4 else out + err):
            self.wrong.append(f"{role}: {code} {out} {err}")


def _spread(roles: dict[str, int], lanes: int) -> list[list[str]]:
    everything = [role for role, count in roles.items() for _ in range(count)]
    random.Random(1).shuffle(everything)
    return [everything[lane::lanes] for lane in range(lanes)]


def test_two_hundred_kills_leave_no_process_no_folder_and_a_whole_log(tmp_path: Path) -> None:
    plans = [*_spread(SERVED, LANES), *_spread(COLD, 1)]
    assert sum(map(len, plans)) == 200
    with orphans_come_to_us() as left:
        lanes = [Lane(tmp_path, number, served=number < LANES) for number in range(LANES + 1)]

        def run(lane: Lane, plan: list[str]) -> None:
            for number, role in enumerate(plan):
                lane.round(number, role)

        with ThreadPoolExecutor(len(lanes)) as pool:
            list(pool.map(run, lanes, plans))
        wait_until(
            lambda: set(left()) == {pid for lane in lanes for pid in lane.place.at_rest()}, "the end of all the others"
        )
        assert [wrong for lane in lanes for wrong in lane.wrong] == []
        for lane in lanes:
            logged = attempts(lane.place)
            assert [seed for seed, count in logged.items() if count != 1] == []
            assert sorted(set(lane.told) - set(logged)) == []
            assert sorted(set(logged) - set(lane.told) - set(lane.unsure)) == []
            assert lane.place.own_file.read_text() == SLEEPY
            verdict, warm = lane.place.grade(RIGHT)
            assert (verdict.verdict, warm) == ("passed", lane.served)
            # What a killed zygote left is removed by the server once it has nothing else to do.
            wait_until(lambda lane=lane: private_folders(lane.place) == [], "the end of the folders of grades")  # type: ignore[misc]
            lane.place.close()


def _hanging_grade(
    place: Place, server: int, left: Callable[[], dict[int, str]]
) -> "tuple[subprocess.Popen[str], dict[str, list[int]]]":
    """Start a grade below the server, or cold, and wait until its check hangs; returns the client and who is there.

    On a busy machine a grade may give the server up and start cold, or be over before we look: then another is begun.
    """
    for _ in range(10):
        client = place.popen("grade")

        def ends(client: "subprocess.Popen[str]" = client) -> str:
            if grade_processes(server or client.pid)["check"]:
                return "hangs"
            is_elsewhere = bool(server and grade_processes(client.pid)["check"])
            return "another" if is_elsewhere or client.poll() is not None else ""

        if wait_until(ends, "a check") == "hangs" and (found := grade_processes(server or client.pid))["check"]:
            return client, found
        kill(client.pid, signal.SIGINT)
        client.communicate(timeout=60)
        # What is left of it would be taken for the next one's.
        wait_until(lambda: set(left()) <= place.at_rest(), "the end of a grade that was given up")
    raise AssertionError("none of ten grades came to its check where it was looked for")


@pytest.mark.parametrize(
    ("role", "served"),
    [
        *[(role, True) for role in ("client", "server", "engine", "zygote", "worker", "check")],
        *[(role, False) for role in ("client", "engine", "zygote", "worker", "check")],
    ],
)
def test_killed_process_takes_those_below_it_along(place: Place, role: str, served: bool) -> None:
    place.environ["STUDY_SERVER"] = "on" if served else "off"
    # A grandchild in a session of its own, that ignores every signal it can.
    place.begin(
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    for number in range(1, 32):\n"
        "        if number not in (9, 19):\n"
        "            signal.signal(number, signal.SIG_IGN)\n"
        "    time.sleep(1234)\n" + HANGING
    )
    with orphans_come_to_us() as left:
        server = place.serve() if served else 0
        client, roles = _hanging_grade(place, server, left)
        with client:
            top = server or client.pid
            below = descendants(top)
            kill({"client": client.pid, "server": server}.get(role) or roles[role][0])
            if role == "zygote":  # its engine clears up after it
                wait_until(lambda: roles["engine"][0] not in children(top), "the engine's end")
            kill(client.pid, signal.SIGINT)
        wait_until(lambda: not below & set(left()), "the end of all of that grade")
        wait_until(lambda: set(left()) <= place.at_rest(), "the end of all others")
    assert private_folders(place) == []


# ---- interrupted ------------------------------------------------------------------------------------------------


def test_ctrl_c_at_any_moment_counts_no_attempt_and_leaves_nothing(place: Place) -> None:
    place.begin(SLEEPY)
    moments = random.Random(7)
    with orphans_come_to_us() as left:
        server = place.serve()
        stopped = 0
        for seed in range(20):
            # The engine of the grade before may still be there, and is not to be taken for this one's.
            wait_until(lambda: not place.at_work(server), "the end of the grade before")
            with place.popen("grade", "--json", "--seed", str(seed)) as client:
                # Before it is up, Python itself says what a Ctrl-C is.
                wait_until(lambda: place.at_work(server) or client.poll() is not None, "an engine")
                time.sleep(moments.uniform(0, 0.5))
                kill(client.pid, signal.SIGINT)
                out, err = client.communicate(timeout=60)
            if client.returncode == 130:
                stopped += 1
                assert (json.loads(out)["error"], err) == (NO_ATTEMPT[7:-1], "")
                assert attempts(place)[seed] == 0
            else:
                assert (client.returncode, json.loads(out).get("verdict")) == (0, "passed"), out + err
                assert attempts(place)[seed] == 1
        assert stopped >= 10
        wait_until(lambda: set(left()) == place.at_rest(), "the end of all but the server")
    assert private_folders(place) == []


def test_ctrl_c_before_anything_began_is_no_fault(place: Place) -> None:
    place.begin(RIGHT)
    moments = random.Random(8)
    for _ in range(20):
        with place.popen("grade", STUDY_SERVER="off") as client:
            time.sleep(moments.uniform(0.0, 0.25))
            kill(client.pid, signal.SIGINT)
            _, err = client.communicate(timeout=60)
        # Before our code is up, Python itself says what a Ctrl-C is; in its earliest moments with code 1.
        assert client.returncode in (130, -signal.SIGINT) or (client.returncode == 1 and "KeyboardInterrupt" in err), (
            err
        )
        assert "a fault of study itself" not in err
    assert attempts(place) == {}


#: `study` in which Ctrl-C is pressed so many times while the attempt is being recorded.
_PRESSED = """
import os, signal, sys
presses = int(sys.argv.pop(1))
from grader.progress import ProgressStore
record = ProgressStore.record_attempt
def record_and_press(store, attempt):
    number = record(store, attempt)
    for _ in range(presses):
        os.kill(os.getpid(), signal.SIGINT)
    return number
ProgressStore.record_attempt = record_and_press
from grader.cli import main
main()
"""


def _press_while_recording(place: Place, presses: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", _PRESSED, str(presses), *arguments]
    return subprocess.run(
        command, env=place.environ, cwd=place.home, capture_output=True, text=True, timeout=120, check=False
    )


def test_ctrl_c_while_an_attempt_is_recorded_is_too_late(place: Place) -> None:
    place.environ["STUDY_SERVER"] = "off"
    place.begin(RIGHT)
    done = _press_while_recording(place, 1, "grade", "--seed", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "next: study next" in done.stdout
    done = _press_while_recording(place, 2, "grade", "--seed", "2")
    assert (done.returncode, done.stderr) == (130, "study: stopped; the attempt is counted\nnext: study progress\n")
    assert attempts(place) == {1: 1, 2: 1}
    done = _press_while_recording(place, 1, "grade", "--all", "--seed", "3")
    assert (done.returncode, done.stderr) == (130, "stopped: 1 of 1 graded, and this attempt is recorded\n")
    assert "still solved" in done.stdout
    assert attempts(place) == {1: 1, 2: 1, 3: 1}


# ---- many at once -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("served", "count"), [(True, 64), (False, 8)], ids=["64 served", "8 cold"])
def test_many_grades_at_once_are_all_right_and_logged_once(place: Place, served: bool, count: int) -> None:
    place.begin(RIGHT)
    wrong = place.home / "wrong.py"
    wrong.write_text("def double(x):\n    return 3 * x\n")
    if served:
        place.serve()
    environ = {"STUDY_SERVER": "on" if served else "off"}
    submissions: list[list[str]] = [[], ["--submission", "wrong.py"]]
    running = [
        place.popen("grade", "t01_double", "--json", "--seed", str(seed), *submissions[seed % 2], **environ)
        for seed in range(count)
    ]
    done = [(process.communicate(timeout=300), process.returncode) for process in running]
    assert [code for _, code in done] == [0, 1] * (count // 2)
    assert [json.loads(out)["verdict"] for (out, _), _ in done] == ["passed", "failed"] * (count // 2)
    assert attempts(place) == dict.fromkeys(range(count), 1)
    assert private_folders(place) == []


# ---- disks ------------------------------------------------------------------------------------------------------


def in_mounts(place: Place, script: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a shell script where its mounts are its own; `$STUDY` is the command."""
    return subprocess.run(
        ["unshare", "-m", "--propagation", "private", "sh", "-c", f"set -u\n{script}"],
        env=place.environ | {"STUDY": f"{sys.executable} -m grader", "PATH": os.environ["PATH"]} | environ,
        cwd=place.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


FILL = 'fill() { head -c 100M /dev/zero >"$1/fill" 2>/dev/null; while printf "%4096s" >>"$1/fill2" 2>/dev/null; do :; done; }\n'


@needs_mounts
def test_full_workspace_keeps_the_file_and_the_log_and_says_so(place: Place) -> None:
    place.environ["STUDY_SERVER"] = "off"
    place.begin(RIGHT)
    done = in_mounts(
        place,
        FILL
        + "cp -a study /dev/shm/kept; mount -t tmpfs -o size=2m none study; cp -a /dev/shm/kept/. study; rm -rf /dev/shm/kept\n"
        "$STUDY grade --seed 1 >/dev/null || exit 90\n"
        "fill study\n"
        '$STUDY grade --seed 2 >first.out 2>first.err; echo "full $?"\n'
        '$STUDY reset t01_double >reset.out 2>reset.err; echo "reset $?"\n'
        "cat study/t01_double.py\n"
        "rm study/fill study/fill2\n"
        '$STUDY grade --seed 3 >/dev/null; echo "again $?"\n'
        "$STUDY progress --json\n",
    )
    lines = done.stdout.splitlines()
    assert lines[:4] == ["full 4", "reset 2", *RIGHT.splitlines()], done
    assert lines[4] == "again 0"
    assert json.loads(lines[5])["attempts"] in (2, 3)  # SQLite may have kept a page that the second fitted into
    assert done.stderr == ""
    full = (place.home / "first.err").read_text()
    assert full.startswith("study: There is no space left to write the progress log ")
    assert "next: free some space" in full
    reset = (place.home / "reset.err").read_text()
    assert "cannot be written: No space left on device; what was there before is unchanged" in reset


@needs_mounts
@pytest.mark.parametrize("what", ["home", "cache"])
@pytest.mark.parametrize("how", ["full", "read-only"])
def test_home_without_room_for_a_cache_still_grades(place: Place, what: str, how: str) -> None:
    place.environ |= {"STUDY_SERVER": "off", "STUDY_HOME": str(place.tmp.parent / "work")}
    place.study("start", "t01_double")
    Path(place.environ["STUDY_HOME"], "t01_double.py").write_text(RIGHT)
    (place.home / ".cache").mkdir(exist_ok=True)
    target = "." if what == "home" else ".cache"
    spoil = f"fill {target}\n" if how == "full" else f"mount -o remount,ro {target}\n"
    done = in_mounts(
        place,
        FILL
        + f'cd /; cd "$HOME"; mount -t tmpfs -o size=1m none "$HOME/{target}"; cd /; cd "$HOME"\n{spoil}$STUDY grade --json',
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["verdict"] == "passed"


@needs_mounts
def test_workspace_that_cannot_be_written_is_said_before_it_is_lost(place: Place) -> None:
    place.environ["STUDY_SERVER"] = "off"
    place.begin(RIGHT)
    place.study("grade", "--seed", "1")
    done = in_mounts(place, "mount --bind study study; mount -o remount,bind,ro study; $STUDY grade --seed 2")
    assert done.returncode == 2
    assert done.stderr.startswith("study: The progress log ")
    assert "Traceback" not in done.stderr
    assert (
        "study is on a read-only file system: mount it for writing, or set STUDY_HOME to another folder" in done.stderr
    )
    assert attempts(place) == {1: 1}


@needs_mounts
@pytest.mark.parametrize("served", [True, False], ids=["served", "cold"])
@pytest.mark.parametrize("inodes", ["", ",nr_inodes=1"], ids=["no bytes", "no files"])
def test_full_folder_for_temporary_files_is_no_fault_of_the_learners(place: Place, served: bool, inodes: str) -> None:
    place.begin(RIGHT)
    serve = "$STUDY server start >/dev/null || exit 91\n" if served else "export STUDY_SERVER=off\n"
    done = in_mounts(
        place,
        FILL + f'mount -t tmpfs -o size=1m{inodes} none "$TMPDIR"\n{"" if inodes else "fill $TMPDIR"}\n{serve}'
        '$STUDY grade --json; echo "$?"; $STUDY server stop >/dev/null',
    )
    shown, code = done.stdout.splitlines()
    if code == "4":
        assert "No space left" in json.loads(shown)["error"]
        assert json.loads(shown)["hint"]
    else:  # Python looks for another folder where this one takes no file
        assert (code, json.loads(shown)["verdict"]) == ("0", "passed")
    assert "Traceback" not in done.stderr


@needs_mounts
@pytest.mark.parametrize(
    "mount", ["umount -l /dev/shm", "mount -t tmpfs -o size=4k none /dev/shm"], ids=["none", "4 KiB"]
)
def test_shared_memory_is_not_needed(place: Place, mount: str) -> None:
    place.environ["STUDY_SERVER"] = "off"
    place.begin(RIGHT)
    done = in_mounts(place, f"{mount} 2>/dev/null || true\n$STUDY grade --json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["verdict"] == "passed"


# ---- clocks -----------------------------------------------------------------------------------------------------


#: `study` with the clock that the log is stamped with, and time.time, set wrong.
_SHIFTED = """
import datetime, sys, time
shift_s = float(sys.argv.pop(1))
real = time.time
time.time = lambda: real() + shift_s
from grader.progress import ProgressStore
ProgressStore.open.__func__.__kwdefaults__["now"] = lambda: datetime.datetime.fromtimestamp(time.time(), datetime.UTC)
from grader.cli import main
main()
"""


def test_clock_that_jumps_loses_no_attempt_and_no_progress(place: Place) -> None:
    place.environ["STUDY_SERVER"] = "off"
    place.begin(RIGHT)

    def study_at(shift_s: float, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", _SHIFTED, str(shift_s), *arguments]
        return subprocess.run(
            command, env=place.environ, cwd=place.home, capture_output=True, text=True, timeout=120, check=False
        )

    day_s = 86_400
    for seed, shift_s in enumerate((0, 400 * day_s, -400 * day_s)):
        done = study_at(shift_s, "grade", "--seed", str(seed))
        assert done.returncode == 0, done.stderr
    assert attempts(place) == {0: 1, 1: 1, 2: 1}
    with ProgressStore.open(place.log) as store:
        at = {attempt.seed: attempt.at for attempt in store.load_attempts("t01_double", limit=1000)}
    assert (at[1] - at[0]).days in (399, 400)  # the jump did happen
    assert (at[0] - at[2]).days in (399, 400)
    for shift_s in (0, 400 * day_s, -400 * day_s):
        progress = study_at(shift_s, "progress", "--json")
        assert (progress.returncode, progress.stderr) == (0, "")
        known = json.loads(progress.stdout)
        assert (known["attempts"], known["exercises"]["t01_double"]["status"]) == (3, "solved")


# ---- names ------------------------------------------------------------------------------------------------------

ODD = [
    "two words",
    "ünïcödé-日本",
    "line\nbreak",
    "-dash",
    "[1]",
    "a::b",
    "$HOME",
    "%41",
    "quo'te\"",
    "{x}",
    "back\\slash",
]


@pytest.mark.parametrize("name", ODD)
def test_odd_names_of_every_folder_change_nothing(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    course = root / name
    course.parent.mkdir()
    shutil.copytree(TOY_COURSE, course)
    place = Place(root / "in" / name, STUDY_COURSE=str(course), STUDY_SERVER="off")
    try:
        place.environ["STUDY_HOME"] = str(place.home / name)
        assert place.study("start", "t01_double").returncode == 0
        file = Path(place.environ["STUDY_HOME"], f"{name}.py")
        file.write_text(RIGHT)
        done = place.study("grade", "t01_double", f"--submission={os.path.relpath(file, place.home)}", "--json")
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
        assert json.loads(done.stdout)["verdict"] == "passed"
        with ProgressStore.open(place.home / name / ".study" / "study.db") as store:
            assert [attempt.submission_path for attempt in store.load_attempts("t01_double", limit=1000)] == [
                os.path.relpath(file, place.home)
            ]
        assert private_folders(place) == []
    finally:
        place.close()


def test_server_grades_from_oddly_named_folders_too(tmp_path: Path) -> None:
    place = Place(tmp_path / "ünï cö\ndé").begin(RIGHT)
    with orphans_come_to_us():
        server = place.serve()
        done = place.study("grade", "--json")
        assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "passed")
        wait_until(lambda: place.servers()[0]["graded"] == 1, "the grade counted")
        assert place.servers()[0]["pid"] == server
        place.close()


def test_workspace_may_be_a_link_and_a_submission_may_not(place: Place) -> None:
    place.environ["STUDY_SERVER"] = "off"
    elsewhere = place.tmp.parent / "elsewhere"
    elsewhere.mkdir()
    (place.home / "study").symlink_to(elsewhere)
    place.begin(RIGHT)
    assert place.study("grade").returncode == 0
    real = place.home / "real.py"
    real.write_text(RIGHT)
    place.own_file.unlink()
    place.own_file.symlink_to(real)
    done = place.study("grade")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"study: {place.own_file} is a symbolic link, and links are not followed\nnext: study grade t01_double --submission {real}\n"
    )


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        pytest.param(lambda path: os.mkfifo(path), "not a regular file", id="FIFO"),
        pytest.param(lambda path: path.mkdir(), "a folder", id="folder"),
        pytest.param(
            lambda path: os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5)),
            "not a regular file",
            id="device",
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices"),
        ),
    ],
)
def test_own_file_that_is_no_file_is_named(place: Place, make: Callable[[Path], None], kind: str) -> None:
    place.begin(RIGHT)
    place.own_file.unlink()
    make(place.own_file)
    done = place.study("grade")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"study: {place.own_file} is {kind}\nnext: study grade t01_double --submission FILE.py"
        f"   (or move it away: mv {place.own_file} {place.own_file}.old)\n"
    )
