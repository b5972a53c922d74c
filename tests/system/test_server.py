"""The grading server: started on demand, used by its own user alone, gone when idle, and never needed."""

import contextlib
import json
import os
import shutil
import signal
import site
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.core.events import Finished, Started
from grader.core.package import PACKAGE
from grader.course import load_content
from grader.engine.server import address, client
from tests.support.jobs import make_job
from tests.support.processes import (
    Place,
    await_end,
    children,
    descendants,
    environ_of,
    grade_processes,
    kill,
    memory_holds,
    orphans_come_to_us,
    wait_until,
)
from tests.support.study import RIGHT, TOY_COURSE

pytestmark = [pytest.mark.server, pytest.mark.skipif(sys.platform != "linux", reason="there is a server on Linux only")]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away and be somebody else")
looks_inside = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can look into processes that hide from their own user"
)
NOBODY = 65534
#: Long enough to be looked at, and sleeping: a check may take 2.5 s.
SLOW = "import time\n\n\ndef double(x):\n    time.sleep(0.3)\n    return 2 * x\n"


@pytest.fixture(scope="module", autouse=True)
def _orphans() -> Iterator[None]:
    with orphans_come_to_us():
        yield


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place without a server."""
    place = Place(tmp_path)
    yield place
    place.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A place with a server, for tests that leave it as it was."""
    place = Place(tmp_path_factory.mktemp("served")).begin(RIGHT)
    place.serve()
    yield place
    place.close()


def test_server_is_started_asked_and_stopped_from_the_command_line(place: Place) -> None:
    none = place.study("server", "status", "--json")
    assert json.loads(none.stdout) == {"wanted": True, "servers": []}
    started = place.study("server", "start")
    assert (started.returncode, started.stderr) == (0, "")
    assert started.stdout.startswith("running  process ")
    [found] = json.loads(place.study("server", "status", "--json").stdout)["servers"]
    assert sorted(found) == sorted(
        [
            *("pid", "standby", "running", "waiting", "graded", "up_s", "idle_s", "memory_mib"),
            *("python", "package", "started_in", "own"),
        ]
    )
    assert (found["running"], found["waiting"], found["graded"]) == (0, 0, 0)
    assert (found["python"], found["package"]) == (sys.prefix, str(PACKAGE))
    assert (found["started_in"], found["own"]) == (str(place.home), True)
    text = place.study("server", "status").stdout
    assert text.startswith(f"running  process {found['pid']}, ")
    assert ", 0 graded, idle for " in text
    assert place.study("server", "stop").stdout == f"ended    process {found['pid']}\n"
    await_end(found["pid"])
    assert list((place.runtime / "study").iterdir()) == []
    assert place.study("server", "stop").stdout == "none was running\n"


def test_workspace_without_a_server_stays_so_until_it_is_switched_on(place: Place) -> None:
    place.begin(RIGHT)
    place.serve()
    del place.environ["STUDY_SERVER"]
    off = place.study("server", "off", "--json")
    assert (off.returncode, json.loads(off.stdout)) == (0, {"server": False})
    assert place.servers() == []
    assert json.loads(place.study("server", "status", "--json").stdout) == {"wanted": False, "servers": []}
    refused = place.study("server", "start")
    assert (refused.returncode, refused.stdout) == (2, "")
    where = f"it is switched off in the workspace {place.home}/study"
    assert refused.stderr == f"study: no server can be started: {where}\nnext: study server on\n"
    assert place.study("server", "status").stdout == f"no server is used here: {where}\nnext: study server on\n"
    assert place.study("server", "on").stdout == "the grading server is used again\n"
    assert json.loads(place.study("server", "status", "--json").stdout) == {"wanted": True, "servers": []}


def test_study_server_off_grades_without_the_server_that_runs(served: Place) -> None:
    before = served.servers()[0]["graded"]
    assert served.study("grade", STUDY_SERVER="off").returncode == 0
    assert served.servers()[0]["graded"] == before
    assert served.study("grade").returncode == 0
    wait_until(lambda: served.servers()[0]["graded"] == before + 1, "the second grade")


