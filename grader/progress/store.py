"""The one door to the progress log: record what happens, load what happened."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec
from peewee import Table

from grader.core.errors import ProgressError, UsageError
from grader.core.verdict import CheckResult
from grader.progress import schema
from grader.progress.backend import DRIVER_ERRORS, Backend, execute_sql, transaction
from grader.progress.events import CheckHistory, Events, read_check_history, read_events
from grader.progress.postgres import PostgresBackend
from grader.progress.records import Answer, Attempt, NewAttempt, Progress, ReadingState, ReviewWork, SubjectKind
from grader.progress.review_log import count_review_work
from grader.progress.rows import (
    attempt_from_row,
    attempt_to_row,
    check_from_row,
    check_to_row,
    decode_text,
    encode_text,
    from_micros,
    to_micros,
)
from grader.progress.schema import ATTEMPTS, CHECK_RESULTS, SUBMISSIONS
from grader.progress.snapshot import read_progress
from grader.progress.sqlite import SqliteBackend

if TYPE_CHECKING:
    from grader.progress.transfer import Log

T = TypeVar("T")

# What says that a log cannot be used: the database's own errors, and bytes that cannot be what we wrote.
_LOG_ERRORS = (*DRIVER_ERRORS, UnicodeDecodeError, msgspec.DecodeError)

# Each time a log turns out damaged, a new one is started and the work tried again. Other processes may
# be doing the same with the same file, so once more is not enough; but it must end.
_TRIES = 5


def _read_clock() -> datetime:
    return datetime.now(UTC)


def _choose_backend(location: Path | str, busy_timeout_s: float) -> Backend:
    scheme, separator, rest = str(location).partition("://")
    if isinstance(location, Path) or not separator:
        return SqliteBackend(Path(location), busy_timeout_s=busy_timeout_s)
    if scheme in ("postgresql", "postgres"):  # libpq takes both spellings, peewee the longer one
        return PostgresBackend(f"postgresql://{rest}", busy_timeout_s=busy_timeout_s)
    raise UsageError(
        f"A progress log cannot be kept in a database of the kind {scheme}://",
        hint="name a SQLite file or a postgresql:// URL",
    )


class ProgressStore:
    """An append-only log of starts, attempts, hints, reveals, answers, readings, reviews and resets.

    Every `record_...` call is on disk when it returns. `notices` holds sentences for the learner: where
    a damaged log now lies.
    """

    def __init__(self, backend: Backend, now: Callable[[], datetime]) -> None:
        self.notices: tuple[str, ...] = ()
        self._backend = backend
        self._now = now
        self._is_migrated = False

    @classmethod
    def open(
        cls,
        location: Path | str,
        *,
        now: Callable[[], datetime] = _read_clock,
        busy_timeout_s: float = 10.0,  # a grade holds the lock for milliseconds; this is for slow disks
    ) -> Self:
        """Open the log at `location`, a SQLite file or a postgresql:// URL; create or migrate it first.

        Args:
            location: Where the log lies; a file that does not exist yet is made.
            now: Gives the aware moment that a record is stamped with.
            busy_timeout_s: How long to wait for another process that is writing.

        Raises:
            UsageError: A URL of another kind, or the PostgreSQL driver is not installed.
            ProgressError: The log cannot be opened, or a newer study-grader wrote it.
        """
        store = cls(_choose_backend(location, busy_timeout_s), now)
        try:
            store._run(lambda: None)
        except BaseException:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Close the connection."""
        self._backend.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def record_start(self, exercise_id: str) -> None:
        """Log that the learner has started an exercise."""
        self._append(schema.STARTS, exercise_id=exercise_id)

    def record_hint(self, exercise_id: str, number: int) -> None:
        """Log that a hint was shown."""
        self._append(schema.HINTS, exercise_id=exercise_id, number=number)

    def record_reveal(self, exercise_id: str, *, gave_up: bool) -> None:
        """Log that the solution was shown; `gave_up` when the learner had not passed by then."""
        self._append(schema.REVEALS, exercise_id=exercise_id, gave_up=int(gave_up))

    def record_reset(self, exercise_id: str, backup: str) -> None:
        """Log that the stub was put back; `backup` is where the learner's file was kept."""
        self._append(schema.RESETS, exercise_id=exercise_id, backup=encode_text(backup))

    def record_answer(self, exercise_id: str, question_id: str, text: str, *, number_right: bool | None) -> None:
        """Log an answer to an open question; `number_right` is None where the question asks for no number."""
        right = None if number_right is None else int(number_right)
        self._append(
            schema.ANSWERS,
            exercise_id=exercise_id,
            question_id=question_id,
            answer=encode_text(text),
            number_right=right,
        )

    def load_answers(self, exercise_id: str) -> list[Answer]:
        """Load all answers to an exercise's open questions, the oldest first."""

        def read() -> list[Answer]:
            c = schema.ANSWERS.c
            query = schema.ANSWERS.select().where(c.exercise_id == exercise_id).order_by(c.at_us, c.id).dicts()
            return [
                Answer(
                    at=from_micros(row["at_us"]),
                    exercise_id=exercise_id,
                    question_id=row["question_id"],
                    text=decode_text(row["answer"]),
                    number_right=None if row["number_right"] is None else bool(row["number_right"]),
                )
                for row in query.execute(self._backend.database)
            ]

        return self._run(read)

    def record_reading(
        self,
        reading_id: str,
        *,
        state: ReadingState | None = None,
        minutes: int | None = None,
        note: str | None = None,
    ) -> None:
        """Log a new state of a reading, minutes spent on it, a note on it, or several of these."""
        if state is None and minutes is None and note is None:
            raise UsageError(f"Nothing to record about {reading_id}: give a state, minutes or a note")
        if minutes is not None and minutes < 0:
            raise UsageError(f"The minutes spent on {reading_id} cannot be negative: {minutes}")
        stored_note = None if note is None else encode_text(note)
        self._append(schema.READING_EVENTS, reading_id=reading_id, state=state, minutes=minutes, note=stored_note)

    def record_review_start(self, exercise_id: str) -> None:
        """Log that a fresh stub of a solved exercise was handed out."""
        self._append(schema.REVIEW_STARTS, exercise_id=exercise_id)

    def record_review(
        self,
        kind: SubjectKind,
        subject_id: str,
        rating: int,
        *,
        attempts: int = 0,
        hints: int = 0,
        revealed: bool = False,
    ) -> None:
        """Log a finished review: its rating, 1 to 4, and what it was rated from."""
        work = {"attempts": attempts, "hints": hints, "revealed": int(revealed)}
        self._append(schema.REVIEWS, kind=kind, subject_id=subject_id, rating=rating, **work)

    def count_review_work(self, exercise_id: str, review_file: str) -> ReviewWork:
        """Count what has happened to a review since its stub was handed out.

        Args:
            exercise_id: The exercise that is reviewed.
            review_file: How the path of its review file ends; attempts at other files do not count.
        """
        return self._run(lambda: count_review_work(self._backend.database, exercise_id, review_file))

    def record_attempt(self, attempt: NewAttempt) -> int:
        """Log one grade with its checks and the text that was graded.

        Returns:
            The number of the attempt, for `load_submission`.
        """
        body = encode_text(attempt.submission)
        sha256 = hashlib.sha256(body).hexdigest()

        def write() -> int:
            database = self._backend.database
            with transaction(self._backend):
                SUBMISSIONS.insert(sha256=sha256, body=body).on_conflict_ignore().execute(database)
                row = attempt_to_row(attempt, at_us=to_micros(self._now()), submission_sha256=sha256)
                attempt_id: int = ATTEMPTS.insert(**row).execute(database)
                for position, check in enumerate(attempt.checks):
                    row = check_to_row(check, attempt_id=attempt_id, position=position)
                    CHECK_RESULTS.insert(**row).execute(database)
            return attempt_id

        return self._run(write)

    def load_progress(self) -> Progress:
        """Sum up the whole log; reads no submission and no check result."""
        return self._run(lambda: read_progress(self._backend.database))

    def load_events(self) -> Events:
        """Load when everything happened, without checks and texts."""
        return self._run(lambda: read_events(self._backend.database))

    def load_check_history(self, newest: int = 20) -> CheckHistory:
        """Load how each check came out in the `newest` attempts at each exercise."""
        return self._run(lambda: read_check_history(self._backend.database, newest))

    def load_attempts(self, exercise_id: str, limit: int = 20) -> list[Attempt]:
        """Load the newest attempts at an exercise with their checks, newest first; grader faults too."""

        def read() -> list[Attempt]:
            database, c = self._backend.database, ATTEMPTS.c
            newest = ATTEMPTS.select().where(c.exercise_id == exercise_id)
            # By the moment, and not by the number: attempts of another machine are numbered when they are merged.
            rows = list(newest.order_by(c.at_us.desc(), c.id.desc()).limit(limit).dicts().execute(database))
            if not rows:
                return []
            since = (c.exercise_id == exercise_id) & (c.at_us >= rows[-1]["at_us"])
            query = CHECK_RESULTS.select().where(CHECK_RESULTS.c.attempt_id.in_(ATTEMPTS.select(c.id).where(since)))
            checks: dict[int, list[CheckResult]] = {}
            for row in query.order_by(CHECK_RESULTS.c.position).dicts().execute(database):
                checks.setdefault(row["attempt_id"], []).append(check_from_row(row))
            return [attempt_from_row(row, tuple(checks.get(row["id"], ()))) for row in rows]

        return self._run(read)

    def find_last_attempt(self, exercise_id: str, *, passed: bool) -> Attempt | None:
        """Return the newest attempt at an exercise without its checks, of those that passed or of all."""

        def read() -> Attempt | None:
            c = ATTEMPTS.c
            chosen = (c.exercise_id == exercise_id) & ((c.verdict == "passed") if passed else (c.id > 0))
            query = ATTEMPTS.select().where(chosen).order_by(c.id.desc()).limit(1).dicts()
            return next((attempt_from_row(row, ()) for row in query.execute(self._backend.database)), None)

        return self._run(read)

    def load_submission(self, attempt_id: int) -> str:
        """Load the text that was graded in one attempt.

        Raises:
            UsageError: The log has no such attempt.
        """

        def read() -> str | None:
            joined = ATTEMPTS.join(SUBMISSIONS, on=ATTEMPTS.c.submission_sha256 == SUBMISSIONS.c.sha256)
            query = joined.select(SUBMISSIONS.c.body).where(ATTEMPTS.c.id == attempt_id).tuples()
            rows = query.execute(self._backend.database)
            return next((decode_text(body) for (body,) in rows), None)

        text = self._run(read)
        if text is None:
            raise UsageError(f"There is no attempt {attempt_id} in the progress log {self._backend.place}")
        return text

    def load_log(self) -> "Log":
        """Load everything there is, to be carried to another machine."""
        from grader.progress.transfer import read_log

        return self._run(lambda: read_log(self._backend.database))

    def merge_log(self, log: "Log", *, dry_run: bool = False) -> dict[str, int]:
        """Add the events of another log that this one lacks: all of them, or after an error none.

        Returns:
            How many events were added (or would be, on a `dry_run`), by table.
        """
        from grader.progress.transfer import merge_log

        def write() -> dict[str, int]:
            with transaction(self._backend):
                self._backend.lock_schema()  # two merges at the same time would both add what is missing
                return merge_log(self._backend.database, log, dry_run=dry_run)

        return self._run(write)

    def _append(self, table: Table, **columns: Any) -> None:
        def write() -> None:
            with transaction(self._backend):
                table.insert(at_us=to_micros(self._now()), **columns).execute(self._backend.database)

        self._run(write)

    def _run(self, work: Callable[[], T]) -> T:
        """Do `work` on a log that is connected and migrated; where it is damaged, on a new one."""
        for _ in range(_TRIES):
            try:
                self._backend.connect()
                if not self._is_migrated:
                    self._migrate()
                    self._is_migrated = True
                return work()
            except _LOG_ERRORS as error:
                notice = self._backend.recover(error, self._now())
                self._is_migrated = False
                if notice is not None:
                    self.notices += (notice,)
        raise ProgressError(
            f"The progress log {self._backend.place} was damaged again each time it was started anew",
            hint="study doctor",
        )

    def _migrate(self) -> None:
        """Apply the migrations that the log has not seen."""
        backend = self._backend
        done = schema.load_schema_version(backend.database, backend.place)
        while done < len(schema.MIGRATIONS):
            with transaction(backend):
                backend.lock_schema()
                # Another process may have migrated while this one waited for the lock.
                done = schema.load_schema_version(backend.database, backend.place)
                if done < len(schema.MIGRATIONS):
                    migration = schema.MIGRATIONS[done]
                    for statement in migration.statements(backend.dialect):
                        execute_sql(backend, statement)
                    done += 1
                    schema.SCHEMA_MIGRATIONS.insert(
                        version=done, name=migration.name, applied_at_us=to_micros(self._now())
                    ).execute(backend.database)
        schema.check_schema_version(done, backend.place)
