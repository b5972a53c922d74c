"""The process behind one grade: `python -m grader.engine`, started by `grader.engine.client`.

It loads torch, forks the zygote while it still knows nothing, gets pytest ready, reads the job from standard
input, and then becomes the judge. What happens is told as one JSON object a line on standard output.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import msgspec
import torch

from grader.core.errors import ContentError, StudyError
from grader.core.events import Done, Event, Layer, Plan, Probe, Probed, Ready, Refused, Surveyed, encode_event
from grader.core.job import Job
from grader.core.models import Check, Exercise
from grader.core.verdict import CheckResult, Verdict, add_up, decide, name_verdict
from grader.course.code import EXERCISE, find_checks, read_mutant, read_solution, read_stub
from grader.engine.threads import limit_threads
from grader.expressions import ExpressionError
from grader.judge.replay import MutantCode
from grader.worker import grade_folders, sandbox
from grader.worker.given import find_given
from grader.worker.optimizers import spare_compiler
from grader.worker.sandbox import Limits
from grader.worker.zygote import Spawn, Zygote, open_zygote

if TYPE_CHECKING:
    from grader.judge.plugin import Grade, JudgePlugin
    from grader.judge.pytest_run import Checks


class MissingDevice(StudyError):
    """The device asked for is not there."""

    exit_code = 2


class Caller(NamedTuple):
    """Who wants a grade: where the job is read, and where events go, one line each."""

    incoming: BinaryIO
    events: BinaryIO

    def emit(self, event: Event) -> None:
        """Tell one event."""
        self.events.write(encode_event(event))


def main() -> int:
    """Serve one grade; the exit code means nothing, the last event does."""
    events = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # pytest and the checks may print; only events go to the client
    serve(lambda: Caller(sys.stdin.buffer, events))
    return 0


def serve(meet: Callable[[], Caller]) -> None:
    """Get ready, wait for a caller, do one job for it and tell what came of it.

    Args:
        meet: Waits for the caller; EOFError if none will come. Its job is JSON of `Job`, or null to probe. The last
            event it is told is "done", "probed" or "refused"; its events end when all that was forked here is gone.
    """
    sandbox.die_with_parent()
    # Whoever started us may ignore it, which is inherited: then no child could be waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    limit_threads()
    spare_compiler()
    root = grade_folders.choose_root()
    off = sandbox.prepare()
    sandbox.hide_memory()
    # Before pytest, the judge or the job are there: what is forked of it shall know of torch alone.
    grading = _Grading(meet, off, open_zygote(off, forks_ahead=True), root)
    try:
        from grader.judge.pytest_run import run_checks

        code = run_checks(grading.begin)
        grading.conclude(code)
    except StudyError as error:
        grading.caller.emit(Refused(error.message, error.hint, error.exit_code))
    except EOFError:  # called off before it began
        pass
    finally:
        grading.close()


class _Grading:
    """One job, from its arrival to its verdict."""

    caller: Caller

    def __init__(self, meet: Callable[[], Caller], off: Mapping[str, str], zygote: Zygote, root: Path) -> None:
        self._meet = meet
        self._off = off
        self._zygote = zygote
        self._base = grade_folders.name_folder(root)
        self._job: Job | None = None
        self._plugin: JudgePlugin | None = None

    def begin(self) -> "Checks | None":
        """Take the job, have the learner's file imported, and say what is to be run.

        Raises:
            StudyError: If the device is missing, or the exercise's own files do not fit together.
        """
        self.caller = self._meet()
        self._started_s = time.monotonic()
        self._zygote.begin(self._base, self.caller.events.fileno(), 2)
        self.caller.emit(Ready())
        self._job = msgspec.json.decode(_read_frame(self.caller.incoming), type=Job | None)
        if self._job is None:
            self.caller.emit(Probed(probe(self._zygote)))
            return None
        return self._prepare(self._job)

    def _prepare(self, job: Job) -> "Checks":
        from grader.judge.declared import make_check_functions
        from grader.judge.own_memory import limit_own_memory
        from grader.judge.plugin import JudgePlugin
        from grader.judge.pytest_run import Checks
        from grader.judge.signatures import parse_stub
        from grader.judge.survey import SurveyPlugin

        open_mutant_zygote = self._open_mutant_zygote
        if job.device != "cpu":  # asking for devices may wake CUDA, and after that no fork of this process could use it
            mutant_zygote = open_mutant_zygote()
            open_mutant_zygote = lambda: mutant_zygote  # noqa: E731
        self._device = choose_device(job.device)
        exercise, left_out = leave_out(job.exercise, self._device, job.only)
        self._job = job = msgspec.structs.replace(job, exercise=exercise)
        folder = Path(job.folder)
        signatures = parse_stub(read_stub(job.exercise, folder))
        plugin = (SurveyPlugin if job.variants else JudgePlugin)(
            describe_grade(job, self._device, left_out),
            self._zygote,
            signatures,
            self.caller.emit,
            open_mutant_zygote,
        )
        self._plugin = plugin
        if self._device == "cpu":  # a GPU's driver reserves more than any limit
            limit_own_memory(job.exercise.memory_mib)
        plugin.session.start()  # the learner's file is imported while pytest collects
        self.caller.emit(Plan(tuple(check.id for check in job.exercise.checks)))
        os.chdir(folder)  # checks may open files that lie beside them
        try:
            declared = make_check_functions(job.exercise.checks, signatures, with_corpus=job.corpus is not None)
        except ExpressionError as error:  # loading the course says where, but a job need not come from there
            raise ContentError([f"{folder / EXERCISE}: {error.message}"]) from None
        return Checks(find_checks(folder), plugin, declared)

    def _open_mutant_zygote(self) -> Zygote:
        """Mutants grow apart from the learner's workers, and only if they are needed."""
        zygote = open_zygote(self._off)
        zygote.begin(self._base, self.caller.events.fileno(), 2, keeps_base=False)
        return zygote

    def conclude(self, pytest_code: int) -> None:
        """Tell the verdict, before the worker is reaped, which takes a moment.

        Raises:
            StudyError: As `require_results` does.
        """
        from grader.judge.survey import SurveyPlugin

        job, plugin = self._job, self._plugin
        if job is None or plugin is None:
            return
        require_results(job, plugin, pytest_code)
        if isinstance(plugin, SurveyPlugin):
            verdicts = [make_verdict(job, plugin, self._device, found, took_s) for found, took_s in plugin.surveyed]
            self.caller.emit(Surveyed(tuple(verdicts)))
        else:
            elapsed_s = time.monotonic() - self._started_s
            self.caller.emit(Done(make_verdict(job, plugin, self._device, plugin.results, elapsed_s)))

    def close(self) -> None:
        """Bury all that was forked."""
        if self._plugin is not None:
            self._plugin.close()
        self._zygote.close()