def test_server_that_nobody_needs_ends_and_leaves_nothing(place: Place) -> None:
    place.environ["STUDY_SERVER_IDLE_S"] = "1"
    place.study("server", "start")
    wait_until(lambda: list((place.runtime / "study").iterdir()) == [], "its end")
    assert place.servers() == []


def test_ten_started_at_once_leave_one(place: Place) -> None:
    with orphans_come_to_us() as left, place.ours():
        started = [place.popen("server", "start", "--json") for _ in range(10)]
        found = [json.loads(process.communicate()[0])["servers"][0]["pid"] for process in started]
        assert len(set(found)) == 1
        wait_until(lambda: set(left()) == place.at_rest(), "the end of the nine others")
        assert [server["pid"] for server in place.servers()] == found[:1]


def test_socket_and_its_folder_are_the_users_alone(served: Place) -> None:
    found = served.socket.lstat()
    assert (stat.S_ISSOCK(found.st_mode), stat.S_IMODE(found.st_mode), found.st_uid) == (True, 0o600, os.geteuid())
    folder = served.socket.parent.lstat()
    assert (stat.S_IMODE(folder.st_mode), folder.st_uid) == (0o700, os.geteuid())


def _link(folder: Path) -> None:
    elsewhere = folder.with_name("elsewhere")
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)


def _give_away(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    os.chown(folder, NOBODY, NOBODY)


def _open_up(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o755)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(_link, id="a link"),
        pytest.param(_give_away, id="another's", marks=needs_root),
        pytest.param(_open_up, id="open to others"),
        pytest.param(lambda folder: folder.write_text(""), id="a file"),
    ],
)
def test_folder_that_is_not_ours_alone_is_not_used(place: Place, spoil) -> None:
    spoil(place.runtime / "study")
    with place.ours():
        assert address.find_folder() == place.tmp / f"study-server-{os.geteuid()}"
    shutil.rmtree(place.tmp / f"study-server-{os.geteuid()}")
    spoil_too = place.tmp / f"study-server-{os.geteuid()}"
    spoil_too.write_text("")
    del place.environ["XDG_RUNTIME_DIR"]
    refused = place.study("server", "start")
    assert (refused.returncode, refused.stdout) == (2, "")
    why = f"there is no safe folder for its socket: {spoil_too} is not a folder"
    assert refused.stderr == f"study: no server can be started: {why}\nnext: rm {spoil_too}\n"


@pytest.mark.parametrize(
    ("spoil", "why", "command"),
    [
        (_link, "is a link", "rm {}"),
        (lambda folder: folder.write_text(""), "is not a folder", "rm {}"),
        (_open_up, "is open to others (mode 755)", "chmod 700 {}"),
        pytest.param(
            _give_away,
            "belongs to another user",
            "set XDG_RUNTIME_DIR to a short path that is yours alone",
            marks=needs_root,
        ),
    ],
)
def test_folder_that_keeps_a_server_from_starting_is_named_with_the_reason_and_a_command(
    place: Place, spoil, why: str, command: str
) -> None:
    del place.environ["XDG_RUNTIME_DIR"]
    folder = place.tmp / f"study-server-{os.geteuid()}"
    spoil(folder)
    why, command = f"there is no safe folder for its socket: {folder} {why}", command.format(folder)
    assert place.study("server", "status").stdout == f"no server is used here: {why}\nnext: {command}\n"
    examined = json.loads(place.study("doctor", "--json").stdout)["findings"]
    assert [finding for finding in examined if finding["what"] == "grading server"] == [
        {
            "what": "grading server",
            "found": f"none is used here: {why}",
            "good": False,
            "advice": f"{command}   makes the second grade fast",
        }
    ]
    refused = place.study("server", "start")
    assert (refused.returncode, refused.stderr) == (2, f"study: no server can be started: {why}\nnext: {command}\n")
    if command.startswith(("rm", "chmod")):
        subprocess.run(command, shell=True, check=True)
        assert place.study("server", "start").returncode == 0


