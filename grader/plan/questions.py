"""Open questions: which is next, and whether a number in an answer is right. Pure."""

from collections.abc import Sequence

from grader.core.models import Exercise, Question
from grader.progress.records import ExerciseProgress
from grader.text.numbers import find_numbers


def open_questions(exercise: Exercise, so_far: ExerciseProgress | None) -> tuple[Question, ...]:
    """Return the questions that wait for an answer: all that are not answered, once the exercise is solved."""
    if so_far is None or so_far.status != "solved":
        return ()
    return tuple(question for question in exercise.questions if question.id not in so_far.answered)


def judge_number(question: Question, text: str) -> bool | None:
    """Tell whether an answer holds the number that is asked for; None if none is asked for."""
    if question.number is None or question.within is None:
        return None
    return any(abs(number - question.number) <= question.within for number in find_numbers(text))


def nearest_number(question: Question, numbers: Sequence[float]) -> float | None:
    """Return the number of an answer that comes nearest to the right one; None if there is none."""
    target = question.number
    return min(numbers, key=lambda number: abs(number - target)) if numbers and target is not None else None
