"""The record of a proof, kept beside the exercise: what was proved, with what, and whether that still holds.

A proof of one exercise costs some hundred grades. Its record is committed with the exercise, so that others prove again
only what has changed, and a sample of the rest.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from grader.core.models import Exercise
from grader.course.code import RECORD
from grader.verify.digest import digest_corpus, digest_folder, digest_verdict_code
from grader.verify.findings import ProofReport
from grader.verify.run import ProofOptions

#: `missing`: it was never proved. `unfit`: the folder has changed since. `old`: the folder is as it was proved, but
#: the grader, torch, pytest or a corpus is another one. `fit`: all is as it was.
State = Literal["missing", "unfit", "old", "fit"]
#: So many exercises are proved again in any case, and this share of those that were proved with other code.
LEAST_SAMPLE = 8
SHARE_AFTER_CHANGE = 1 / 3


class Mutants(Struct, frozen=True, forbid_unknown_fields=True):
    """The declared mutants: all of them, those that can be told apart, and of these those given their own sentence."""

    declared: int
    distinct: int
    named: int


class AutomaticMutants(Struct, frozen=True, forbid_unknown_fields=True):
    """The automatic mutants: made, graded (a sample where the checks are slow), caught, and explained as right."""

    made: int
    graded: int
    caught: int
    explained: int


class ProofRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """What one exercise was proved with, and what came of it; digests are hexadecimal blake2b."""

    exercise: str
    folder: str
    code: str
    torch: str
    pytest: str
    corpora: dict[str, str]
    seeds: int
    checks: int
    alternatives: int
    mutants: Mutants
    automatic: AutomaticMutants
    grades: int
    seconds: float


def make_record(exercise: Exercise, folder: Path, report: ProofReport, options: ProofOptions) -> ProofRecord:
    """Make the record of an exercise that is proved."""
    return ProofRecord(
        exercise=exercise.id,
        folder=digest_folder(folder),
        code=digest_verdict_code(),
        torch=_version("torch"),
        pytest=_version("pytest"),
        corpora={corpus.name: digest_corpus(corpus) for corpus in options.corpora} if exercise.corpus else {},
        seeds=options.seeds,
        checks=len(exercise.checks),
        alternatives=len(exercise.accept),
        mutants=Mutants(len(exercise.mutants), report.diagnosis.mutants, report.diagnosis.named),
        automatic=AutomaticMutants(
            made=report.automatic.made,
            graded=report.automatic.graded,
            caught=report.automatic.caught,
            explained=len(report.automatic.equivalent),
        ),
        grades=report.grades,
        seconds=round(report.checks_s, 1),
    )


def find_record(folder: Path) -> ProofRecord | None:
    """Return the record in an exercise's folder; None if there is none that can be read."""
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=ProofRecord)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None


def write_record(folder: Path, record: ProofRecord) -> bool:
    """Write a record, unless the one that is there says the same; returns whether it was written.

    Seconds alone are no reason to write it again: they differ each time.

    Raises:
        OSError: If it cannot be written.
    """
    before = find_record(folder)
    if before is not None and msgspec.structs.replace(before, seconds=record.seconds) == record:
        return False
    (folder / RECORD).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    return True


def judge_record(exercise: Exercise, folder: Path, code: str) -> State:
    """Tell whether the record of an exercise still holds.

    Args:
        exercise, folder: What was proved.
        code: The digest of the code that can change a verdict, as it is now.
    """
    record = find_record(folder)
    if record is None or record.exercise != exercise.id:
        return "missing"
    if record.folder != digest_folder(folder):
        return "unfit"
    same = (record.code, record.torch, record.pytest) == (code, _version("torch"), _version("pytest"))
    return "fit" if same else "old"


def choose_sample(states: Mapping[str, State], commit: str) -> list[str]:
    """Choose the exercises to prove again: all without a record, and a sample of the rest drawn by the commit.

    Args:
        states: The state of every exercise's record.
        commit: What draws the sample: the same text draws the same exercises.

    Returns:
        Their ids, in the order of `states`.
    """
    recorded = [name for name, state in states.items() if state != "missing"]
    old = [name for name in recorded if states[name] == "old"]

    def draw(names: Sequence[str], number: int) -> list[str]:
        return sorted(names, key=lambda name: hashlib.sha256(f"{commit} {name}".encode()).digest())[:number]

    first = draw(old, math.ceil(len(old) * SHARE_AFTER_CHANGE))
    rest = draw([name for name in recorded if name not in first], max(0, LEAST_SAMPLE - len(first)))
    chosen = {*first, *rest, *(name for name in states if states[name] == "missing")}
    return [name for name in states if name in chosen]


def describe_states(states: Mapping[str, State]) -> Sequence[str]:
    """Say what is to be done about records that do not fit, a line each, with what to type."""
    lines = []
    old = [name for name, state in states.items() if state == "old"]
    if old:
        lines.append(
            f"{len(old)} of {len(states)} records were made with another grader, torch or pytest: "
            "a third of them is proved again by the tests (all: make prove)"
        )
    for name, state in states.items():
        if state == "missing":
            lines.append(f"{name} has no record of a proof\nnext: study verify {name}")
        elif state == "unfit":
            lines.append(f"{name} has changed since it was proved\nnext: study verify {name}")
    return lines or [f"{len(states)} {'record fits' if len(states) == 1 else 'records fit'}"]


def _version(package: str) -> str:
    # The build of torch ("+cpu") does not count: the same release proves the same.
    return version(package).partition("+")[0]