@pytest.mark.parametrize("command", [("server", "start"), ("server", "status"), ("grade",)])
@pytest.mark.parametrize("value", ["abc", "-5", "0", "nan", "inf", "1e9"])
def test_idle_time_that_is_none_is_refused_by_the_name_of_its_variable(
    place: Place, command: tuple[str, ...], value: str
) -> None:
    place.begin(RIGHT)
    refused = place.study(*command, STUDY_SERVER_IDLE_S=value)
    assert (refused.returncode, refused.stdout, refused.stderr) == (
        2,
        "",
        f"study: STUDY_SERVER_IDLE_S is `{value}`; it must be a number of seconds above 0, at most 604800\n"
        "next: unset STUDY_SERVER_IDLE_S   (then it is 900)\n",
    )
    assert place.servers() == []


@pytest.mark.parametrize("command", [("server", "start"), ("server", "status"), ("grade",)])
def test_study_server_that_says_neither_on_nor_off_is_refused_by_name(place: Place, command: tuple[str, ...]) -> None:
    place.begin(RIGHT)
    refused = place.study(*command, STUDY_SERVER="foo")
    assert (refused.returncode, refused.stdout, refused.stderr) == (
        2,
        "",
        "study: STUDY_SERVER is `foo`; it may be `on` or `off`\nnext: unset STUDY_SERVER\n",
    )


def test_server_that_study_server_forbids_is_told_with_that_one_reason(place: Place) -> None:
    refused = place.study("server", "start", STUDY_SERVER="off")
    assert (refused.returncode, refused.stdout, refused.stderr) == (
        2,
        "",
        "study: no server can be started: STUDY_SERVER=off forbids it\nnext: unset STUDY_SERVER; study server start\n",
    )
    shown = place.study("server", "status", STUDY_SERVER="off").stdout
    assert (
        shown == "no server is used here: STUDY_SERVER=off forbids it\nnext: unset STUDY_SERVER; study server start\n"
    )


def test_server_of_other_workspaces_is_not_shown_as_one_that_is_used_here(place: Place) -> None:
    pid = place.serve()
    del place.environ["STUDY_SERVER"]
    other = place.home / "other"
    (other / ".study").mkdir(parents=True)
    (other / ".study" / "settings.json").write_text('{"server": false}')
    rows = place.study("server", "status", STUDY_HOME=str(other)).stdout.splitlines()
    assert rows[0] == f"no server is used here: it is switched off in the workspace {other}"
    assert rows[2].startswith(f"other    process {pid}, ")
    assert rows[2].endswith(f", which other workspaces use, started in {place.home}")
    assert place.study("server", "status").stdout.startswith(f"running  process {pid}, ")


def test_too_long_a_path_is_not_used_for_a_socket(place: Place) -> None:
    place.environ["XDG_RUNTIME_DIR"] = str(place.home / ("long" * 25))
    Path(place.environ["XDG_RUNTIME_DIR"]).mkdir()
    with place.ours():
        assert address.find_folder() in (place.tmp / f"study-server-{os.geteuid()}", None)


def test_what_a_killed_server_left_is_cleaned_up_by_the_next(place: Place) -> None:
    first = place.serve()
    kill(first)
    await_end(first)
    old = place.socket
    foreign = old.with_name("0123456789abcdef.sock")
    shutil.copy(old.with_suffix(".lock"), foreign.with_suffix(".lock"))
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(foreign))
    second = place.serve()
    assert second != first
    assert sorted(path.name for path in old.parent.iterdir()) == sorted([old.name, old.with_suffix(".lock").name])
    verdict, warm = place.grade(RIGHT)
    assert (verdict.verdict, warm) == ("passed", True)


