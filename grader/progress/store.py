"""The one door to the progress log: record what happens, load what happened."""

import hashlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from grader.core.errors import ProgressError, UsageError
from grader.progress.events import CheckHistory, Events, read_check_history, read_events
from grader.progress.open_log import OpenLog
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
    attempt_from_row,
    attempt_to_row,
    decode_details,
    decode_text,
    details_of,
    encode_details,
    encode_text,
    from_micros,
)
from grader.progress.summary import load_summary
from grader.progress.texts import Packer, load_details, load_submission

if TYPE_CHECKING:
    from grader.progress.transfer import Event

_ATTEMPT = ("id", *ATTEMPT_COLUMNS, "crc")


class ProgressStore(OpenLog):
    """An append-only log of starts, attempts, hints, reveals, answers, readings, reviews and resets.

    Every `record_...` call is on disk when it returns, and a log in a file is in that one file.
    """

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