def _read_frame(incoming: BinaryIO) -> bytes:
    """Read one job: its length in eight bytes, then itself.

    Raises:
        EOFError: If the client has ended.
    """
    data = incoming.read(int.from_bytes(incoming.read(8), "little"))
    if not data:
        raise EOFError("the client has ended")
    return data


def describe_grade(job: Job, device: str, left_out: Set[str]) -> "Grade":
    """Gather what the judge needs to know: the exercise's hidden files, and how the learner's is to run."""
    from grader.judge.plugin import Grade, derive_seed

    exercise, folder = job.exercise, Path(job.folder)
    corpus_name = job.corpus.name if job.corpus else "names"
    return Grade(
        job=job,
        mutants=tuple(
            MutantCode(mutant.id, mutant.says, mutant.caught_by, read_mutant(mutant, folder))
            for mutant in exercise.mutants
        ),
        solution=read_solution(exercise, folder),
        spawn=Spawn(
            sources=() if job.variants else (job.submission,),
            filename=Path(job.path).name,
            forbid=exercise.forbid,
            forbid_operators=exercise.forbid_operators,
            given=find_given(read_stub(exercise, folder)),
            device=device,
            # Not the grade's own seed, from which the judge's inputs are drawn.
            seed=derive_seed(job.seed, "import", "worker"),
            # CUDA maps more private memory than any useful limit; there the driver's own limits hold.
            limits=Limits(memory_mib=exercise.memory_mib if device == "cpu" else None),
            isolation=job.isolation,
            hidden=tuple(dict.fromkeys((str(folder.resolve().parent), *job.hidden))),
        ),
        thresholds={name: by_corpus[corpus_name] for name, by_corpus in exercise.thresholds.items()},
        left_out=frozenset(left_out),
    )


def leave_out(exercise: Exercise, device: str, only: Sequence[str] = ()) -> tuple[Exercise, Set[str]]:
    """Leave out the checks that are for other devices, and those that go on where they end; returns their ids too.

    Args:
        exercise, device: What is graded, and where.
        only: The checks that are wanted, with those that they need or continue; all, if none is named.

    Raises:
        MissingDevice: If none is left.
    """
    kept: dict[str, Check] = {}
    wanted = _with_needed(exercise, only) if only else {check.id for check in exercise.checks}
    for check in exercise.checks:
        if check.id not in wanted:
            continue
        if (not check.devices or device in check.devices) and (check.continues is None or check.continues in kept):
            needs = tuple(name for name in check.needs if name in kept)
            kept[check.id] = msgspec.structs.replace(check, needs=needs)
    if not kept:
        others = sorted({name for check in exercise.checks for name in check.devices})
        text = f"no check of {exercise.id} is for {device}; they are for {' and '.join(others)}"
        raise MissingDevice(text, hint=f"study grade {exercise.id} --device {others[0]}")
    left_out = {check.id for check in exercise.checks} - kept.keys()
    return msgspec.structs.replace(exercise, checks=tuple(kept.values())), left_out


def _with_needed(exercise: Exercise, only: Sequence[str]) -> set[str]:
    """Return the checks named, and all that must have passed before them."""
    wanted = set(only)
    for check in reversed(exercise.checks):  # what a check needs is above it
        if check.id in wanted:
            wanted |= {*check.needs, *([check.continues] if check.continues else [])}
    return wanted


def require_results(job: Job, plugin: "JudgePlugin", pytest_code: int) -> None:
    """Require that there is something to make a verdict of.

    Raises:
        StudyError: If the grade was refused, or the exercise's own files do not fit together.
    """
    if plugin.refusal:
        raise plugin.refusal
    if plugin.collection_problems:
        raise ContentError(plugin.collection_problems)
    if not plugin.results:
        file = find_checks(Path(job.folder)) or Path(job.folder) / EXERCISE
        raise ContentError([f"{file}: pytest ended with code {pytest_code} before any check ran"])


def make_verdict(
    job: Job, plugin: "JudgePlugin", device: str, found: Mapping[str, CheckResult], elapsed_s: float
) -> Verdict:
    """Make the verdict of what the plugin recorded of one submission."""
    results = decide(job.exercise.checks, found)
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
        pictures=plugin.pictures_recorded,
    )


def probe(zygote: Zygote) -> Probe:
    """Fork one worker with nothing to do, and report its sandbox and torch's devices."""
    from grader.judge.session import Session

    spawn = Spawn(sources=("",), filename="probe.py", forbid=(), device="cpu", seed=0, limits=Limits(memory_mib=1024))
    session = Session(zygote, spawn, {})
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
