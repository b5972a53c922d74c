"""Open questions: which is next, and whether a number in an answer is right. Pure."""

import math
import re
from collections.abc import Sequence

from grader.core.models import Exercise, Question
from grader.progress.records import ExerciseProgress

#: A decimal number as people write it; a letter or digit right before it makes it part of a name, such as e22.
_NUMBER = re.compile(r"(?<![\w.])[-+\u2212]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?(?!\w)")


def open_questions(exercise: Exercise, standing: ExerciseProgress | None) -> tuple[Question, ...]:
    """Return the questions that wait for an answer: all that are not answered, once the exercise is solved."""
    if standing is None or standing.status != "solved":
        return ()
    return tuple(question for question in exercise.questions if question.id not in standing.answered)


def find_numbers(text: str) -> list[float]:
    """Return the numbers written in a text, in their order; what is too large for a float is left out."""
    found = [float(match[0].replace("\u2212", "-")) for match in _NUMBER.finditer(text)]
    return [number for number in found if math.isfinite(number)]


def judge_number(question: Question, text: str) -> bool | None:
    """Tell whether an answer holds the number that is asked for; None if none is asked for."""
    if question.number is None or question.within is None:
        return None
    return any(abs(number - question.number) <= question.within for number in find_numbers(text))


def nearest_number(question: Question, numbers: Sequence[float]) -> float | None:
    """Return the number of an answer that comes nearest to the right one; None if there is none."""
    target = question.number
    return min(numbers, key=lambda number: abs(number - target)) if numbers and target is not None else None
