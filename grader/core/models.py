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

#: LaTeX without dollar signs; see grader/formulas for what it may hold.
Formula = Annotated[str, Meta(min_length=1, max_length=300)]

Factor = Annotated[float, Meta(gt=0, le=1000)]
#: A small part of Python, see grader/expressions; it is never run as Python.
Expression = Annotated[str, Meta(min_length=1, max_length=1000)]
Variable = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=60)]
ExceptionName = Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z]*$", max_length=60)]

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


class Budget(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a call may cost, as multiples of what the reference costs on the same inputs."""

    operations: Factor | None = None
    bytes: Factor | None = None
    seconds: Factor | None = None


class LossUnder(Struct, frozen=True, forbid_unknown_fields=True):
    """A loss that the judge computes: `of` is an expression over `result` and the inputs, in nats."""

    of: Expression
    threshold: Name


class Expectation(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must hold of one call: exactly one kind, with `tolerance` and `because` beside those that compare."""

    equals: Expression | None = None
    shape: Expression | None = None
    dtype: Expression | None = None
    holds: Expression | None = None
    raises: ExceptionName | None = None
    gradient: tuple[Variable, ...] = ()
    unchanged: tuple[Variable, ...] = ()
    deterministic: bool = False
    simulated_cuda: bool = False
    operators_forbidden: tuple[Text, ...] = ()
    operators_required: tuple[Text, ...] = ()
    at_most: Budget | None = None
    loss_under: LossUnder | None = None
    #: Of `raises`: what its message must match, as a regular expression.
    message: Text | None = None
    #: Absolute and relative, by dtype; what is left out is the default of its dtype.
    tolerance: dict[Text, Annotated[float, Meta(ge=0, le=10)]] = {}
    #: Why the tolerance is what it is; or, with `holds`, what to tell a learner for whom it does not hold.
    because: Text | None = None


class Drawing(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Lines drawn of the result of a check's first call, once all that is expected of it holds."""

    title: Text
    lines: dict[Text, Expression]
    x: Expression | None = None
    x_label: Text | None = None
    y_label: Text | None = None
    log_x: bool = False
    log_y: bool = False


class Check(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One scored check: the pytest function `test_<id>` of checks.py, or a `call` with what is expected of it.

    `needs` are checks that must pass first; `continues` names one check whose worker process this one goes
    on using, so that a model trained there need not be trained again. `timeout_s` bounds the learner's code.

    With a `call`: `given` names its inputs, `cases` are further sets of inputs, each on top of `given`; all of it is
    done for `seeds` seeds, and `picture` draws the first result. A `hidden` title is shown once the check has run. On
    a device that is none of `devices` the check is left out.
    """

    id: Name
    title: Text
    points: Annotated[int, Meta(ge=1, le=100)] = 1
    needs: tuple[Name, ...] = ()
    continues: Name | None = None
    timeout_s: Seconds = 10.0
    hidden: bool = False
    given: dict[Variable, Expression] = {}
    call: Expression | None = None
    cases: tuple[dict[Variable, Expression], ...] = ()
    expect: tuple[Expectation, ...] = ()
    seeds: Annotated[int, Meta(ge=1, le=50)] = 1
    devices: tuple[Device, ...] = ()
    picture: Drawing | None = None


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


class Question(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An open question, asked once the exercise is solved; `points` are what a good answer says.

    Where the answer holds a number, `number` is compared with those in the learner's text.
    """

    id: Name
    asks: Text
    points: Annotated[tuple[Text, ...], Meta(min_length=1)]
    number: float | None = None
    within: Annotated[float, Meta(gt=0)] | None = None


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
    formulas: Annotated[tuple[Formula, ...], Meta(max_length=6)] = ()
    taught: Text | None = None
    questions: tuple[Question, ...] = ()
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
