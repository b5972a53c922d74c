"""The one call that other programs need: grade a file, and get its verdict."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from grader.core.errors import UsageError
from grader.core.job import Device, Isolation
from grader.core.verdict import Verdict
from grader.engine.client import OnEvent
from grader.grading.job import GradeOptions, make_job
from grader.grading.run import GradeRun
from grader.grading.submission import read_learner_file

if TYPE_CHECKING:
    from grader.core.corpus import Corpus
    from grader.course import Content


def open_course(folder: Path | str | None = None) -> "Content":
    """Load a course: the one in a folder, or the one that comes with study.

    Raises:
        UsageError: If there is none in the folder.
        ContentError: If it is invalid; the message lists every problem at `path:line:column`.
    """
    from grader.course import find_content_root, load_content
    from grader.files.cache import find_cache_dir

    return load_content(find_content_root(None if folder is None else str(folder)), find_cache_dir())


def grade(
    exercise_id: str,
    file: Path | str,
    *,
    course: "Content | None" = None,
    device: Device = "cpu",
    seed: int | None = None,
    isolation: Isolation = "best",
    on_event: OnEvent = lambda event: None,
) -> Verdict:
    """Grade one file, and return its verdict. Nothing is recorded, and nothing is printed.

    Args:
        exercise_id: The exercise, by its whole id.
        file: The learner's Python file or notebook.
        course: The course that has the exercise, as `open_course` returns it; None is the one that comes with study.
        device: Where the learner's code runs; "auto" is the fastest device that is there.
        seed: Repeats a grade with the same inputs; None draws one, which the verdict tells.
        isolation: "strict" refuses to grade where a layer of the sandbox is off, "none" leaves most of them out.
        on_event: Told what happens while the checks run.

    Raises:
        UsageError: If there is no such exercise or device.
        SubmissionUnreadable: If the file cannot be used.
        ContentError: If the course is invalid.
        GraderFault: If the grade could not be made; that is never the learner's fault.
    """
    content = open_course() if course is None else course
    exercise = content.exercises.get(exercise_id)
    if exercise is None:
        raise UsageError(f"there is no exercise {exercise_id}", hint="study list")
    path = Path(file)
    text = read_learner_file(exercise, content.folder(exercise.id), path)
    options = GradeOptions(device, seed, isolation)
    return GradeRun(make_job(content, exercise, text, str(path), options, _find_corpus(content, exercise_id))).finish(
        on_event
    )


def _find_corpus(content: "Content", exercise_id: str) -> "Corpus | None":
    """Find the names as the command does outside a workspace: STUDY_NAMES_FILE, the cache, a download, else built in."""
    if not content.exercises[exercise_id].corpus:
        return None
    from grader.corpus import corpus_settings, resolve_corpus
    from grader.files.cache import find_cache_dir

    return resolve_corpus(corpus_settings(os.environ, None, find_cache_dir()), report=lambda sentence: None)
