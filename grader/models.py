"""The words of the project as frozen data: readings, courses, exercises. Imports nothing of ours.

These structs are also the strict YAML schema: a field's type, default and `Meta` limits are what
`grader.course` checks a file against, so a new field here is a new key in the YAML.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

#: Ids are file names, Python names and words typed at a prompt: lower case, digits, and one kind of joint.
ExerciseId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
ReadingId = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
Text = Annotated[str, Meta(min_length=1)]
Url = Annotated[str, Meta(pattern=r"^https?://[^\s/$.?#][^\s]*$", max_length=500)]
Minutes = Annotated[int, Meta(ge=1, le=6000)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]

ReadingKind = Literal["lecture", "paper", "post", "topic", "repo", "notebook", "book", "course", "video"]
CorpusName = Literal["names", "embedded"]
Device = Literal["cpu", "cuda", "mps"]


class Chapter(Struct, frozen=True, forbid_unknown_fields=True):
    """One chapter of a recorded lecture; `t` is its start in seconds."""

    t: Annotated[int, Meta(ge=0)]
    title: Text


class Reading(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entry of the reading list."""

    id: ReadingId
    kind: ReadingKind
    title: Text
    track: ReadingId
    minutes: Minutes
    authors: tuple[Text, ...] = ()
    year: Annotated[int, Meta(ge=1800, le=2200)] | None = None
    url: Url | None = None
    video_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{11}$")] | None = None
    note: Text | None = None
    chapters: tuple[Chapter, ...] = ()


class ReadingRef(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A reading an exercise belongs to; `chapter` is the start, in seconds, of the chapter to watch."""

    id: ReadingId
    chapter: Annotated[int, Meta(ge=0)] | None = None


class Check(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One scored check: the pytest function `test_<id>` of checks.py.

    `needs` are checks that must pass first; `continues` names one check whose worker process this one goes
    on using, so that a model trained there need not be trained again. `timeout_s` bounds the learner's code.
    """

    id: Name
    title: Text
    points: Annotated[int, Meta(ge=1, le=100)] = 1
    needs: tuple[Name, ...] = ()
    continues: Name | None = None
    timeout_s: Seconds = 10.0


class Mutant(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One typical mistake: `code`, or mutants/<id>.py, redefines what it gets wrong on top of the solution."""

    id: Name
    says: Text
    caught_by: Name
    code: Text | None = None


class Alternative(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Another right answer, that has to pass: `code`, or accept/<id>.py, is a whole file."""

    id: Name
    code: Text | None = None


class Equivalent(Struct, frozen=True, forbid_unknown_fields=True):
    """An automatic mutant that no check can catch: the change, as `study verify` names it, and why it is right too."""

    change: Text
    why: Text


class Exercise(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One exercise; its code stands here, or beside it in stub.py, solution.py, checks.py, mutants/ and accept/."""

    id: ExerciseId
    title: Text
    readings: Annotated[tuple[ReadingRef, ...], Meta(min_length=1)]
    difficulty: Annotated[int, Meta(ge=1, le=5)]
    minutes: Minutes
    statement: Text
    hints: Annotated[tuple[Text, ...], Meta(min_length=1)]
    checks: Annotated[tuple[Check, ...], Meta(min_length=1)]
    mutants: Annotated[tuple[Mutant, ...], Meta(min_length=1)]
    prerequisites: tuple[ExerciseId, ...] = ()
    stub: Text | None = None
    solution: Text | None = None
    accept: tuple[Alternative, ...] = ()
    equivalent: tuple[Equivalent, ...] = ()
    forbid: tuple[Text, ...] = ()
    forbid_operators: tuple[Text, ...] = ()
    corpus: bool = False
    thresholds: dict[Name, dict[CorpusName, float]] = {}
    import_timeout_s: Seconds = 20.0
    memory_mib: Annotated[int, Meta(ge=64, le=65536)] = 2048


class Unit(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A stretch of a course: readings and exercises in the order they are meant to be done."""

    id: ReadingId
    title: Text
    summary: Text
    readings: tuple[ReadingId, ...] = ()
    exercises: tuple[ExerciseId, ...] = ()


class Course(Struct, frozen=True, forbid_unknown_fields=True):
    """One file of curriculum/."""

    id: ReadingId
    title: Text
    summary: Text
    units: Annotated[tuple[Unit, ...], Meta(min_length=1)]


class ReadingList(Struct, frozen=True, forbid_unknown_fields=True):
    """reading_list.yaml."""

    readings: Annotated[tuple[Reading, ...], Meta(min_length=1)]