@pytest.mark.parametrize(
    "name",
    [
        "study-ws",
        "study-0123456789abcdef",
        "study-grades",
        "study-server-x",
        "study-grades-{uid}/mine",
        "0123456789abcdef",
    ],
)
def test_starting_a_server_removes_nothing_that_somebody_wrote_into_the_temporary_folder(
    place: Place, name: str
) -> None:
    mine = place.tmp / name.format(uid=os.geteuid())
    (mine / ".study").mkdir(parents=True)
    (mine / "a.py").write_text("mine")
    for path in (*mine.iterdir(), mine, mine.parent):
        os.utime(path, (1, 1))
    place.serve()
    verdict, warm = place.grade(RIGHT)
    assert (verdict.verdict, warm) == ("passed", True)
    assert ((mine / "a.py").read_text(), (mine / ".study").is_dir()) == ("mine", True)


def test_folder_for_sockets_that_is_a_workspace_too_loses_nothing(place: Place) -> None:
    # XDG_RUNTIME_DIR=$HOME makes ~/study both.
    workspace = place.runtime / "study"
    workspace.mkdir(mode=0o700)
    mine = [workspace / name for name in ("uv.lock", "uv.sock", "notes.lock", "0123456789abcdeF.lock")]
    for path in mine:
        path.write_text("mine")
    place.study("server", "start")
    assert [path.read_text() for path in mine] == ["mine"] * 4
    assert place.study("server", "stop").returncode == 0
    assert sorted(workspace.iterdir()) == sorted(mine)


def test_folder_of_a_grade_whose_processes_were_all_killed_is_removed_after_the_next_grade(served: Place) -> None:
    left = served.tmp / f"study-grades-{os.geteuid()}" / "0123456789abcdef"
    assert served.grade(RIGHT)[1]  # the folder for all grades is there now
    left.mkdir()
    (left / "file").write_text("of a worker")
    left.with_name(f"{left.name}.lock").touch()
    assert served.grade(RIGHT)[1]
    wait_until(lambda: not left.exists() and not left.with_name(f"{left.name}.lock").exists(), "the end of the folder")


def test_folder_of_a_grade_whose_processes_were_all_killed_is_removed_by_the_next_server(place: Place) -> None:
    server = place.serve()
    place.begin("import time\n\n\ndef double(x):\n    time.sleep(1234)\n")
    with place.popen("grade") as grade:
        wait_until(lambda: grade_processes(server)["check"], "a check")
        engines = grade_processes(server)["engine"]
        everybody = {grade.pid, server, *engines}.union(*map(descendants, engines))
        for pid in sorted(everybody):  # no time passes for the grade, and none of them may see that another is gone
            kill(pid, signal.SIGSTOP)
        there = sorted(path for path in _grades_root(place).iterdir() if not path.name.startswith("."))
        assert [path.suffix for path in there] == ["", ".lock"]
        second = Place(place.home.parent / "second", TMPDIR=str(place.tmp))
        second.serve()  # this grade is still going on
        second.close()
        assert [path.suffix for path in there if path.exists()] == ["", ".lock"]
        for pid in sorted(everybody):
            kill(pid)
    await_end(server)
    assert [path.suffix for path in there if path.exists()] == ["", ".lock"]
    place.serve()
    wait_until(lambda: not any(path.exists() for path in there), "the removal")


def _grades_root(place: Place) -> Path:
    return place.tmp / f"study-grades-{os.geteuid()}"


@needs_root
def test_listener_of_another_user_is_not_trusted(place: Place) -> None:
    place.serve()
    place.study("server", "stop")
    path = place.socket
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    told_read, told_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setresuid(NOBODY, NOBODY, NOBODY)
        listener.listen()  # from here on the kernel calls it nobody's
        os.write(told_write, b"!")
        os.close(told_write)
        link, _ = listener.accept()
        while data := link.recv(100):
            os.write(told_write, data)
        os._exit(0)
    try:
        assert os.read(told_read, 1) == b"!"
        os.close(told_write)
        with place.ours():
            assert client.connect(client.GRADE, path) is None
            assert client.ask_all(client.STATUS) == []
        verdict, warm = place.grade(RIGHT)
        assert (verdict.verdict, warm) == ("passed", False)
    finally:
        kill(pid)
        os.waitpid(pid, 0)
        listener.close()
        path.unlink()
    assert os.read(told_read, 100) == b""
    os.close(told_read)


