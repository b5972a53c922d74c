"""Find out whether a log holds what was written to it, and deal with what a damaged one has left behind."""

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec

from grader.progress.backend import Backend
from grader.progress.backups import backup_folder, find_lost, find_trouble, forget_loss, list_backups, read_loss
from grader.progress.layout import read_layouts
from grader.progress.rows import RowDamaged
from grader.progress.rules import check_value
from grader.progress.sqlite import SqliteBackend
from grader.progress.summary import is_summary_right, store_summary
from grader.progress.transfer import read_log


class Health(msgspec.Struct, frozen=True):
    """What was found: how many events there are, and what is not as it should be."""

    events: int
    #: What was said when a damaged file was set aside, of each that was not dealt with yet.
    aside: tuple[str, ...] = ()
    newest_backup: str | None = None
    #: Whether the stored sum is the sum of the rows.
    is_summed_right: bool = True
    #: What was said when the log was found missing, until it is brought back.
    loss: str | None = None
    #: What keeps backups from being made.
    backup_trouble: str | None = None
    #: What to type where the log may not be written.
    refusal: str | None = None


def examine(backend: Backend) -> Health:
    """Read every row and every text.

    Raises:
        RowDamaged: If one holds something else than was written.
    """
    layouts = {layout.name: layout for layout in read_layouts()}
    if isinstance(backend, SqliteBackend):
        ((said,),) = backend.execute("PRAGMA integrity_check(1)")
        if said != "ok":
            raise RowDamaged(said)
    events = 0
    for _, event in read_log(backend):
        events += 1
        for column in layouts[event.table].content:
            if column.name in event.row and column.refers is None:
                try:
                    check_value(event.table, column, event.row[column.name])
                except ValueError as error:
                    raise RowDamaged(str(error)) from error
    is_right = is_summary_right(backend)
    if not isinstance(backend, SqliteBackend):
        return Health(events, is_summed_right=is_right)
    from grader.progress.salvage import list_aside

    backups = list_backups(backend.path)
    return Health(
        events,
        tuple(_read_what_was_said(backend.path, aside) for aside in list_aside(backend.path)),
        backups[0].name if backups else None,
        is_right,
        read_loss(backend.path),
        find_trouble(backend.path),
        backend.find_refusal(),
    )


def _read_what_was_said(log: Path, aside: Path) -> str:
    from grader.progress.salvage import note_of

    with suppress(OSError):
        return note_of(log, aside).read_text(encoding="utf-8", errors="replace").strip()
    return f"a damaged progress log lies in {aside}"  # an older study wrote no text beside it


def repair(backend: Backend, now: datetime) -> list[str]:
    """Make the sum again, take what set-aside files and backups still hold, and put those files away.

    Returns:
        A sentence for each thing that was done.
    """
    from grader.progress.backend import transaction
    from grader.progress.summary import forget_summary

    done = []
    if not is_summary_right(backend):
        with transaction(backend):
            forget_summary(backend)
            store_summary(backend, now)
        done.append("The sum of the log was made again from its rows.")
    if isinstance(backend, SqliteBackend):
        done += _bring_back(backend, now)
        done += _deal_with_aside(backend, now)
    return done


def _bring_back(backend: SqliteBackend, now: datetime) -> list[str]:
    """Merge the backup of a log that was lost into the one that was begun since."""
    if read_loss(backend.path) is None:
        return []
    from grader.progress.backend import transaction
    from grader.progress.salvage import rebuilt
    from grader.progress.transfer import merge_events

    backup = find_lost(backend.path)
    if backup is None:
        said = "The backup that held more than the log is not there any more; nothing was brought back."
    else:
        with rebuilt(backup, now, backend.make_log) as found, transaction(backend):
            added = merge_events(backend, (event for _, event in read_log(found)), now=now)
        total = sum(added.values())
        said = f"{total:,} {'record was' if total == 1 else 'records were'} brought back from {backup}."
    forget_loss(backend.path)
    return [said]


def _deal_with_aside(backend: SqliteBackend, now: datetime) -> list[str]:
    from grader.progress.salvage import list_aside
    from grader.progress.scanning import scan

    done = []
    for aside in list_aside(backend.path):
        _, unknown, pages = scan(aside, list_backups(backend.path))
        said = backend.complete(aside, now)
        kept = backup_folder(backend.path) / aside.name
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.rename(f"{aside}{suffix}", f"{kept}{suffix}")
        left = f"{unknown:,} of its {pages:,} pages cannot be understood" if unknown else "it can be deleted"
        done.append(f"{said} The damaged file now lies in {kept}; {left}.")
    return done
