"""The sandbox where it is whole and where the machine refuses parts of it: what is on, what is said, what holds."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.worker import kernel, sandbox
from grader.worker.sandbox import LAYERS
from grader.worker.syscalls import Surroundings, build_filter
from tests.support.study import REPOSITORY, TOY_COURSE
from tests.support.warm_engine import WarmEngine

NOBODY = 65534
RIGHT = "def double(x):\n    return 2 * x\n"
NAMESPACES = {"pid_namespace", "network_namespace", "ipc_namespace", "mount_namespace", "tmp_size"}
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="namespaces, Landlock and seccomp are Linux's")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become others here")


def look(*manner: str, source: str = "") -> Any:
    """Run the probe in a process of its own and return what it printed, or its error's last line."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.probe_sandbox", *manner],
        input=source,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1", "STUDY_SERVER": "off"},
        cwd=REPOSITORY,
        timeout=120,
        check=False,
    )
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.splitlines()[-1]


def test_every_layer_is_on_or_tells_why_not() -> None:
    found = look()
    assert set(found) == set(LAYERS)
    assert all(why is None or len(why) > 10 for why in found.values())


@needs_root
def test_root_and_an_ordinary_user_get_the_same_layers() -> None:
    as_root = {name for name, why in look().items() if why is not None}
    as_user = {name for name, why in look("as-user").items() if why is not None}
    # An ordinary user may mount a /proc of its own only where nothing covers the one that is there.
    assert as_user == as_root


@needs_root
@pytest.mark.parametrize("user", [(), ("as-user",)])
def test_container_without_namespaces_still_has_landlock_and_seccomp(user: tuple[str, ...]) -> None:
    found = look(*user, "without-namespaces")
    off = {name for name, why in found.items() if why is not None}
    # Root cannot become another user either: Python may lie where that one could not read it.
    assert NAMESPACES <= off <= NAMESPACES | {"own_user"}
    assert all(found[name] == "the system says: unshare: Operation not permitted" for name in NAMESPACES)


@needs_root
@pytest.mark.parametrize("manner", [(), ("as-user",), ("without-namespaces",), ("as-user", "without-namespaces")])
def test_exercise_can_be_read_nowhere_and_solved_everywhere(manner: tuple[str, ...]) -> None:
    folder = REPOSITORY / "tests/toys/course/exercises/t01_double"
    spying = (
        f"import pathlib\n\n\ndef double(x):\n    try:\n        text = pathlib.Path({str(folder / 'checks.py')!r}).read_text()\n"
        "    except OSError:\n        return 2 * x\n    raise ValueError(text)\n"
    )
    report = look(*manner, source=spying)
    assert (report["verdict"], "".join(report["messages"])) == ("passed", "")


@needs_root
def test_strict_isolation_refuses_to_grade_where_a_layer_is_off() -> None:
    assert look("without-namespaces", "strict", source=RIGHT).startswith(
        "grader.core.errors.UsageError: nothing was graded, for this machine cannot isolate strictly: "
    )


def test_strict_isolation_grades_where_all_is_on() -> None:
    off = {name: why for name, why in look().items() if why is not None}
    if off:
        pytest.skip(f"not provable here: {off}")
    assert look("strict", source=RIGHT) == {"verdict": "passed", "off": [], "messages": [""] * 3, "uid": os.geteuid()}


def offer_to_the_oom_killer() -> str:
    """Do it as an ordinary user whose memory is hidden, in a process that ends; returns what came of it."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if os.geteuid() == 0:
                os.setresuid(NOBODY, NOBODY, NOBODY)
            sandbox.hide_memory()
            sandbox._offer_to_oom_killer()
            os.write(write, Path("/proc/self/oom_score_adj").read_bytes())
        except OSError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    with os.fdopen(read) as told:
        return told.read().strip()


def test_ordinary_user_is_ended_first_though_its_memory_is_hidden() -> None:
    assert offer_to_the_oom_killer() == "1000"


#: What started the worker runs as the same user: the parent of a check's parent.
SIGNALS_THE_NURSERY = """
import contextlib
import fcntl
import os
import resource
import signal
import socket

NURSERY = os.getppid()


def double(x):
    assert NURSERY > 1, "it lives in a namespace: this proves nothing"
    ours, _ = os.pipe()
    for attempt in (
        lambda: os.kill(NURSERY, 0),
        lambda: os.kill(-1, 0),
        lambda: os.killpg(NURSERY, 0),
        lambda: resource.prlimit(NURSERY, resource.RLIMIT_CPU, (1, 1)),
        lambda: fcntl.fcntl(ours, fcntl.F_SETOWN, NURSERY),
    ):
        with contextlib.suppress(PermissionError, ProcessLookupError):
            attempt()
            raise ValueError("another process of this user can be reached")
    os.kill(0, 0)
    return 2 * x
"""


@needs_root
def test_user_without_process_namespace_and_landlock_still_signals_nobody() -> None:
    manner = ("as-user", "without-namespaces", "without-landlock")
    assert look(*manner)["own_signals"] is None
    report = look(*manner, source=SIGNALS_THE_NURSERY)
    assert (report["verdict"], "".join(report["messages"])) == ("passed", "")


@pytest.mark.parametrize(
    ("off", "version", "confines"),
    [
        ({}, 1, True),
        ({"pid_namespace": "refused"}, 5, False),
        ({"pid_namespace": "refused"}, 6, True),
        ({"pid_namespace": "refused", "landlock": "refused"}, 6, False),
    ],
)
def test_signals_are_confined_by_a_namespace_or_by_landlock_from_version_6(
    off: dict[str, str], version: int, confines: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel, "landlock_version", lambda: version)
    assert sandbox._confines_signals(off) is confines


def test_no_isolation_is_recorded_in_the_verdict() -> None:
    report = look("none", source=RIGHT)
    assert report["verdict"] == "passed"
    assert {"landlock", "seccomp", "mount_namespace", "network_namespace", "ipc_namespace"} <= set(report["off"])


def test_memory_limit_holds_for_tensors_and_leaves_the_machine_alone(warm_engine: WarmEngine) -> None:
    from grader.course import load_content

    content = load_content(TOY_COURSE)
    source = "import torch\n\n\ndef double(x):\n    torch.ones(2**30, dtype=torch.float64)\n    return 2 * x\n"
    verdict = warm_engine.grade(content.exercises["t01_double"], content.folder("t01_double"), source)
    assert verdict.checks[0].status == "out_of_memory"


@pytest.mark.parametrize("gpu", [False, True])
def test_filter_compiles_and_refuses_more_without_a_gpu(gpu: bool) -> None:
    program = build_filter(Surroundings(gpu=gpu))
    assert len(program) % 8 == 0
    assert len(build_filter(Surroundings())) > len(build_filter(Surroundings(gpu=True)))


def test_landlock_takes_only_rights_its_version_knows() -> None:
    assert [kernel.landlock_rights(version).bit_length() for version in (1, 2, 3, 4, 5, 6, 99)] == [
        *(13, 14, 15, 15),
        *(16, 16, 16),
    ]


def test_refusal_by_the_kernel_raises_its_reason() -> None:
    with pytest.raises(OSError, match="setns: Bad file descriptor"):
        kernel.setns(-1, kernel.CLONE_NEWPID)