@needs_root
def test_client_of_another_user_is_refused(served: Place) -> None:
    folder, path = served.socket.parent, served.socket
    opened = [served.runtime.parent, served.runtime, folder]
    for part in opened:
        part.chmod(0o711)
    path.chmod(0o666)
    script = (
        "import os, socket, sys\n"
        "os.setgroups([]); os.setresgid(*[65534] * 3); os.setresuid(*[65534] * 3)\n"
        "link = socket.socket(socket.AF_UNIX); link.connect(sys.argv[1])\n"
        "try:\n    link.sendall(b'status  ')\n    print(link.recv(1000))\n"
        "except (BrokenPipeError, ConnectionResetError):\n    print(b'')\n"
    )
    try:
        done = subprocess.run(
            ["/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable, "-c", script, str(path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        path.chmod(0o600)
        for part in opened:
            part.chmod(0o700)
    assert (done.stdout, done.stderr) == ("b''\n", "")
    assert len(served.servers()) == 1


def _connect(place: Place) -> socket.socket:
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(30)
    link.connect(str(place.socket))
    return link


def _hear(link: socket.socket) -> bytes:
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while part := link.recv(2**16):
            data += part
    return data


def test_command_it_does_not_know_is_answered_by_hanging_up(served: Place) -> None:
    pid = served.servers()[0]["pid"]
    for garbage in (b"garbage!", b"\0", b"GET / HTTP/1.1\r\n\r\n", b"grade   ", b"status", b"\xff" * 100_000):
        with _connect(served) as link:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                link.sendall(garbage)
            assert _hear(link) == b""
    verdict, warm = served.grade(RIGHT)
    assert (verdict.verdict, warm, served.servers()[0]["pid"]) == ("passed", True, pid)


def _come_to_rest(place: Place, pid: int) -> None:
    """Wait until a server has nothing to grade, and its next engine, that one's zygote and worker are ready."""
    wait_until(lambda: not place.at_work(pid) and len(place.at_rest()) == 4, "the server's rest")


@looks_inside
def test_descriptors_sent_along_are_not_kept(served: Place) -> None:
    pid = served.servers()[0]["pid"]
    _come_to_rest(served, pid)
    before = len(os.listdir(f"/proc/{pid}/fd"))
    with open(os.devnull) as nothing:
        for command, count in ((client.STATUS, 1), (b"garbage!", 1), (client.GRADE, 3), (client.STATUS, 50)):
            with _connect(served) as link:
                socket.send_fds(link, [command], [nothing.fileno()] * count)
                link.shutdown(socket.SHUT_WR)
                _hear(link)
    wait_until(lambda: not served.at_work(pid), "the last engine's end")
    wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) == before, "the descriptors closed")


@looks_inside
@pytest.mark.parametrize("stage", ["connected", "commanded", "waiting", "forked", "ready", "half a job", "checking"])
def test_client_that_hangs_up_costs_the_server_nothing(served: Place, stage: str) -> None:
    pid = served.servers()[0]["pid"]
    _come_to_rest(served, pid)
    before = len(os.listdir(f"/proc/{pid}/fd"))
    if stage == "checking":
        served.own_file.write_text("import time\n\n\ndef double(x):\n    time.sleep(1234)\n")
        with served.popen("grade") as grade:
            wait_until(lambda: grade_processes(pid)["check"], "a check")
            kill(grade.pid)
        served.own_file.write_text(RIGHT)
    else:
        link = _connect(served)
        if stage != "connected":
            with tempfile.TemporaryFile() as stderr:
                socket.send_fds(link, [client.GRADE], [stderr.fileno()])
        heard = b""
        last = {"waiting": b"waiting", "forked": b"forked", "ready": b"ready", "half a job": b"ready"}.get(stage, b"")
        while last not in heard:
            heard += link.recv(1000)
        if stage == "half a job":
            link.sendall((1000).to_bytes(8, "little") + b'{"exercise": ')
        link.close()
    wait_until(lambda: not served.at_work(pid), "its engine's end")
    wait_until(lambda: len(os.listdir(f"/proc/{pid}/fd")) == before, "the descriptors closed")
    verdict, warm = served.grade(RIGHT)
    assert (verdict.verdict, warm) == ("passed", True)


