"""One grade as it travels: from the command that asks for it to the process that makes it. Sending it loads no torch."""

from typing import Literal

from msgspec import Struct

from grader.core.corpus import Corpus
from grader.core.models import Exercise
from grader.core.source_map import SourceMap, Span

Isolation = Literal["strict", "best", "none"]
Device = Literal["cpu", "cuda", "mps", "auto"]
DEVICES: tuple[Device, ...] = ("cpu", "cuda", "mps", "auto")
ISOLATIONS: tuple[Isolation, ...] = ("strict", "best", "none")


class Variant(Struct, frozen=True):
    """A mutant to be graded beside others: a whole text that the exercise's author is answerable for."""

    text: str
    #: The checks to run, in this order: all that they need or continue stand before them.
    checks: tuple[str, ...]
    #: Which of the exercise's own mutants it is; empty for any other.
    mutant: str = ""


class Job(Struct, frozen=True, kw_only=True):
    """One grade: the exercise and its folder, the learner's text, and how to grade it."""

    exercise: Exercise
    #: Where the exercise's code lies, as an absolute path.
    folder: str
    #: The text of the learner's file.
    submission: str
    #: That file's name for messages.
    path: str
    #: Makes every check's inputs.
    seed: int
    #: "auto" is the fastest that is there.
    device: Device = "cpu"
    #: The names, for an exercise that uses them.
    corpus: Corpus | None = None
    #: "strict" refuses to grade where a layer of the sandbox is off; "none" leaves most of them out.
    isolation: Isolation = "best"
    #: Only whether it passes is wanted: end at the first check that fails, and look for no cause.
    stop_early: bool = False
    #: The checks to run, with those that they need or continue; all, if none is named.
    only: tuple[str, ...] = ()
    #: Folders with exercises of other courses, which are hidden from the learner's code like the exercise's own.
    hidden: tuple[str, ...] = ()
    #: Mutants to be graded instead of the submission, one after the other in one worker. Never a learner's text.
    variants: tuple[Variant, ...] = ()
    #: The cells that the text was gathered from, if it is not a plain file.
    spans: tuple[Span, ...] = ()

    @property
    def source_map(self) -> SourceMap:
        """The learner's text, and the names of its lines."""
        return SourceMap(self.path, self.submission, self.spans)
