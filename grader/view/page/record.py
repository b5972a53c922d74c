"""Everything the page is made of, read before the first line is written."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property

import msgspec

from grader.core.models import Exercise
from grader.core.pictures import Picture
from grader.course import Content
from grader.plan.effort import Effort, count_by_day, minutes_spent
from grader.progress.events import AttemptEvent, CheckHistory, Events
from grader.progress.records import Progress
from grader.view.next_step import status_of

#: Of a larger course the first exercises are listed, and of the others those that were begun last.
MAX_LISTED, MAX_BEGUN = 300, 400


class PageData(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A course and what the log knows of it.

    `pictures` are those of each exercise's last grade, or the sentence that says why they cannot be shown; `due` are
    the ids of exercises and readings that are due for review; `now` is aware, and its zone decides where a day ends.
    """

    content: Content
    progress: Progress
    events: Events
    history: CheckHistory
    pictures: Mapping[str, Sequence[Picture] | str]
    now: datetime
    due: Sequence[str] = ()

    @cached_property
    def effort(self) -> Effort:
        """The time spent."""
        return minutes_spent(self.events)

    @cached_property
    def days(self) -> dict[date, int]:
        """How many attempts and reading events each day has."""
        return count_by_day(self.events, self.now.tzinfo)

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises, each taken from the course once."""
        return {name: self.content.exercises[name] for unit in self.content.units for name in unit.exercises}

    @cached_property
    def attempts(self) -> dict[str, list[AttemptEvent]]:
        """The attempts at each exercise, the oldest first."""
        found: dict[str, list[AttemptEvent]] = {}
        for attempt in self.events.attempts:
            found.setdefault(attempt.exercise_id, []).append(attempt)
        return found

    @cached_property
    def listed(self) -> set[str]:
        """The exercises that have a section; those on the map are among them."""
        begun = [name for name in self.attempts if name in self.exercises]
        latest = sorted(begun, key=lambda name: self.attempts[name][-1].at_us, reverse=True)
        return {*list(self.exercises)[:MAX_LISTED], *latest[:MAX_BEGUN]}

    def status(self, exercise_id: str) -> str:
        """Return solved, tried, started or open."""
        return status_of(self.progress, exercise_id)

    def moment(self, at_us: int) -> str:
        """Write a moment as a date and a time of day."""
        try:
            at = datetime.fromtimestamp(at_us / 1e6, self.now.tzinfo)
        except (OverflowError, ValueError, OSError):
            return "at no known time"
        return f"{at.day} {at:%b %Y, %H:%M}"


def write_day(day: date) -> str:
    """Write a day: 3 Mar 2026."""
    return f"{day.day} {day:%b %Y}"
