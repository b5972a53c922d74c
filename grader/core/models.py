"""The words of the project as frozen data: readings, courses, exercises. Imports nothing of ours but types of values.

These structs are also the strict YAML schema: a field's type, default and `Meta` limits are what
`grader.course` checks a file against, so a new field here is a new key in the YAML. Its `Meta` description is what editors
show and what `docs/authoring.md` lists.
"""

from typing import Annotated

from msgspec import Meta, Struct

from grader.core.expectations import Expectation
from grader.core.keys import (
    ByCorpus,
    Device,
    ExerciseId,
    Expression,
    Formula,
    Minutes,
    Name,
    ReadingId,
    ReadingKind,
    Seconds,
    Text,
    Url,
    Variable,
)


class Chapter(Struct, frozen=True, forbid_unknown_fields=True):
    """One chapter of a recorded lecture; `t` is its start in seconds."""

    t: Annotated[int, Meta(ge=0, description="Where the chapter starts, in whole seconds.")]
    title: Annotated[Text, Meta(description="The chapter's title, as the video shows it.")]


class Reading(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entry of the reading list."""

    id: Annotated[
        ReadingId,
        Meta(
            description="The name by which courses and exercises refer to this reading: lower-case words joined by -."
        ),
    ]
    kind: Annotated[ReadingKind, Meta(description="What sort of thing it is.")]
    title: Annotated[Text, Meta(description="Its title as published.")]
    track: Annotated[ReadingId, Meta(description="The topic it is listed under: lower-case words joined by -.")]
    minutes: Annotated[Minutes, Meta(description="How long it takes to read or watch.")]
    authors: Annotated[tuple[Text, ...], Meta(description="Who made it, in the order given there.")] = ()
    year: Annotated[Annotated[int, Meta(ge=1800, le=2200)] | None, Meta(description="When it was published.")] = None
    url: Annotated[Url | None, Meta(description="Where to find it: a whole address.")] = None
    video_id: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{11}$")] | None,
        Meta(description="The 11 characters behind watch?v= in the address of a YouTube video."),
    ] = None
    note: Annotated[Text | None, Meta(description="What a learner should know before opening it.")] = None
    chapters: Annotated[
        tuple[Chapter, ...], Meta(description="The chapters of a recorded lecture, by rising start.")
    ] = ()


class ReadingRef(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A reading an exercise belongs to; `chapter` is the start, in seconds, of the chapter to watch."""

    id: Annotated[ReadingId, Meta(description="The id of a reading in reading_list.yaml.")]
    chapter: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="The start of the chapter to watch, in seconds, as in that reading's `chapters`."),
    ] = None


