"""The next step follows from the course and the progress alone, and says why."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from grader.core.errors import UsageError
from grader.core.models import Chapter, Check, Course, Exercise, Mutant, Reading, ReadingRef, Unit
from grader.course import Content
from grader.plan.choose_id import resolve_id
from grader.plan.next_step import NextStep, ReadingStep, describe_reading, link_to, plan_next
from grader.progress import ExerciseProgress, Progress, ReadingProgress
from grader.progress.records import ExerciseStatus, ReadingState

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


def make_progress(last_started: str | None = None, attempts: int = 1, **statuses: ExerciseStatus) -> Progress:
    return Progress(
        exercises={
            name: ExerciseProgress(exercise_id=name, status=status, attempts=0 if status == "started" else attempts)
            for name, status in statuses.items()
        },
        readings={},
        last_started=last_started,
        attempts=0,
    )


def with_readings(progress: Progress, **states: ReadingState | None) -> Progress:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    readings = {
        name.replace("_", "-"): ReadingProgress(state=state, minutes=0, notes=(), changed_at=at)
        for name, state in states.items()
    }
    return Progress(exercises=progress.exercises, readings=readings, last_started=progress.last_started, attempts=0)


def proposed(progress: Progress, content: Content | None = None) -> str | None:
    exercise = plan_next(content or make_content(), progress).exercise
    return exercise.id if exercise else None


def test_newcomer_gets_the_first_exercise_with_its_reading_and_the_reasons() -> None:
    """The whole proposal: what to watch from which minute, what to solve, why, and what to type."""
    assert plan_next(make_content(), make_progress()) == NextStep(
        unit=FIRST,
        exercise=ADD,
        reading=ReadingStep(LECTURE, BUILDING, "https://www.youtube.com/watch?v=abcdefghijk&t=3690s", "new"),
        reasons=(
            "it is the first open exercise of “First steps”",
            "it builds on no other exercise",
            "about 25 minutes, difficulty 2 of 5",
        ),
        command="study start add",
    )


def test_exercise_that_was_graded_is_to_be_graded_again() -> None:
    """Who has tried is told how often, and to grade, not to start."""
    step = plan_next(make_content(), make_progress(attempts=3, add="solved", double="tried"))
    assert (step.exercise, step.command) == (DOUBLE, "study grade double")
    assert step.reasons == (
        "you have begun it, and graded it 3 times",
        "what it builds on is solved: add",
        "about 25 minutes, difficulty 2 of 5",
    )


@pytest.mark.parametrize(
    ("progress", "reason"),
    [
        (make_progress(add="started"), "you have begun it"),
        (make_progress(add="tried"), "you have begun it, and graded it 1 time"),
    ],
)
def test_beginning_is_told_in_the_right_number(progress: Progress, reason: str) -> None:
    """None, one and many attempts read well."""
    assert plan_next(make_content(), progress).reasons[0] == reason


def test_order_is_that_of_the_units_not_of_the_names() -> None:
    """The files of curriculum/ hold the order, and nothing else does."""
    order = []
    progress = make_progress()
    while name := proposed(progress):
        order.append(name)
        progress = make_progress(**dict.fromkeys(order, "solved"))
    assert order == ["add", "double", "negate", "halve"]
    assert proposed(make_progress(), make_content(SECOND, FIRST)) == "halve"


def test_exercise_whose_prerequisites_are_open_is_passed_over() -> None:
    """The reasons do not call an exercise the first open one when it only is the first that is ready."""
    step = plan_next(make_content(SECOND, FIRST), make_progress())
    assert step.exercise == HALVE
    assert step.reasons[0] == "it is the first exercise of “Second steps” that you are ready for"


def test_trying_a_prerequisite_is_not_solving_it() -> None:
    """Only a solved prerequisite counts, and all of them have to be solved."""
    assert proposed(make_progress(add="solved", double="tried", negate="tried")) == "double"
    assert proposed(make_progress(add="solved", double="solved")) == "negate"


def test_what_was_begun_comes_before_what_is_new() -> None:
    """Finishing goes before starting, even where the new exercise stands earlier."""
    assert proposed(make_progress(halve="tried")) == "halve"


def test_of_several_begun_the_last_started_comes_first() -> None:
    """The learner goes on where they were; else in the order of the course."""
    assert proposed(make_progress("halve", add="tried", halve="started")) == "halve"
    assert proposed(make_progress(None, add="tried", halve="started")) == "add"
    assert proposed(make_progress("double", add="tried", halve="started")) == "add"


def test_begun_exercise_is_proposed_even_if_it_was_begun_too_early() -> None:
    """Who has begun wants to finish, and is told what it builds on that is still open."""
    step = plan_next(make_content(), make_progress("negate", negate="tried", add="solved"))
    assert (step.exercise, step.command) == (NEGATE, "study grade negate")
    assert step.reasons == (
        "you have begun it, and graded it 1 time",
        "it builds on exercises not solved yet: double",
        "about 25 minutes, difficulty 2 of 5",
    )
    begun_both = make_progress(None, negate="tried", add="started")
    assert plan_next(make_content(), begun_both).exercise == ADD
    unsolved = make_progress("negate", negate="started", add="tried")
    assert plan_next(make_content(), unsolved).reasons[1] == "it builds on exercises not solved yet: add, double"


class Asked(dict[str, Exercise]):
    """Exercises that remember which of them were looked at."""

    def __init__(self, exercises: Mapping[str, Exercise]) -> None:
        super().__init__(exercises)
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Exercise:
        self.names.add(name)
        return super().__getitem__(name)


@pytest.mark.parametrize(
    ("progress", "names"),
    [
        (make_progress(), {"add"}),
        (make_progress(add="solved"), {"double"}),
        (make_progress(halve="tried"), {"halve"}),
        (make_progress(add="solved", double="solved", negate="solved", halve="solved"), set()),
    ],
)
def test_no_more_exercises_are_looked_at_than_it_takes(progress: Progress, names: set[str]) -> None:
    """The way to the next step is as short in a course of ten thousand."""
    whole = make_content()
    asked = Asked(whole.exercises)
    plan_next(Content(whole.root, whole.readings, whole.courses, asked), progress)
    assert asked.names == names


def test_progress_of_exercises_that_are_gone_is_ignored() -> None:
    """A log may be older than the course."""
    assert proposed(make_progress("ancient", ancient="tried")) == "add"


SOLVED = make_progress(add="solved", double="solved", negate="solved", halve="solved")


def test_when_all_is_solved_the_readings_follow() -> None:
    """The first reading that is not done is proposed, without an exercise."""
    assert plan_next(make_content(), with_readings(SOLVED, toy_lecture="done", toy_talk="reading")) == NextStep(
        unit=FIRST,
        exercise=None,
        reading=ReadingStep(TALK, None, None, "reading"),
        reasons=("every exercise is solved; this is the first open reading of “First steps”",),
        command="study read toy-talk --done",
    )


def test_reading_with_only_notes_is_open() -> None:
    """A note is no state: the reading counts as new."""
    step = plan_next(make_content(), with_readings(SOLVED, toy_lecture=None))
    assert step.reading == ReadingStep(LECTURE, None, LECTURE.url, "new")


def test_when_all_is_done_there_is_nothing_to_type() -> None:
    """The end of the course is said as such."""
    progress = with_readings(SOLVED, toy_lecture="done", toy_talk="done", toy_paper="done")
    done = NextStep(None, None, None, ("every exercise is solved and every reading is done",), None)
    assert plan_next(make_content(), progress) == done


def test_link_leads_to_the_second_a_chapter_starts_at() -> None:
    """A chapter of a video has its second in the address; its first, and a paper, have none."""
    assert link_to(LECTURE, BUILDING) == "https://www.youtube.com/watch?v=abcdefghijk&t=3690s"
    assert link_to(LECTURE, Chapter(1, "soon")) == "https://www.youtube.com/watch?v=abcdefghijk&t=1s"
    assert link_to(LECTURE, INTRO) == link_to(LECTURE, None) == LECTURE.url
    assert link_to(PAPER, BUILDING) == PAPER.url
    assert link_to(TALK, None) is None


def test_chapter_is_found_by_its_start() -> None:
    """Without a start there is no chapter, also not the one that starts at 0."""
    assert describe_reading(LECTURE, 0, "new").chapter == INTRO
    assert describe_reading(LECTURE, None, "new").chapter is None
    assert describe_reading(LECTURE, 1, "new") == ReadingStep(LECTURE, None, LECTURE.url, "new")


EXERCISES = ["e01_add", "e02_double", "e02_double_again", "e03_batchnorm_fold"]
READINGS = ["toy-lecture", "toy-paper", "doe-1999-normalization"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("e01_add", "e01_add"),
        ("add", "e01_add"),
        ("E01", "e01_add"),
        ("e02_double", "e02_double"),
        ("again", "e02_double_again"),
        ("Batch", "e03_batchnorm_fold"),
        ("e02_double.py", "e02_double"),
        ("study/e01_add.py", "e01_add"),
    ],
)
def test_id_or_a_part_that_only_one_has_will_do(typed: str, meant: str) -> None:
    """A whole id wins over longer ones; a file name is as good as an id."""
    assert resolve_id(typed, EXERCISES, "exercise") == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("e12", "e12_value_backward"),
        ("E1", "e1_first"),
        ("batchnorm_fold", "e02_batchnorm_fold"),
        ("e1", "e1_first"),
        ("value_back", "e12_value_backward"),
    ],
)
def test_a_number_or_the_name_behind_it_wins_over_a_part(typed: str, meant: str) -> None:
    known = ["e1_first", "e12_value_backward", "e112_other", "e02_batchnorm_fold", "e38_conv_batchnorm_fold"]
    assert resolve_id(typed, known, "exercise") == meant


def test_exercises_of_one_number_are_listed_with_their_units() -> None:
    units = [Unit("a", "First steps", "A.", (), ("e01_add",)), Unit("b", "Second steps", "B.", (), ("e01_more",))]
    with pytest.raises(UsageError) as caught:
        resolve_id("e01", ["e01_add", "e01_more"], "exercise", units)
    assert caught.value.message == "`e01` fits 2 exercises: e01_add (First steps), e01_more (Second steps)"


@pytest.mark.parametrize(
    ("typed", "known", "kind", "message", "hint"),
    [
        ("e02", EXERCISES, "exercise", "`e02` fits 2 exercises: e02_double, e02_double_again", "type more of the id"),
        (
            "e", [f"e{n:02}" for n in range(12)], "exercise",
            "`e` fits 12 exercises: e00, e01, e02, e03, e04, e05, e06, e07, …", "type more of the id",
        ),
        (
            "e02_duoble", EXERCISES, "exercise",
            "there is no exercise `e02_duoble`; the nearest: e02_double, e02_double_again", "study list",
        ),
        (
            "batchnrom", EXERCISES, "exercise",
            "there is no exercise `batchnrom`; the nearest: e03_batchnorm_fold", "study list",
        ),
        (
            "normalisation", READINGS, "reading",
            "there is no reading `normalisation`; the nearest: doe-1999-normalization", "study list --readings",
        ),
        (
            "e0", [f"e{n:02}" for n in range(8)], "exercise",
            "`e0` fits 8 exercises: e00, e01, e02, e03, e04, e05, e06, e07", "type more of the id",
        ),
        (
            "dobule", [f"{n}_double" for n in "abcde"], "exercise",
            "there is no exercise `dobule`; the nearest: e_double, d_double, c_double", "study list",
        ),
        ("zzz", EXERCISES, "exercise", "there is no exercise `zzz`", "study list"),
        ("", EXERCISES, "exercise", "there is no exercise ``", "study list"),
        (".py", EXERCISES, "exercise", "there is no exercise `.py`", "study list"),
        ("add", [], "exercise", "there is no exercise `add`", "study list"),
    ],
)  # fmt: skip
def test_what_fits_none_or_several_is_asked_again(
    typed: str, known: list[str], kind: str, message: str, hint: str
) -> None:
    """The message shows what fits or what is near, and the hint what to type."""
    with pytest.raises(UsageError) as caught:
        resolve_id(typed, known, kind)
    assert (caught.value.message, caught.value.hint) == (message, hint)
