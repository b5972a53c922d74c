"""The process behind one grade: `python -m grader.engine`, started by `grader.runner`.

It loads torch, forks the nursery while it still knows nothing, reads the job from standard input, and then
becomes the judge. What happens is told as one JSON object a line on standard output.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import msgspec
import torch

from grader.errors import ContentError, GraderFault, StudyError
from grader.job import Job, Layer, Probe
from grader.judge.replay import MutantCode
from grader.verdict import Verdict, add_up, decide, name_verdict
from grader.worker import sandbox
from grader.worker.nursery import Nursery, Spawn, open_nursery
from grader.worker.sandbox import Limits

if TYPE_CHECKING:
    from grader.judge.plugin import JudgePlugin

Emit = Callable[[dict[str, Any]], None]

#: Plugins the checks do not need. The two exception plugins run full garbage collections after every test,
#: which touch the whole heap of torch; the rest cost start-up time.
_UNUSED_PLUGINS = [
    "cacheprovider",
    "unraisableexception",
    "threadexception",
    "doctest",
    "junitxml",
    "pastebin",
    "faulthandler",
    "setuponly",
    "setupplan",
    "stepwise",
    "debugging",
    "nose",
    "logging",
]


PYTEST_ARGUMENTS = (
    *("-q", "--import-mode=importlib", "--capture=no", "--tb=no", "--no-header"),
    *("-c", os.devnull, "--noconftest", "-W", "ignore"),
    *(part for name in _UNUSED_PLUGINS for part in ("-p", f"no:{name}")),
)


class MissingDevice(StudyError):
    """The device asked for is not there."""

    exit_code = 2


def main() -> int:
    """Serve one grade; the exit code means nothing, the last event does."""
    events = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # pytest and the checks may print; only events go to the runner
    serve(lambda: read_frame(sys.stdin.buffer), events)
    return 0


def read_frame(incoming: BinaryIO) -> bytes:
    """Read one job: its length in eight bytes, then itself.

    Raises:
        EOFError: If the runner has ended.
    """
    data = incoming.read(int.from_bytes(incoming.read(8), "little"))
    if not data:
        raise EOFError("the runner has ended")
    return data


def serve(read_job: Callable[[], bytes], events: TextIO) -> None:
    """Fork the nursery, then read one job and tell what came of it.

    Args:
        read_job: Waits for the job (JSON of `Job`, or null to probe); called after the fork.
        events: Where every event goes, one JSON object a line; the last one is "done", "probed" or "refused".
            It ends when all that was forked here is gone.
    """

    def emit(event: dict[str, Any]) -> None:
        events.write(json.dumps(event) + "\n")

    sandbox.die_with_parent()
    # One thread: two on a busy two-core machine are slower, and a pool of threads does not survive a fork.
    torch.set_num_threads(1)
    off = sandbox.prepare()
    sandbox.hide_memory()
    keep_fds = {events.fileno()}
    try:
        base = Path(tempfile.mkdtemp(prefix="study-"))
        base.chmod(0o711)  # a worker that is another user goes through it to its own
    except OSError as error:
        text = f"no private folder can be made in the folder for temporary files: {error.strerror}"
        hint = "free some room there, or set TMPDIR to a folder elsewhere"
        emit({"event": "refused", "message": text, "hint": hint, "exit_code": GraderFault.exit_code})
        return
    nursery = open_nursery(off, base, keep_fds)
    emit({"event": "ready"})
    try:
        job = msgspec.json.decode(read_job(), type=Job | None)
        if job is None:
            emit({"event": "probed", "probe": msgspec.to_builtins(probe(nursery))})
        else:
            judge(job, nursery, emit, lambda: open_nursery(off, base, keep_fds, clears_base=False))
    except StudyError as error:
        emit({"event": "refused", "message": error.message, "hint": error.hint, "exit_code": error.exit_code})
    except EOFError:  # called off before it began
        pass
    finally:
        nursery.close()


def judge(job: Job, nursery: Nursery, emit: Emit, open_mutant_nursery: Callable[[], Nursery]) -> None:
    """Run an exercise's checks on one submission and tell its verdict; mutants grow apart, if they are needed.

    Raises:
        StudyError: If the device is missing or the exercise's own files do not fit together.
    """
    import pytest

    from grader.judge.plugin import Grade, JudgePlugin, derive_seed
    from grader.judge.signatures import parse_stub

    started_s = time.monotonic()
    exercise, folder = job.exercise, Path(job.folder)
    if job.device != "cpu":  # asking for devices may wake CUDA, and after that no fork of this process could use it
        mutant_nursery = open_mutant_nursery()
        open_mutant_nursery = lambda: mutant_nursery  # noqa: E731
    device = choose_device(job.device)
    solution = (folder / "solution.py").read_text(encoding="utf-8")
    corpus_name = job.corpus.name if job.corpus else "names"
    grade = Grade(
        checks=exercise.checks,
        mutants=tuple(
            MutantCode(m.id, m.says, m.caught_by, (folder / "mutants" / f"{m.id}.py").read_text(encoding="utf-8"))
            for m in exercise.mutants
        ),
        solution=solution,
        spawn=Spawn(
            sources=(job.submission,),
            filename=Path(job.path).name,
            forbid=exercise.forbid,
            forbid_operators=exercise.forbid_operators,
            device=device,
            # Not the grade's own seed, from which the judge's inputs are drawn.
            seed=derive_seed(job.seed, "import", "worker"),
            # CUDA maps more private memory than any useful limit; there the driver's own limits hold.
            limits=Limits(memory_mib=exercise.memory_mib if device == "cpu" else None),
            isolation=job.isolation,
            hidden=(str(folder.resolve().parent),),
        ),
        import_timeout_s=exercise.import_timeout_s,
        path=job.path,
        seed=job.seed,
        device=device,
        corpus=job.corpus,
        thresholds={name: by_corpus[corpus_name] for name, by_corpus in exercise.thresholds.items()},
    )
    stub = (folder / "stub.py").read_text(encoding="utf-8")
    plugin = JudgePlugin(grade, nursery, parse_stub(stub), emit, open_mutant_nursery)
    plugin.session.start()  # the learner's file is imported while pytest collects
    emit({"event": "plan", "checks": [check.id for check in exercise.checks]})
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    # From inside the folder: pytest takes "::" and "$" in a path it is given for more than characters.
    os.chdir(folder)
    arguments = ["checks.py", "--rootdir=.", "--confcutdir=.", *PYTEST_ARGUMENTS]
    sys.dont_write_bytecode = True
    try:
        code = pytest.main(arguments, plugins=[plugin])
        # Told before the worker is buried, which takes a moment.
        verdict = conclude(job, plugin, device, int(code), time.monotonic() - started_s)
        emit({"event": "done", "verdict": msgspec.to_builtins(verdict)})
    finally:
        plugin.close()


def conclude(job: Job, plugin: "JudgePlugin", device: str, pytest_code: int, elapsed_s: float) -> Verdict:
    """Make the verdict of what the plugin recorded.

    Raises:
        StudyError: If the grade was refused, or the exercise's own files do not fit together.
    """
    if plugin.refusal:
        raise plugin.refusal
    if plugin.collection_problems:
        raise ContentError(plugin.collection_problems)
    if not plugin.results:
        file = Path(job.folder) / "checks.py"
        raise ContentError([f"{file}: pytest ended with code {pytest_code} before any check ran"])
    results = decide(job.exercise.checks, plugin.results)
    score, max_score = add_up(results)
    return Verdict(
        exercise=job.exercise.id,
        verdict=name_verdict(results),
        checks=results,
        score=score,
        max_score=max_score,
        seed=job.seed,
        device=device,
        corpus=job.corpus.name if job.corpus else None,
        isolation={name: name not in plugin.session.layers_off for name in sandbox.LAYERS},
        elapsed_s=round(elapsed_s, 3),
    )


def probe(nursery: Nursery) -> Probe:
    """Fork one worker with nothing to do, and report its sandbox and torch's devices."""
    from grader.judge.session import Session

    spawn = Spawn(sources=("",), filename="probe.py", forbid=(), device="cpu", seed=0, limits=Limits(memory_mib=1024))
    session = Session(nursery, spawn, {})
    session.begin_check(seed=0, timeout_s=10.0)
    off = session.layers_off
    session.kill()
    layers = {name: Layer(name not in off, off.get(name, what_for)) for name, what_for in sandbox.LAYERS.items()}
    return Probe(devices=tuple(name for name, there in _devices().items() if there), isolation=layers, elapsed_s=0.0)


def _devices() -> dict[str, bool]:
    """Return torch's devices by whether they are there, the fastest first."""
    return {"cuda": torch.cuda.device_count() > 0, "mps": torch.backends.mps.is_available(), "cpu": True}


def choose_device(asked: str) -> str:
    """Turn "auto" into a device that is there.

    Raises:
        MissingDevice: If the device asked for is not there.
    """
    there = _devices()
    if asked == "auto":
        return next(name for name, is_there in there.items() if is_there)
    if not there[asked]:
        found = ", ".join(name for name, is_there in there.items() if is_there)
        text = f"this machine has no {asked} device that torch can use (found: {found})"
        raise MissingDevice(text, hint="study grade --device auto")
    return asked


if __name__ == "__main__":
    sys.exit(main())
