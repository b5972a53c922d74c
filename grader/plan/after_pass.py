"""After a pass: what the exercise taught, where the lecture goes on, and how long it took. Pure."""

import math

from msgspec import Struct

from grader.core.keys import ReadingKind
from grader.core.models import Exercise, Question
from grader.course import Content
from grader.plan.next_step import link_to
from grader.progress.records import Progress


class Onward(Struct, frozen=True):
    """Where to go on: the next chapter of a lecture (then `t` is its start in seconds), or the next reading."""

    reading: str
    kind: ReadingKind
    title: str
    minutes: int
    chapter: str | None
    t: int | None
    url: str | None


class AskedQuestion(Struct, frozen=True):
    """The open question of an exercise, without what a good answer says."""

    id: str
    asks: str


class AfterPass(Struct, frozen=True):
    """What a pass leads to; parts that do not apply are None.

    `minutes_spent` is None where the time it took is not known, `compare` the command that shows both solutions.
    """

    taught: str | None
    onward: Onward | None
    question: AskedQuestion | None
    minutes_spent: float | None
    minutes_estimated: int
    compare: str


def describe_after_pass(
    content: Content,
    progress: Progress,
    exercise: Exercise,
    question: Question | None,
    *,
    minutes_spent: float | None,
) -> AfterPass:
    """Gather what to tell after a pass."""
    known = minutes_spent is not None and math.isfinite(minutes_spent) and minutes_spent >= 0
    return AfterPass(
        taught=" ".join(exercise.taught.split()) if exercise.taught else None,
        onward=find_onward(content, progress, exercise),
        question=AskedQuestion(question.id, question.asks) if question else None,
        minutes_spent=minutes_spent if known else None,
        minutes_estimated=exercise.minutes,
        compare=f"study solution {exercise.id} --diff",
    )


def find_onward(content: Content, progress: Progress, exercise: Exercise) -> Onward | None:
    """Return the chapter after the one the exercise belongs to; at a lecture's end the unit's next open reading."""
    lecture = None
    for ref in exercise.readings:
        reading = content.readings[ref.id]
        if ref.chapter is None or not reading.chapters:
            continue
        lecture = ref.id
        following = next((chapter for chapter in reading.chapters if chapter.t > ref.chapter), None)
        if following is not None:
            url = link_to(reading, following)
            return Onward(ref.id, reading.kind, reading.title, reading.minutes, following.title, following.t, url)
        break
    name = _next_reading(content, progress, exercise, lecture or exercise.readings[0].id)
    if name is None:
        return None
    reading = content.readings[name]
    return Onward(name, reading.kind, reading.title, reading.minutes, None, None, reading.url)


def _next_reading(content: Content, progress: Progress, exercise: Exercise, current: str) -> str | None:
    """Return the first reading behind the current one that is not done, else the first before it."""
    unit = next((unit for unit in content.units if exercise.id in unit.exercises), None)
    if unit is None:
        return None
    at = unit.readings.index(current) + 1 if current in unit.readings else 0
    done = {name for name, known in progress.readings.items() if known.state == "done"}
    in_order = (*unit.readings[at:], *unit.readings[:at])
    return next((name for name in in_order if name != current and name not in done), None)
