"""A progress log that is open: connected and migrated, salvaged where it is damaged, backed up when it is closed."""

import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from grader.core.errors import ProgressError, UsageError
from grader.progress import schema
from grader.progress.backend import Backend, transaction
from grader.progress.moments import choose_moment
from grader.progress.rows import RowDamaged, to_micros
from grader.progress.sqlite import SqliteBackend
from grader.progress.summary import STORE_EVERY, store_summary

if TYPE_CHECKING:
    from grader.progress.health import Health

T = TypeVar("T")

# What says that a log cannot be used, besides the driver's own errors: bytes that cannot be what we wrote.
_DAMAGE = (RowDamaged, UnicodeDecodeError, msgspec.DecodeError, zlib.error)

# Each time a log turns out damaged, a new one is made and the work tried again. Other processes may
# be doing the same with the same file, so once more is not enough; but it must end.
_TRIES = 5


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


class OpenLog:
    """A log that its subclass reads and writes through `_run`, `_query`, `_append` and `_write`.

    `notices` holds sentences for the learner: what was kept of a damaged log, and where it now lies.
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

        Only here, because a backup of a long log takes a moment, and a verdict should not wait for it.
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
        """Do `work` in one transaction. The number of a new row tells when the sum of the log is to be stored again."""

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
            f"The progress log {self._backend.place} was damaged again each time it was started again",
            hint="study doctor",
        )

    def _migrate(self) -> None:
        from grader.progress.migrating import migrate

        if schema.load_schema_version(self._backend) != len(schema.MIGRATIONS):
            migrate(self._backend, self._now)
