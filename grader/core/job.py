"""What the runner hands to an engine, and what comes back beside a verdict; sending it loads no torch."""

from typing import Literal

from msgspec import Struct

from grader.core.models import Exercise
from grader.core.source_map import Stretch
from grader.corpus import Corpus

Isolation = Literal["strict", "best", "none"]


class Job(Struct, frozen=True):
    """One grade: the exercise and its folder, the learner's text, and what was asked on the command line."""

    exercise: Exercise
    folder: str
    submission: str
    path: str
    seed: int
    device: str
    corpus: Corpus | None
    isolation: Isolation = "best"
    #: Only whether it passes is wanted: end at the first check that fails, and look for no cause.
    stop_early: bool = False
    #: The checks to run, with those that they need or continue; all, if none is named.
    only: tuple[str, ...] = ()
    #: Folders with exercises of other courses, which are hidden from the learner's code like the exercise's own.
    hidden: tuple[str, ...] = ()
    #: The cells that the text was gathered from, if it is no plain file.
    stretches: tuple[Stretch, ...] = ()


class Layer(Struct, frozen=True):
    """One layer of the sandbox: whether it is on, and what it is for or why it is off."""

    on: bool
    why: str


class Probe(Struct, frozen=True):
    """What an engine found out about this machine: torch's devices, and which layers isolate a worker."""

    devices: tuple[str, ...]
    isolation: dict[str, Layer]
    elapsed_s: float