class Drawing(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Lines drawn of the result of a check's first call, once all that is expected of it holds."""

    title: Annotated[Text, Meta(description="What the picture shows.")]
    lines: Annotated[
        dict[Text, Expression],
        Meta(
            description="The lines by label: each a list of numbers, an expression over `result`, `reference` and the inputs."
        ),
    ]
    x: Annotated[
        Expression | None, Meta(description="The list of x values of all lines; by default their points are numbered.")
    ] = None
    x_label: Annotated[Text | None, Meta(description="What the x axis is.")] = None
    y_label: Annotated[Text | None, Meta(description="What the y axis is.")] = None
    log_x: Annotated[bool, Meta(description="Whether the x axis is logarithmic.")] = False
    log_y: Annotated[bool, Meta(description="Whether the y axis is logarithmic.")] = False


class Check(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One scored check: the pytest function `test_<id>` of checks.py, or a `call` with what is expected of it.

    `needs` are checks that must pass first; `continues` names one check whose worker process this one goes
    on using, so that a model trained there need not be trained again. `timeout_s` bounds the learner's code.

    With a `call`: `given` names its inputs, `cases` are further sets of inputs, each on top of `given`; all of it is
    done for `seeds` seeds, and `picture` draws the first result. A `hidden` title is shown once the check has run. On
    a device that is none of `devices` the check is left out.
    """

    id: Annotated[
        Name, Meta(description="The check's name; without `call` it is the function `test_<id>` of checks.py.")
    ]
    title: Annotated[Text, Meta(description="What the learner reads beside ✓ or ✗.")]
    points: Annotated[int, Meta(ge=1, le=100, description="Its weight in the score.")] = 1
    needs: Annotated[tuple[Name, ...], Meta(description="Checks that must pass first; else this one is not run.")] = ()
    continues: Annotated[
        Name | None,
        Meta(description="The check whose worker process this one goes on using, with everything trained there."),
    ] = None
    timeout_s: Annotated[Seconds, Meta(description="How many seconds the learner's code may take in this check.")] = (
        10.0
    )
    hidden: Annotated[bool, Meta(description="Whether the title is kept from the learner until the check has run.")] = (
        False
    )
    given: Annotated[
        dict[Variable, Expression],
        Meta(description="The inputs by name: expressions, drawn in this order from the check's seed."),
    ] = {}
    call: Annotated[
        Expression | None, Meta(description="The call of the submission: a name of the stub and its arguments.")
    ] = None
    cases: Annotated[
        tuple[dict[Variable, Expression], ...], Meta(description="Further sets of inputs, each on top of `given`.")
    ] = ()
    expect: Annotated[tuple[Expectation, ...], Meta(description="What must hold of every call.")] = ()
    seeds: Annotated[int, Meta(ge=1, le=50, description="For how many seeds all of it is done.")] = 1
    devices: Annotated[
        tuple[Device, ...],
        Meta(description="For which devices it is, by default for all; on another it is left out of the grade."),
    ] = ()
    picture: Annotated[
        Drawing | None,
        Meta(description="Lines to draw of the first call's result, for the learner to see after the grade."),
    ] = None


class Mutant(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One typical mistake: `code`, or mutants/<id>.py, redefines what it gets wrong on top of the solution."""

    id: Annotated[Name, Meta(description="The mistake's name, and that of mutants/<id>.py.")]
    says: Annotated[Text, Meta(description="What to tell a learner whose answers are those of this mutant.")]
    caught_by: Annotated[Name, Meta(description="The check that must fail for it.")]
    code: Annotated[
        Text | None, Meta(description="Its code, if there is no mutants/<id>.py: it redefines names of the solution.")
    ] = None


class Alternative(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Another right answer, that has to pass: `code`, or accept/<id>.py, is a whole file."""

    id: Annotated[Name, Meta(description="Its name, and that of accept/<id>.py.")]
    code: Annotated[Text | None, Meta(description="Its code, if there is no accept/<id>.py: a whole file.")] = None


class Equivalent(Struct, frozen=True, forbid_unknown_fields=True):
    """An automatic mutant that no check can catch: the change, as `study verify` names it, and why it is right too."""

    change: Annotated[Text, Meta(description="The automatic change, in the words of `study verify`.")]
    why: Annotated[Text, Meta(description="Why the changed solution is right too.")]


class Question(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An open question, asked once the exercise is solved; `points` are what a good answer says.

    Where the answer holds a number, `number` is compared with those in the learner's text.
    """

    id: Annotated[Name, Meta(description="Its name: lower-case words joined by _.")]
    asks: Annotated[Text, Meta(description="The question.")]
    points: Annotated[
        tuple[Text, ...],
        Meta(min_length=1, description="What a good answer says; shown to the learner after their own."),
    ]
    number: Annotated[float | None, Meta(description="The number that a right answer holds, if it holds one.")] = None
    within: Annotated[
        Annotated[float, Meta(gt=0)] | None, Meta(description="How far from it the learner's number may be.")
    ] = None


class Exercise(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One exercise; its code is here, or beside it in stub.py, solution.py, checks.py, mutants/ and accept/."""

    id: Annotated[ExerciseId, Meta(description="The exercise's name: that of its folder, and of the learner's file.")]
    title: Annotated[Text, Meta(description="One line that says what is to be done.")]
    readings: Annotated[tuple[ReadingRef, ...], Meta(min_length=1, description="The readings it belongs to.")]
    difficulty: Annotated[int, Meta(ge=1, le=5, description="From 1 (easy) to 5 (hard).")]
    minutes: Annotated[Minutes, Meta(description="How long it takes a learner who knows the readings.")]
    statement: Annotated[Text, Meta(description="The task: what to write, what counts, and its source.")]
    hints: Annotated[
        tuple[Text, ...], Meta(min_length=1, description="Hints from vague to plain, shown one at a time.")
    ]
    checks: Annotated[
        tuple[Check, ...], Meta(min_length=1, description="The scored checks, from easy to hard; all must pass.")
    ]
    mutants: Annotated[
        tuple[Mutant, ...],
        Meta(min_length=1, description="Typical mistakes: they prove the checks, and tell a learner what went wrong."),
    ]
    formulas: Annotated[
        tuple[Formula, ...],
        Meta(
            max_length=6,
            description="The statement's formulas in LaTeX without dollar signs, shown below it in notebooks.",
        ),
    ] = ()
    taught: Annotated[
        Text | None,
        Meta(
            description="What it taught, shown after a pass: the idea, the figure that proves it, where it comes back."
        ),
    ] = None
    questions: Annotated[
        tuple[Question, ...], Meta(description="Open questions that are asked once the exercise is solved.")
    ] = ()
    prerequisites: Annotated[tuple[ExerciseId, ...], Meta(description="Exercises to be solved first.")] = ()
    stub: Annotated[Text | None, Meta(description="What the learner gets, if there is no stub.py.")] = None
    solution: Annotated[Text | None, Meta(description="The reference, if there is no solution.py.")] = None
    accept: Annotated[tuple[Alternative, ...], Meta(description="Other right answers, which have to pass.")] = ()
    equivalent: Annotated[
        tuple[Equivalent, ...],
        Meta(description="Automatic changes of the solution that are right too, so that no check can catch them."),
    ] = ()
    forbid: Annotated[
        tuple[Text, ...],
        Meta(description="Names that may not be written, such as torch.softmax, or .mul_ for a method."),
    ] = ()
    forbid_operators: Annotated[
        tuple[Text, ...], Meta(description="Parts of the names of torch operators that may not run.")
    ] = ()
    corpus: Annotated[bool, Meta(description="Whether the checks use the names corpus.")] = False
    thresholds: Annotated[
        dict[Name, ByCorpus], Meta(description="Named bounds, each with one number for every corpus.")
    ] = {}
    import_timeout_s: Annotated[
        Seconds, Meta(description="How many seconds importing the learner's file may take.")
    ] = 20.0
    memory_mib: Annotated[
        int, Meta(ge=64, le=65536, description="How much memory the learner's code may use, in MiB.")
    ] = 2048


class Unit(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A stretch of a course: readings and exercises in the order they are meant to be done."""

    id: Annotated[ReadingId, Meta(description="The unit's name: lower-case words joined by -.")]
    title: Annotated[Text, Meta(description="Its title.")]
    summary: Annotated[Text, Meta(description="What a learner can do at its end.")]
    readings: Annotated[
        tuple[ReadingId, ...], Meta(description="Ids of readings, in the order they are meant to be read.")
    ] = ()
    exercises: Annotated[
        tuple[ExerciseId, ...], Meta(description="Ids of exercises, in the order they are meant to be solved.")
    ] = ()


class Course(Struct, frozen=True, forbid_unknown_fields=True):
    """One file of curriculum/."""

    id: Annotated[ReadingId, Meta(description="The course's name: lower-case words joined by -.")]
    title: Annotated[Text, Meta(description="Its title.")]
    summary: Annotated[Text, Meta(description="What the course is about.")]
    units: Annotated[tuple[Unit, ...], Meta(min_length=1, description="Its units, in their order.")]


class ReadingList(Struct, frozen=True, forbid_unknown_fields=True):
    """reading_list.yaml."""

    readings: Annotated[tuple[Reading, ...], Meta(min_length=1, description="Everything there is to read and watch.")]
