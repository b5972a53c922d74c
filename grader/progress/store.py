"""The one door to the progress log: record what happens, load what happened."""

import hashlib
import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeVar

import msgspec

from grader.core.errors import ProgressError, UsageError
from grader.progress import schema
from grader.progress.backend import Backend, transaction
from grader.progress.events import CheckHistory, Events, read_check_history, read_events
from grader.progress.moments import choose_moment
from grader.progress.records import (
    Activity,
    Answer,
    Attempt,
    NewAttempt,
    Progress,
    ReadingState,
    ReviewWork,
    SubjectKind,
)
from grader.progress.review_log import count_review_work
from grader.progress.rows import (
    ATTEMPT_COLUMNS,
    RowDamaged,
    attempt_from_row,
    attempt_to_row,
    decode_details,
    decode_text,
    details_of,
    encode_details,
    encode_text,
    from_micros,
    to_micros,
)
from grader.progress.sqlite import SqliteBackend
from grader.progress.summary import STORE_EVERY, load_summary, store_summary
from grader.progress.texts import Packer, load_details, load_submission

if TYPE_CHECKING:
    from grader.progress.health import Health
    from grader.progress.transfer import Event

T = TypeVar("T")

# What says that a log cannot be used, besides the driver's own errors: bytes that cannot be what we wrote.
_DAMAGE = (RowDamaged, UnicodeDecodeError, msgspec.DecodeError, zlib.error)

# Each time a log turns out damaged, a new one is made and the work tried again. Other processes may
# be doing the same with the same file, so once more is not enough; but it must end.
_TRIES = 5

_ATTEMPT = ("id", *ATTEMPT_COLUMNS, "crc")


def _read_clock() -> datetime:
    return datetime.now(UTC)


def _choose_backend(location: Path | str, busy_timeout_s: float) -> Backend:
    scheme, separator, rest = str(location).partition("://")
    if isinstance(location, Path) or not separator:
        return SqliteBackend(Path(location), busy_timeout_s=busy_timeout_s)
    if scheme in ("postgresql", "postgres"):
        from grader.progress.postgres import PostgresBackend

        return PostgresBackend(f"postgresql://{rest}", busy_timeout_s=busy_timeout_s)
    raise UsageError(
        f"A progress log cannot be kept in a database of the kind {scheme}://",
        hint="name a SQLite file or a postgresql:// URL",
    )


