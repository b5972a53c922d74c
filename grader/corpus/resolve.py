"""Which corpus is used: an explicit file, the cache, a download, and else the embedded words."""

import contextlib
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from grader.core.corpus import Corpus
from grader.core.errors import CorpusError

from .download import Opener, Progress, fetch_names, open_https
from .embedded import EMBEDDED_COUNT, EMBEDDED_FLOOR_NATS, EMBEDDED_SHA256, embedded_path, load_embedded_words
from .files import keep_atomically, read_capped, reason, set_aside
from .model import CorpusSettings, CorpusStatus, cached_names_path, failure_stamp_path
from .names_file import describe_expected, read_names

RETRY_AFTER_S = 24 * 3600.0
# A download that the learner did not ask for may take this long in all; `study data fetch` waits longer.
IMPLICIT_DEADLINE_S = 20.0

Report = Callable[[str], None]


def resolve_corpus(
    settings: CorpusSettings,
    *,
    report: Report,
    progress: Progress = lambda done, total: None,
    opener: Opener = open_https,
    now_s: Callable[[], float] = time.time,
) -> Corpus:
    """Find the corpus to use, in the order of this module's first line.

    Side effects: may download into the cache, keep the embedded words there and set a damaged file aside;
    `report` gets one sentence for each thing the learner should know about.

    Raises:
        CorpusError: If a file was named explicitly and is not the names file. Never for want of a network.
    """
    if settings.explicit_path is not None:
        return _explicit_corpus(settings, settings.explicit_path)
    cached = _cached_corpus(settings, report)
    if cached is not None:
        return cached
    why_not = _try_download(settings, report, progress, opener, now_s)
    if why_not is None:
        downloaded = _cached_corpus(settings, report)
        if downloaded is not None:
            return downloaded
        why_not = "The names were downloaded but could not be read back"
    instead = f"using the embedded corpus of {EMBEDDED_COUNT:,} made-up words"
    report(f"{why_not}; {instead} (`study data fetch` gets the names).")
    return Corpus(
        name="embedded",
        words=load_embedded_words(settings.cache_dir, report=report),
        source=f"{EMBEDDED_COUNT:,} made-up words from the built-in generator"
        f" (no model can get below {EMBEDDED_FLOOR_NATS:.4f} nats per character)",
        floor_nats=EMBEDDED_FLOOR_NATS,
    )


def describe_corpora(settings: CorpusSettings) -> list[CorpusStatus]:
    """Look at every place a corpus can come from, and change nothing: no download, no repair."""
    rows = []
    free = True  # no earlier place decides
    if settings.explicit_path is not None:
        row = _names_status(settings, settings.explicit_path, settings.explicit_origin, free)
        rows.append(row)
        free = False  # a wrong explicit file is an error, so nothing after it is in use
    row = _names_status(settings, cached_names_path(settings.cache_dir), "cache", free)
    rows.append(row)
    rows.append(_embedded_status(settings, free and not row.in_use))
    return rows


def _explicit_corpus(settings: CorpusSettings, path: Path) -> Corpus:
    """Take the file that was named, or say what is wrong with it: never quietly another corpus."""
    from_environ = settings.explicit_origin == "STUDY_NAMES_FILE"
    origin = "STUDY_NAMES_FILE" if from_environ else "`study data use`"
    hint = (
        "unset STUDY_NAMES_FILE, then study data fetch; or set it to the right file"
        if from_environ
        else "study data fetch to download the names, or study data use PATH with the right file"
    )
    try:
        reading = read_names(path, settings.names)
    except OSError as error:
        message = f"{path}, named by {origin}, cannot be read: {reason(error)}."
        raise CorpusError(message, hint=hint) from error
    if reading.words is None:
        raise CorpusError(
            f"{path}, named by {origin}, is not the names file: it has {reading.found}"
            f" instead of {describe_expected(settings.names)}.",
            hint=hint,
        )
    return _names_corpus(reading.words, f"{path}, named by {origin}")


