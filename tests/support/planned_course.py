"""A course in memory, for what plans the next step."""

from grader.core.models import Chapter, Check, Course, Exercise, Mutant, Reading, ReadingRef, Unit
from grader.course import Content

INTRO, BUILDING = Chapter(0, "intro"), Chapter(3690, "building")
LECTURE = Reading(
    "toy-lecture", "lecture", "A lecture", "toys", 90, video_id="abcdefghijk", chapters=(INTRO, BUILDING),
    url="https://www.youtube.com/watch?v=abcdefghijk",
)  # fmt: skip
PAPER = Reading("toy-paper", "paper", "A paper", "toys", 60, url="https://example.org/toy.pdf")
TALK = Reading("toy-talk", "topic", "A talk nobody recorded", "toys", 5)


def make_exercise(name: str, *prerequisites: str, ref: ReadingRef | None = None) -> Exercise:
    return Exercise(
        id=name,
        title=f"The title of {name}",
        readings=(ref or ReadingRef("toy-paper"),),
        difficulty=2,
        minutes=25,
        statement="Write it.",
        hints=("Think.",),
        checks=(Check("right", "It is right"),),
        mutants=(Mutant("wrong", "It is wrong.", "right"),),
        prerequisites=prerequisites,
    )


ADD = make_exercise("add", ref=ReadingRef("toy-lecture", 3690))
DOUBLE = make_exercise("double", "add")
HALVE = make_exercise("halve")
NEGATE = make_exercise("negate", "add", "double")
FIRST = Unit("first", "First steps", "You can add.", ("toy-lecture", "toy-talk"), ("add", "double"))
SECOND = Unit("second", "Second steps", "You can negate.", ("toy-paper",), ("negate", "halve"))


def make_content(*units: Unit) -> Content:
    return Content(
        root="/nowhere",
        readings={reading.id: reading for reading in (LECTURE, PAPER, TALK)},
        courses=tuple(Course(f"course-{unit.id}", "Toys", "Toys.", (unit,)) for unit in units or (FIRST, SECOND)),
        exercises={exercise.id: exercise for exercise in (NEGATE, HALVE, DOUBLE, ADD)},
    )