def test_silent_connections_keep_nobody_from_grading(served: Place) -> None:
    links = []
    try:
        for _ in range(200):
            link = socket.socket(socket.AF_UNIX)
            link.setblocking(False)
            with contextlib.suppress(BlockingIOError):  # the queue is full: as silent as the others
                link.connect(str(served.socket))
            links.append(link)
            time.sleep(0.001)
        verdict, warm = served.grade(RIGHT)
        assert (verdict.verdict, warm) == ("passed", True)
    finally:
        for link in links:
            link.close()


def test_server_that_hangs_makes_a_grade_slower_and_not_wrong(place: Place) -> None:
    pid = place.serve()
    kill(pid, signal.SIGSTOP)
    try:
        verdict, warm = place.grade(RIGHT)
        assert (verdict.verdict, warm) == ("passed", False)
    finally:
        kill(pid, signal.SIGCONT)
    wait_until(lambda: not place.at_work(pid), "the end of the engine for a client that has gone")
    verdict, warm = place.grade(RIGHT)
    assert (verdict.verdict, warm) == ("passed", True)


def test_server_killed_during_a_grade_makes_it_slower_and_not_wrong(place: Place) -> None:
    pid = place.serve()
    seen: list[str] = []

    def on_event(event) -> None:
        if isinstance(event, Started) and "killed" not in seen:
            seen.append("killed")
            kill(pid)
        seen.append(type(event).__name__.lower())

    verdict, warm = place.grade(SLOW, on_event=on_event)
    assert (verdict.verdict, warm) == ("passed", False)
    assert seen.count("killed") == 1
    await_end(pid)
    assert [path.name for path in _grades_root(place).iterdir()] == [".study-grader"]


def _key(place: Place) -> str:
    with place.ours():
        return address.make_key()


@pytest.mark.parametrize("name", [name for name in address.ENVIRONMENT if name != "HOME"])
def test_server_is_another_one_where_engines_would_see_another_environment(place: Place, name: str) -> None:
    before = _key(place)
    place.environ[name] = "/another"
    assert _key(place) != before


@pytest.mark.parametrize("name", ["HOME", "SECRET_TOKEN", "STUDY_COURSE", "STUDY_HOME"])
def test_server_is_the_same_whatever_engines_do_not_see(place: Place, name: str) -> None:
    before = _key(place)
    place.environ[name] = "/another"
    assert _key(place) == before


def test_server_is_another_one_for_other_code_and_other_packages(place: Place, tmp_path: Path, monkeypatch) -> None:
    package = tmp_path / "copy" / "grader"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    installed = tmp_path / "site-packages"
    (installed / "torch-2.0.dist-info").mkdir(parents=True)
    monkeypatch.setattr(address, "PACKAGE", package)
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(installed)])
    keys = [_key(place)]
    assert _key(place) == keys[0]
    os.utime(package / "jupyter.py", (1, 1))
    keys.append(_key(place))
    (package / "judge" / "more.py").write_text("")
    keys.append(_key(place))
    (installed / "torch-2.0.dist-info").rename(installed / "torch-2.1.dist-info")
    keys.append(_key(place))
    assert len(set(keys)) == 4
    assert len({key[:8] for key in keys}) == 1  # the newest ends the older ones


