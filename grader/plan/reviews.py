"""What is to be reviewed, and when: FSRS on what was solved and read. Pure: the moment is a parameter.

A solved exercise or a finished reading is one card of FSRS (py-fsrs), without learning steps: the shortest interval
is a day. Days are those of the calendar where `now` is, so that what is due today is due all day.

How an exercise is rated, the first time and in every review, follows from what happened, not from how it felt:

    again   the solution was looked at before the pass: it was not recalled
    hard    a hint was needed, or more than three attempts: recalled with help, or piece by piece
    good    at most three attempts, no hint: recalled, but for a slip that the verdict was enough to mend
    easy    only the first time: the first attempt passed, without a hint, so it was known before. In a review this is
            good: to pass at once is what a review asks for, and says nothing of how hard it was

A reading that is done starts as good, since nothing is known of how well it was understood; its reviews are rated by
whoever reads.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from grader.core.models import Exercise, Reading
from grader.course import Content
from grader.progress.moments import EARLIEST
from grader.progress.records import ExerciseProgress, Progress, SubjectKind

if TYPE_CHECKING:
    from fsrs import Card, Scheduler

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4
RATINGS: dict[int, Literal["again", "hard", "good", "easy"]] = {
    AGAIN: "again",
    HARD: "hard",
    GOOD: "good",
    EASY: "easy",
}

#: More attempts than these are groping, not a slip.
MOST_ATTEMPTS_OF_GOOD = 3
#: New work must not wait behind a pile of reviews: about a quarter of an hour of them comes first.
MOST_REVIEWS_FIRST = 2
#: What is known for a year is asked again after a year.
LONGEST_INTERVAL_DAYS = 365
#: Of one subject the newest so many ratings are replayed; what lies before them hardly moves the next date.
MOST_REPLAYED = 50


class Due(Struct, frozen=True):
    """One review: of what, since when (`days_due` is negative while it is still to come), and how long it takes."""

    kind: SubjectKind
    subject: str
    title: str
    due_on: date
    days_due: int
    retrievability: float
    minutes: int
    reason: str


class ReviewPlan(Struct, frozen=True):
    """The reviews that come before new work, and how many more are due."""

    first: tuple[Due, ...]
    more: int


class Memory(NamedTuple):
    """How FSRS has one subject in mind."""

    scheduler: "Scheduler"
    card: "Card"
    kind: SubjectKind
    subject: str

    @property
    def due_on(self) -> date:
        """The day of the next review."""
        return self.card.due.date()

    def rate(self, rating: int, day: date) -> "Memory":
        """Return what is in mind after a review."""
        from fsrs import Rating

        card, _ = self.scheduler.review_card(self.card, Rating(rating), _midnight(day))
        return self._replace(card=card)

    def retrievability(self, day: date) -> float:
        """Return the chance that it is recalled on a day, between 0 and 1."""
        return float(self.scheduler.get_card_retrievability(self.card, _midnight(day)))


def rate_work(*, attempts: int, hints: int, revealed: bool, first_time: bool = False) -> int:
    """Rate a pass by what it took; the rule is at the top of this file.

    Args:
        attempts: With the one that passed.
        hints: How many were seen before it.
        revealed: Whether the solution was.
        first_time: Whether it is the first pass of this exercise, and no review.
    """
    if revealed:
        return AGAIN
    if hints or attempts > MOST_ATTEMPTS_OF_GOOD:
        return HARD
    return EASY if first_time and attempts <= 1 else GOOD


def estimate_minutes(subject: Exercise | Reading) -> int:
    """Estimate how long a review takes, from how long the first time is said to take.

    Of an exercise two fifths, at least 3 minutes: the reading and the understanding are done, the writing is not.
    Of a reading a fifth, from 3 to 10 minutes: it is told from memory and compared, not read again.
    """
    if isinstance(subject, Exercise):
        return max(3, round(subject.minutes * 0.4))
    return min(10, max(3, round(subject.minutes * 0.2)))


def find_due(content: Content, progress: Progress, now: datetime) -> tuple[Due, ...]:
    """Return the reviews that are due, what is least likely to be recalled first.

    Args:
        content: The course; what it no longer holds is not reviewed.
        progress: What was solved, read and reviewed. What is stamped later than `now`, because a clock was wrong,
            has not happened yet; what is stamped before there was a study, and was never reviewed since, is due today.
        now: An aware moment; its zone decides where a day begins.
    """
    return tuple(_describe(content, memory, now.date()) for memory in _find_due(content, progress, now))


def plan_reviews(content: Content, progress: Progress, now: datetime) -> ReviewPlan:
    """Choose what is reviewed before new work: the few that are least likely to be recalled."""
    due = _find_due(content, progress, now)
    first, more = due[:MOST_REVIEWS_FIRST], due[MOST_REVIEWS_FIRST:]
    return ReviewPlan(tuple(_describe(content, memory, now.date()) for memory in first), len(more))


def _find_due(content: Content, progress: Progress, now: datetime) -> list[Memory]:
    today = now.date()
    # Intervals are a day at least: what was seen today cannot be due, and FSRS (28 ms to import) is not asked.
    histories = [h for h in _read_histories(content, progress, now) if h.ratings[-1][0] < today]
    due = [memory for memory in _replay(histories) if memory.due_on <= today]
    return sorted(due, key=lambda memory: (memory.retrievability(today), memory.subject))


def find_coming(content: Content, progress: Progress, now: datetime, limit: int) -> tuple[Due, ...]:
    """Return the next reviews that are not due yet, the soonest first."""
    today = now.date()
    memories = [m for m in _replay(_read_histories(content, progress, now)) if m.due_on > today]
    memories.sort(key=lambda memory: (memory.due_on, memory.subject))
    return tuple(_describe(content, memory, today) for memory in memories[:limit])


def find_review(content: Content, progress: Progress, now: datetime, kind: SubjectKind, subject: str) -> Due | None:
    """Return the next review of one subject, due or not; None where nothing is known of it yet at `now`."""
    mine = [h for h in _read_histories(content, progress, now) if (h.kind, h.subject) == (kind, subject)]
    return next((_describe(content, memory, now.date()) for memory in _replay(mine)), None)


def load_memories(content: Content, progress: Progress, now: datetime) -> list[Memory]:
    """Return everything that is to be kept in mind."""
    return list(_replay(_read_histories(content, progress, now)))


def begin_memory(kind: SubjectKind, subject: str, rating: int, day: date) -> Memory:
    """Return what is in mind after the first time."""
    return next(_replay([_History(kind, subject, ((day, rating),))]))


class _History(NamedTuple):
    """What a subject was rated, and on which days, the oldest first; never empty."""

    kind: SubjectKind
    subject: str
    ratings: tuple[tuple[date, int], ...]


def _read_histories(content: Content, progress: Progress, now: datetime) -> Iterator[_History]:
    first: dict[tuple[SubjectKind, str], tuple[datetime, int]] = {}
    for name, so_far in progress.exercises.items():
        if so_far.status == "solved" and so_far.first_solved_at is not None and name in content.exercises:
            first["exercise", name] = so_far.first_solved_at, _rate_first_solve(so_far)
    for name, known in progress.readings.items():
        if known.state == "done" and known.done_at is not None and name in content.readings:
            first["reading", name] = known.done_at, GOOD
    events = {key: [event] for key, event in first.items()}
    for review in progress.reviews:
        if (review.kind, review.subject_id) in events:
            events[review.kind, review.subject_id].append((review.at, review.rating))
    for (kind, subject), rated in events.items():
        past = sorted((event for event in rated if event[0] <= now), key=lambda event: event[0])
        # With a clock that was reset to long ago: when it was is not known, but for its order.
        dated = [event for event in past if event[0] >= EARLIEST]
        if dated:
            newest = dated[-MOST_REPLAYED:]
            yield _History(kind, subject, tuple((at.astimezone(now.tzinfo).date(), rating) for at, rating in newest))
        elif past:
            yield _make_due(kind, subject, past[-1][1], now.date())


def _make_due(kind: SubjectKind, subject: str, rating: int, today: date) -> "_History":
    """Return a history by which a subject is due today: of one that was done at an unknown time."""
    day = today - (begin_memory(kind, subject, rating, today).due_on - today)
    return _History(kind, subject, ((day, rating),))


def _rate_first_solve(so_far: ExerciseProgress) -> int:
    # `gave_up` is only ever recorded of what is not solved.
    return rate_work(
        attempts=so_far.failed_before_solved + 1,
        hints=so_far.hints_before_solved,
        revealed=so_far.revealed == "gave_up",
        first_time=True,
    )


def _replay(histories: Sequence[_History] | Iterator[_History]) -> Iterator[Memory]:
    scheduler = None
    for history in histories:
        from fsrs import Card  # 28 ms, which learners without reviews are spared

        scheduler = scheduler or _make_scheduler()
        # With an id of ours: to make its own, a card sleeps for a millisecond.
        card = Card(card_id=1, due=_midnight(history.ratings[0][0]))
        memory = Memory(scheduler, card, history.kind, history.subject)
        for day, rating in history.ratings:
            memory = memory.rate(rating, day)
        yield memory


def _make_scheduler() -> "Scheduler":
    from fsrs import Scheduler

    return Scheduler(
        learning_steps=(), relearning_steps=(), enable_fuzzing=False, maximum_interval=LONGEST_INTERVAL_DAYS
    )


def _midnight(day: date) -> datetime:
    # FSRS counts whole days between moments in UTC; a day of the learner's calendar is one there.
    return datetime.combine(day, time(), UTC)


def _describe(content: Content, memory: Memory, today: date) -> Due:
    subject = content.exercises[memory.subject] if memory.kind == "exercise" else content.readings[memory.subject]
    days_due, chance = (today - memory.due_on).days, memory.retrievability(today)
    return Due(
        kind=memory.kind,
        subject=memory.subject,
        title=subject.title,
        due_on=memory.due_on,
        days_due=days_due,
        retrievability=chance,
        minutes=estimate_minutes(subject),
        reason=f"{_tell_when(days_due)}; you would recall it with {round(chance * 100)} %",
    )


def _tell_when(days_due: int) -> str:
    if days_due == 0:
        return "a review is due today"
    days = f"{abs(days_due)} day{'s' if abs(days_due) != 1 else ''}"
    return f"a review has been due for {days}" if days_due > 0 else f"the next review is due in {days}"