class ProgressStore:
    """An append-only log of starts, attempts, hints, reveals, answers, readings, reviews and resets.

    Every `record_...` call is on disk when it returns, and a log in a file is in that one file. `notices` holds
    sentences for the learner: what was kept of a damaged log, and where it now lies.
    """

    def __init__(self, backend: Backend, now: Callable[[], datetime]) -> None:
        self.notices: tuple[str, ...] = ()
        self._backend = backend
        self._now = now
        self._is_migrated = False
        self._stamped: datetime | None = None
        self._salvaged: tuple[str, ...] = ()

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
        """Close the connection; if something was recorded, make the backup of the day first.

        Only here, because a backup of a long log takes a moment that nobody should wait for before a verdict.
        """
        moment, self._stamped = self._stamped, None
        try:
            if moment is not None:
                self._take_note(self._run(lambda: self._backend.back_up(moment)))
        except ProgressError as error:
            self._take_note(f"No backup of the progress log could be made: {error.message}")
        finally:
            self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def record_start(self, exercise_id: str) -> None:
        """Log that the learner has started an exercise."""
        self._append("starts", exercise_id=exercise_id)

    def record_hint(self, exercise_id: str, number: int) -> None:
        """Log that a hint was shown."""
        self._append("hints", exercise_id=exercise_id, number=number)

    def record_reveal(self, exercise_id: str, *, gave_up: bool) -> None:
        """Log that the solution was shown; `gave_up` when the learner had not passed by then."""
        self._append("reveals", exercise_id=exercise_id, gave_up=int(gave_up))

    def record_reset(self, exercise_id: str, backup: str) -> None:
        """Log that the stub was put back; `backup` is where the learner's file was kept."""
        self._append("resets", exercise_id=exercise_id, backup=encode_text(backup))

    def record_answer(self, exercise_id: str, question_id: str, text: str, *, number_right: bool | None) -> None:
        """Log an answer to an open question; `number_right` is None where the question asks for no number."""
        right = None if number_right is None else int(number_right)
        self._append(
            "answers",
            exercise_id=exercise_id,
            question_id=question_id,
            answer=encode_text(text),
            number_right=right,
        )

    def load_answers(self, exercise_id: str) -> list[Answer]:
        """Load all answers to an exercise's open questions, the oldest first."""
        rows = self._query(
            "SELECT at_us, question_id, answer, number_right FROM answers WHERE exercise_id = ? ORDER BY at_us, id",
            exercise_id,
        )
        return [
            Answer(
                at=from_micros(at_us),
                exercise_id=exercise_id,
                question_id=question_id,
                text=decode_text(answer),
                number_right=None if right is None else bool(right),
            )
            for at_us, question_id, answer, right in rows
        ]

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
        self._append("reading_events", reading_id=reading_id, state=state, minutes=minutes, note=stored_note)

    def record_review_start(self, exercise_id: str) -> None:
        """Log that a fresh stub of a solved exercise was handed out."""
        self._append("review_starts", exercise_id=exercise_id)

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
        self._append("reviews", kind=kind, subject_id=subject_id, rating=rating, **work)

    def count_review_work(self, exercise_id: str, review_file: str) -> ReviewWork:
        """Count what has happened to a review since its stub was handed out.

        Args:
            exercise_id: The exercise that is reviewed.
            review_file: How the path of its review file ends; attempts at other files do not count.
        """
        return self._run(lambda: count_review_work(self._backend, exercise_id, review_file))

    def record_attempt(self, attempt: NewAttempt) -> int:
        """Log one grade with its checks and the text that was graded.

        Returns:
            The number of the attempt, for `load_submission`.
        """
        details = details_of(attempt)
        try:
            decode_details(encode_details(details))
        except msgspec.ValidationError as error:  # nothing must be written that cannot be read back
            raise ProgressError(f"The progress log {self._backend.place} cannot keep this attempt: {error}") from error
        body = encode_text(attempt.submission)
        sha256 = hashlib.sha256(body).digest()

        def write() -> int:
            packer = Packer(self._backend)
            packer.add_submission(body, sha256, attempt.exercise_id)
            row = attempt_to_row(attempt, at_us=self._stamp(), submission_sha256=sha256)
            attempt_id = self._backend.insert("attempts", row)
            packer.add_details(details, attempt_id, attempt.exercise_id)
            return attempt_id

        return self._write(write)

    def load_progress(self) -> Progress:
        """Sum up the whole log; reads no submission and no check result."""
        return self._run(lambda: load_summary(self._backend, self._now).to_progress())

    def load_activity(self) -> Activity:
        """Load how much time was put in, and when."""
        return self._run(lambda: load_summary(self._backend, self._now).to_activity())

    def load_events(self) -> Events:
        """Load when everything happened, without checks and texts."""
        return self._run(lambda: read_events(self._backend))

    def load_check_history(self, newest: int = 20) -> CheckHistory:
        """Load how each check came out in the `newest` attempts at each exercise."""
        return self._run(lambda: read_check_history(self._backend, newest))

    def load_attempts(self, exercise_id: str, limit: int = 20) -> list[Attempt]:
        """Load the newest attempts at an exercise with their checks, newest first; grader faults too."""

        def read() -> list[Attempt]:
            # By the moment, and not by the number: attempts of another machine are numbered when they are merged.
            rows = self._read_attempts("exercise_id = ?", [exercise_id], limit)
            details = load_details(self._backend, sorted(row["id"] for row in rows))
            return [attempt_from_row(row, details.get(row["id"])) for row in rows]

        return self._run(read)

    def find_last_attempt(self, exercise_id: str, *, passed: bool) -> Attempt | None:
        """Return the newest attempt at an exercise, of those that passed or of all."""

        def read() -> Attempt | None:
            chosen = "exercise_id = ?" + (" AND verdict = 'passed'" if passed else "")
            rows = self._read_attempts(chosen, [exercise_id], 1)
            details = load_details(self._backend, [row["id"] for row in rows])
            return next((attempt_from_row(row, details.get(row["id"])) for row in rows), None)

        return self._run(read)

    def _read_attempts(self, where: str, values: list[Any], limit: int) -> list[dict[str, Any]]:
        statement = f"SELECT {', '.join(_ATTEMPT)} FROM attempts WHERE {where} ORDER BY at_us DESC, id DESC LIMIT ?"
        rows = self._backend.execute(statement, [*values, limit])
        return [dict(zip(_ATTEMPT, row, strict=True)) for row in rows]

    def load_submission(self, attempt_id: int) -> str:
        """Load the text that was graded in one attempt.

        Raises:
            UsageError: The log has no such attempt.
            ProgressError: The text was lost when the log was damaged.
        """

        def read() -> tuple[bool, bytes | None]:
            rows = self._backend.execute("SELECT submission_sha256 FROM attempts WHERE id = ?", [attempt_id])
            return bool(rows), load_submission(self._backend, bytes(rows[0][0])) if rows else None

        is_there, text = self._run(read)
        if not is_there:
            raise UsageError(f"There is no attempt {attempt_id} in the progress log {self._backend.place}")
        if text is None:
            raise ProgressError(
                f"The text of attempt {attempt_id} was lost when the progress log {self._backend.place} was damaged",
                hint="study doctor",
            )
        return decode_text(text)

    def export_log(self, file: BinaryIO) -> dict[str, int]:
        """Write everything there is into a file, to be carried to another machine.

        Returns:
            How many events there are, by table.

        Raises:
            ProgressError: If the log is damaged: what could be kept of it is not all of it.
        """
        from grader.progress.transfer_file import write_log

        def write() -> dict[str, int]:
            file.seek(0)
            file.truncate()
            return write_log(self._backend, file, now=self._now())

        events = self._run(write)
        if self._salvaged:
            raise ProgressError(
                f"{' '.join(self._salvaged)} Nothing was exported.", hint="study doctor --repair, then: study export"
            )
        return events

    def merge_log(self, events: "Callable[[], Iterable[Event]]", *, dry_run: bool = False) -> dict[str, int]:
        """Add the events of another log that this one lacks: all of them, or after an error none.

        Args:
            events: Starts going through the other log; it may be asked to start again.
            dry_run: Only count.

        Returns:
            How many events were added (or would be, on a `dry_run`), by table.
        """
        from grader.progress.transfer import merge_events

        def write() -> dict[str, int]:
            self._stamped = self._now()
            return merge_events(self._backend, events(), now=self._stamped, dry_run=dry_run)

        return self._write(write)

    def examine(self) -> "Health":
        """Read every row and text of the log, and find out whether it holds what was written.

        A log that turns out damaged is salvaged; `notices` tells what was kept.
        """
        from grader.progress.health import examine

        return self._run(lambda: examine(self._backend))

    def repair(self) -> list[str]:
        """Take what can still be had from damaged files that were set aside, and put those files away.

        Returns:
            What was done, a sentence for each.
        """
        from grader.progress.health import repair

        loss = self._backend.find_loss()
        done = self._run(lambda: repair(self._backend, self._now()))
        self.notices = tuple(notice for notice in self.notices if notice != loss)  # it is not lost any more
        return done

    def _append(self, table: str, **columns: Any) -> None:
        self._write(lambda: self._backend.insert(table, {"at_us": self._stamp(), **columns}))

    def _stamp(self) -> int:
        """Return the moment of what is just being recorded."""
        self._stamped = choose_moment(self._backend, self._now())
        return to_micros(self._stamped)

    def _query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._run(lambda: self._backend.execute(sql, values))

    def _write(self, work: Callable[[], T]) -> T:
        """Do `work` in one transaction. The number of a new row tells when the sum of the log is to be stored anew."""

        def write() -> T:
            with transaction(self._backend):
                done = work()
                if isinstance(done, int) and done % STORE_EVERY == 0:
                    store_summary(self._backend, self._stamped or self._now())
            return done

        done = self._run(write)
        self._take_note(self._run(self._backend.settle))
        return done

    def _take_note(self, notice: str | None) -> None:
        if notice is not None and notice not in self.notices:
            self.notices += (notice,)

    def _run(self, work: Callable[[], T]) -> T:
        """Do `work` on a log that is connected and migrated; where it is damaged, on a new one."""
        errors: tuple[type[Exception], ...] = (*_DAMAGE, *self._backend.driver_errors())
        for _ in range(_TRIES):
            try:
                self._backend.connect()
                if not self._is_migrated:
                    self._migrate()
                    self._is_migrated = True
                    self._take_note(self._backend.find_loss())
                return work()
            except errors as error:
                notice = self._backend.recover(error, self._now())
                self._is_migrated = False
                if notice is not None:
                    self.notices += (notice,)
                    self._salvaged += (notice,)
        raise ProgressError(
            f"The progress log {self._backend.place} was damaged again each time it was started anew",
            hint="study doctor",
        )

    def _migrate(self) -> None:
        from grader.progress.migrating import migrate

        if schema.load_schema_version(self._backend) != len(schema.MIGRATIONS):
            migrate(self._backend, self._now)