def test_process_that_can_import_more_finds_the_same_server(served: Place) -> None:
    script = (
        "import sys; sys.path[:0] = ['', '/a/notebook/s/folder', '/another/site-packages']; sys.path.append('/plugins')\n"
        "from grader.engine.server import address; print(address.find_socket())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=served.environ, cwd=served.home, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == (f"{served.socket}\n", "")


def _copy_of_the_package(place: Place) -> dict[str, str]:
    """Install the grader a second time; returns the environment in which that one runs."""
    copy = place.home / "copy"
    shutil.copytree(address.PACKAGE, copy / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    return {"PYTHONPATH": str(copy)}


def test_stopping_ends_ones_own_server_and_names_the_others(place: Place) -> None:
    own = place.serve()
    another_install = _copy_of_the_package(place)
    another_place = place.home / "elsewhere"
    another_place.mkdir()
    [second] = json.loads(place.study("server", "start", "--json", **another_install).stdout)["servers"]
    [third] = json.loads(place.study("server", "start", "--json", TZ="Asia/Tokyo").stdout)["servers"]
    found = json.loads(place.study("server", "status", "--json").stdout)["servers"]
    assert [found[0]["pid"], {one["pid"] for one in found[1:]}] == [own, {second["pid"], third["pid"]}]
    assert [one["own"] for one in found] == [True, False, False]
    names = {
        second["pid"]: f"of another install, {another_install['PYTHONPATH']}/grader, started in {place.home}",
        third["pid"]: f"for another environment or version, started in {place.home}",
    }
    others = [one["pid"] for one in found[1:]]
    shown = place.study("server", "status").stdout.splitlines()
    assert shown[0].startswith(f"running  process {own}, ")
    assert [line.startswith(f"other    process {pid}, ") for line, pid in zip(shown[1:], others, strict=True)] == [
        True
    ] * 2
    assert [line.endswith(f", {names[pid]}") for line, pid in zip(shown[1:], others, strict=True)] == [True] * 2

    assert place.study("server", "stop").stdout.splitlines() == [
        f"ended    process {own}",
        *(f"left     process {pid}, {names[pid]}" for pid in others),
        "next: study server stop --all   ends these too",
    ]
    assert sorted(one["pid"] for one in place.servers()) == sorted(others)
    again = place.study("server", "stop", "--json")
    assert json.loads(again.stdout)["stopped"] == []
    assert [one["pid"] for one in json.loads(again.stdout)["left"]] == others
    assert place.study("server", "stop", "--all").stdout.splitlines() == [
        "none was running here",
        *(f"ended    process {pid}, {names[pid]}" for pid in others),
    ]
    assert place.servers() == []
    for pid in (own, *others):
        await_end(pid)


def test_server_ends_the_one_for_older_code_and_no_other(place: Place) -> None:
    install = _copy_of_the_package(place)
    before, elsewhere = (
        json.loads(place.study("server", "start", "--json", **environ).stdout)["servers"][0]["pid"]
        for environ in (install, {})
    )
    os.utime(Path(install["PYTHONPATH"], "grader", "jupyter.py"), (1, 1))
    after = json.loads(place.study("server", "start", "--json", **install).stdout)["servers"][0]["pid"]
    await_end(before)
    assert {one["pid"] for one in place.servers()} == {after, elsewhere}


@looks_inside
@pytest.mark.parametrize("warm", [True, False], ids=["served", "cold"])
def test_secret_variable_reaches_no_process_of_a_grade(place: Place, warm: bool) -> None:
    name = "SECRET_TOKEN"
    place.begin(SLOW)
    place.environ |= {name: "xyzzy-0451", "STUDY_SERVER": "on" if warm else "off"}
    if warm:
        assert place.study("server", "start").returncode == 0
    grade = place.popen("grade")
    top = place.servers()[0]["pid"] if warm else grade.pid
    found = wait_until(lambda: all((roles := grade_processes(top)).values()) and roles, "every process of a grade")
    assert name.encode() in environ_of(grade.pid)
    checked = {role: [environ_of(pid) for pid in pids] for role, pids in found.items()}
    if warm:
        checked["server"] = [environ_of(top)]
    grade.communicate()
    assert grade.returncode == 0
    assert sorted(role for role, texts in checked.items() for text in texts if b"xyzzy-0451" in text) == []
    assert [text for texts in checked.values() for text in texts if b"OMP_NUM_THREADS=1" not in text] == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root can look into every process")
def test_server_hides_its_memory_from_its_own_user(served: Place) -> None:
    pid = served.servers()[0]["pid"]
    for name in ("environ", "maps", "mem"):
        with pytest.raises(PermissionError):
            Path(f"/proc/{pid}/{name}").read_bytes()
    with pytest.raises(PermissionError):
        os.listdir(f"/proc/{pid}/fd")


@looks_inside
def test_server_never_holds_what_it_has_graded(served: Place, tmp_path: Path) -> None:
    pid = served.servers()[0]["pid"]
    root = tmp_path / "course"
    shutil.copytree(TOY_COURSE, root)
    in_checks, in_submission = b"marker-of-the-checks-7391", b"marker-of-the-learner-7391"
    checks = root / "exercises" / "t01_double" / "checks.py"
    checks.write_text(checks.read_text().replace('what="the dtype"', f'what="the dtype {in_checks.decode()}"'))
    course = load_content(root)
    text = (
        f"import time\nKEPT = '{in_submission.decode()}'\n\n\ndef double(x):\n    time.sleep(0.5)\n    return 2 * x\n"
    )
    held: dict[str, bool] = {}

    def on_event(event) -> None:
        if isinstance(event, Finished) and not held:
            engine = grade_processes(pid)["engine"][0]
            held.update(checks=memory_holds(engine, in_checks), submission=memory_holds(engine, in_submission))

    for _ in range(3):
        verdict, warm = served.grade(text, course=course, on_event=on_event)
        assert (verdict.verdict, warm) == ("passed", True)
    assert held == {"checks": True, "submission": True}  # the search does find what is there
    assert memory_holds(pid, b"set_num_threads")
    assert not memory_holds(pid, in_checks)
    assert not memory_holds(pid, in_submission)


def test_more_grades_than_cores_wait_in_line_and_are_all_right(served: Place) -> None:
    pid = served.servers()[0]["pid"]
    cores = len(os.sched_getaffinity(0))
    most = [0]
    texts = [RIGHT if number % 2 else "def double(x):\n    return 3 * x\n" for number in range(6 * cores)]

    def watch(event) -> None:
        most[0] = max(most[0], len(children(pid)))

    with served.ours(), ThreadPoolExecutor(len(texts)) as pool:
        found = list(pool.map(lambda text: _grade_here(text, watch), texts))
    assert [verdict for verdict, _ in found] == ["passed" if text == RIGHT else "failed" for text in texts]
    assert {warm for _, warm in found} == {True}
    assert most[0] <= cores


def _grade_here(text: str, on_event) -> tuple[str, bool]:
    from grader.engine.client import Engine
    from tests.support.processes import TOYS

    engine = Engine()
    exercise = TOYS.exercises["t01_double"]
    verdict = engine.grade(make_job(exercise, TOYS.folder(exercise.id), text), on_event)
    return verdict.verdict, engine.warm


@pytest.mark.slow
@looks_inside
def test_server_does_not_grow(served: Place) -> None:
    pid = served.servers()[0]["pid"]
    with served.ours():
        for _ in range(5):
            _grade_here(RIGHT, lambda event: None)
        _come_to_rest(served, pid)
        before = _size(pid)
        for _ in range(100):
            assert _grade_here(RIGHT, lambda event: None) == ("passed", True)
    _come_to_rest(served, pid)
    after = _size(pid)
    assert after["descriptors"] == before["descriptors"]
    assert descendants(pid) == served.at_rest() - {pid}
    assert after["data_kib"] - before["data_kib"] <= 512
    assert after["resident_kib"] - before["resident_kib"] <= 4096


def _size(pid: int) -> dict[str, int]:
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {
        "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
        "data_kib": int(lines["VmData"].split()[0]),
        "resident_kib": int(lines["VmRSS"].split()[0]),
    }