def _cached_corpus(settings: CorpusSettings, report: Report) -> Corpus | None:
    """Take the names in the cache; a damaged file is set aside and counts as none."""
    path = cached_names_path(settings.cache_dir)
    try:
        reading = read_names(path, settings.names)
    except FileNotFoundError:
        return None
    except OSError as error:
        report(f"The names in the cache, {path}, cannot be read: {reason(error)}.")
        return None
    if reading.words is not None:
        return _names_corpus(reading.words, f"the cache, {path}")
    wrong = f"The names in the cache, {path}, are damaged: {reading.found} instead of"
    wrong += f" {describe_expected(settings.names)}."
    try:
        report(f"{wrong} The file is kept as {set_aside(path).name}.")
    except FileNotFoundError:
        report(f"{wrong} Another command has set the file aside.")
    except OSError as error:
        report(f"{wrong} It could not be renamed: {reason(error)}.")
    return None


def _try_download(
    settings: CorpusSettings, report: Report, progress: Progress, opener: Opener, now_s: Callable[[], float]
) -> str | None:
    """Download the names into the cache, at most once per day after a failure; return why not, or None."""
    if settings.offline:
        return "STUDY_OFFLINE is set and the names are not in the cache"
    stamp = failure_stamp_path(settings.cache_dir)
    if 0 <= now_s() - _read_stamp_s(stamp) < RETRY_AFTER_S:
        return "A download of the names failed within the last day"
    try:
        # Blank counts as no failure: it only proves that a download can be kept and a failure noted.
        keep_atomically(stamp, b"")
    except OSError as error:
        return f"The names cannot be kept in {settings.cache_dir}: {reason(error)}"
    report("Downloading the names (228 kB) into the cache, this once ...")
    try:
        fetch_names(
            settings.cache_dir,
            progress=progress,
            opener=opener,
            first_byte_timeout_s=settings.download_timeout_s,
            deadline_s=IMPLICIT_DEADLINE_S,
            expected=settings.names,
        )
    except CorpusError as error:
        with contextlib.suppress(OSError):  # at worst the next command tries again
            keep_atomically(stamp, f"{now_s():.0f}\n".encode())
        return error.message.removesuffix(".")
    return None


def _read_stamp_s(stamp: Path) -> float:
    try:
        return float(read_capped(stamp, 64))
    except (OSError, ValueError):
        return float("-inf")  # no failure on record, or none that can be read: try


def _names_corpus(words: tuple[str, ...], where: str) -> Corpus:
    return Corpus(name="names", words=words, source=f"{len(words):,} names from {where}", floor_nats=None)


def _names_status(settings: CorpusSettings, path: Path, origin: str, free: bool) -> CorpusStatus:
    words: int | None = None
    ok: bool | None = None
    problem: str | None = None
    try:
        reading = read_names(path, settings.names)
    except FileNotFoundError as error:
        problem = None if origin == "cache" else f"{path}: {reason(error)}"
    except OSError as error:
        problem = f"{path}: {reason(error)}"
    else:
        ok = reading.words is not None
        words = reading.lines
        if not ok:
            problem = f"{path} has {reading.found} instead of {describe_expected(settings.names)}"
    return CorpusStatus(
        name="names",
        origin=origin,
        path=path,
        present=ok is not None,
        words=words,
        checksum_ok=ok,
        floor_nats=None,
        in_use=free and ok is True,
        problem=problem,
    )


def _embedded_status(settings: CorpusSettings, in_use: bool) -> CorpusStatus:
    path = embedded_path(settings.cache_dir)
    problem: str | None = None
    kept = ok = False
    try:
        kept_bytes = read_capped(path)
    except FileNotFoundError:
        pass  # Not made yet, which is no problem.
    except OSError as error:
        problem = f"{path}: {reason(error)}"
    else:
        kept = True
        ok = hashlib.sha256(kept_bytes).hexdigest() == EMBEDDED_SHA256
        problem = None if ok else f"{path} is damaged; it is set aside and made again when it is needed"
    return CorpusStatus(
        name="embedded",
        origin="built in",
        path=path if kept else None,
        present=True,
        words=EMBEDDED_COUNT,
        checksum_ok=ok if kept else None,
        floor_nats=EMBEDDED_FLOOR_NATS,
        in_use=in_use,
        problem=problem,
    )
