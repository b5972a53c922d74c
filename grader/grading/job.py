"""Make the job of one grade: from the course, the learner's text and how they want it graded."""

import os
from typing import TYPE_CHECKING, NamedTuple

from grader.core.corpus import Corpus
from grader.core.job import Device, Isolation, Job
from grader.core.models import Exercise
from grader.grading.submission import SubmissionText

if TYPE_CHECKING:
    from grader.course import Content


class GradeOptions(NamedTuple):
    """How to grade: on which device, with which seed (None draws one), and how isolated."""

    device: Device = "cpu"
    seed: int | None = None
    isolation: Isolation = "best"


def make_job(
    content: "Content",
    exercise: Exercise,
    text: SubmissionText,
    path: str,
    options: GradeOptions,
    corpus: Corpus | None = None,
) -> Job:
    """Make the job of one grade.

    Args:
        content: The courses that are in use; what all of them hide is hidden from the learner's code.
        exercise: What is graded.
        text: The learner's text, as `read_learner_file` returns it.
        path: The name of their file for messages.
        options: How to grade.
        corpus: The names, for an exercise that uses them.
    """
    return Job(
        exercise=exercise,
        folder=str(content.folder(exercise.id).resolve()),
        submission=text.source,
        path=path,
        seed=draw_seed() if options.seed is None else options.seed,
        device=options.device,
        corpus=corpus,
        isolation=options.isolation,
        hidden=content.exercise_folders,
        spans=text.spans,
    )


def draw_seed() -> int:
    """Draw the seed of a grade: 31 bits, which every generator takes."""
    return int.from_bytes(os.urandom(4), "little") >> 1
