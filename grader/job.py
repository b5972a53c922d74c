"""What goes to the engine and comes back beside a verdict: the job the runner hands to the engine; apart from `grader.engine`, so that sending it loads no torch."""

from msgspec import Struct

from grader.corpus import Corpus
from grader.models import Exercise


class Job(Struct, frozen=True):
    """One grade: the exercise and its folder, the learner's text, and what was asked on the command line."""

    exercise: Exercise
    folder: str
    submission: str
    path: str
    seed: int
    device: str
    corpus: Corpus | None


class Probe(Struct, frozen=True):
    """What an engine found out about this machine: torch's devices, and which layers isolate a worker."""

    devices: tuple[str, ...]
    isolation: dict[str, bool]
    elapsed_s: float
