"""The judge's end of a worker: the processor time of a session, and what the end of a process means."""

import os
import sys
import time
from typing import Any

import pytest

from grader import wire
from grader.core.source_map import SourceMap
from grader.judge import link
from grader.judge.link import session_cpu_s
from grader.judge.messages import explain
from grader.judge.outcomes import LearnerKilled, ReplyTooLarge, is_shortage
from grader.judge.session import Session
from grader.worker.sandbox import Limits
from grader.worker.zygote import Spawn, Zygote
from tests.processes import session_of

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
SOURCE_MAP = SourceMap("mine.py", "", ())


def burn(seconds: float) -> None:
    until_s = time.process_time() + seconds
    while time.process_time() < until_s:
        pass


def make_session(memory_mib: int | None = 512) -> Session:
    """Make a session that has no worker yet."""
    spawn = Spawn(("",), "mine.py", (), "cpu", 1, Limits(memory_mib=memory_mib))
    return Session(Zygote.__new__(Zygote), spawn, {})


@needs_proc
@pytest.mark.parametrize("in_namespace", [False, True])
def test_time_of_a_child_that_is_waited_for_between_two_looks_is_not_missed(
    in_namespace: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parent is looked at before it waits, the child after: the time is in neither."""
    go, done, born = os.pipe(), os.pipe(), os.pipe()

    def keep_a_zombie() -> None:
        pid = os.fork()
        if pid == 0:
            burn(0.3)
            os._exit(0)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        os.write(born[1], pid.to_bytes(4, "little"))
        os.read(go[0], 1)
        os.waitpid(pid, 0)
        os.write(done[1], b"x")
        time.sleep(60)

    with session_of(keep_a_zombie) as pid:
        child = int.from_bytes(os.read(born[0], 4), "little")
        waited: list[bool] = []

        def open_late(path: str, *how: Any, **more: Any) -> Any:
            if path == f"/proc/{child}/stat" and not waited:
                waited.append(True)
                os.write(go[1], b"x")
                os.read(done[0], 1)
            return open(path, *how, **more)

        monkeypatch.setattr(link, "open", open_late, raising=False)
        spent_s = session_cpu_s(pid, in_namespace=in_namespace)
    assert waited
    assert spent_s is not None
    assert spent_s >= 0.25
    for fd in (*go, *done, *born):
        os.close(fd)


@needs_proc
def test_time_of_a_session_that_there_is_not_cannot_be_known() -> None:
    with session_of(lambda: None) as pid:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert session_cpu_s(pid) is None
    assert session_cpu_s(pid, in_namespace=True) is None


def test_time_without_the_filter_of_system_calls_cannot_be_known() -> None:
    session = make_session()
    session.layers_off = {"seccomp": "libseccomp is missing"}
    assert session.cpu_s() is None


def test_process_that_the_kernel_ended_for_want_of_memory_is_not_the_learners_fault() -> None:
    told = explain(LearnerKilled(machine=True), make_session(), source_map=SOURCE_MAP, timeout_s=1.0)
    assert (told.status, told.lines) == (
        "grader_fault",
        [
            "this machine ran out of memory, and the kernel ended the process of your code: nothing is counted; this "
            "exercise allows your code 512 MiB"
        ],
    )


def test_process_that_was_killed_twice_is_a_crash() -> None:
    told = explain(LearnerKilled(machine=False), make_session(), source_map=SOURCE_MAP, timeout_s=1.0)
    assert (told.status, told.lines) == (
        "crashed",
        ["`the submission` did not return: its process was ended by SIGKILL"],
    )


def test_reply_too_large_is_the_learners_shortage() -> None:
    told = explain(ReplyTooLarge("what came back is too large"), make_session(), source_map=SOURCE_MAP, timeout_s=1.0)
    assert (told.status, told.lines) == ("out_of_memory", ["what came back is too large"])


@pytest.mark.parametrize(
    ("largest_bytes", "status"), [(0, "grader_fault"), (2**26, "out_of_memory")], ids=["no reply", "a large reply"]
)
@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")]
)
def test_shortage_of_the_judge_is_told_by_what_had_come_back(error: Exception, largest_bytes: int, status: str) -> None:
    session = make_session()
    session.largest_bytes = largest_bytes
    told = explain(error, session, source_map=SOURCE_MAP, timeout_s=1.0)
    assert (told.status, len(told.lines)) == (status, 1)
    assert "Traceback" not in told.lines[0]


def test_other_errors_are_no_shortage() -> None:
    assert not any(map(is_shortage, (RuntimeError("size mismatch"), ValueError("can't allocate memory"))))


@pytest.mark.parametrize(
    ("request_bytes", "room_mib"), [(0, 64), (2**20, 68), (2**30, 512)], ids=["nothing", "1 MiB", "1 GiB"]
)
def test_room_for_a_reply_grows_with_the_request(request_bytes: int, room_mib: int) -> None:
    assert wire.room_for_reply(request_bytes) == room_mib * 2**20
