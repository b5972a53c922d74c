"""Fetch the names file: checksum pinned, one deadline for everything, written whole or not at all."""

import errno
import queue
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import urlsplit

from grader.core.errors import CorpusError

from .files import SIZE_CAP_BYTES, keep_atomically, reason
from .model import MAKEMORE_NAMES, NamesFile, cached_names_path, failure_stamp_path
from .names_file import check_names, describe_expected

CHUNK_BYTES = 16_384
FIRST_BYTE_TIMEOUT_S = 15.0  # for a download that was asked for; the implicit one waits much less
DEADLINE_S = 60.0  # the file has 228 kB: a line slower than 4 kB/s is not worth waiting for


class Response(Protocol):
    """The part of an HTTP response that is used here."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; none at the end."""
        ...

    def getheader(self, name: str, /) -> str | None:
        """Return a header, or None."""
        ...


Opener = Callable[[str, float], AbstractContextManager[Response]]  # (url, timeout of one wait in seconds)
Progress = Callable[[int, int], None]  # (bytes so far, bytes in all; 0 where the server does not say)
Event = tuple[int, bytes] | BaseException | None  # (bytes in all, chunk), a failure, or the end


def open_https(url: str, timeout_s: float) -> AbstractContextManager[Response]:
    """Open an https address; any other kind of address, also by a redirect, is refused.

    Raises:
        OSError: Of many kinds, `urllib.error.URLError` among them.
    """
    # Imported late: with ssl they cost some 50 ms, and hardly any command downloads.
    import urllib.request as web
    from http.client import HTTPResponse

    # Without a handler for http, ftp and file there is no way to them.
    handlers = (web.ProxyHandler, web.HTTPSHandler, web.HTTPRedirectHandler, web.HTTPErrorProcessor)
    opener = web.OpenerDirector()
    for handler in (*handlers, web.HTTPDefaultErrorHandler, web.UnknownHandler):
        opener.add_handler(handler())
    return cast(HTTPResponse, opener.open(web.Request(url, headers={"User-Agent": "study"}), timeout=timeout_s))


def fetch_names(
    cache_dir: Path,
    *,
    progress: Progress,
    opener: Opener = open_https,
    first_byte_timeout_s: float = FIRST_BYTE_TIMEOUT_S,
    deadline_s: float = DEADLINE_S,
    expected: NamesFile = MAKEMORE_NAMES,
) -> Path:
    """Download the names into the cache and return where they are; a failure leaves the cache as it was.

    Raises:
        CorpusError: If the server cannot be reached, answers with an error, is too slow or sends something
            else, or if the file cannot be written.
    """
    data = _download(expected.url, progress, opener, first_byte_timeout_s, deadline_s)
    reading = check_names(data, expected)
    if reading.words is None:
        raise CorpusError(
            f"{expected.url} sent something else than the names: {reading.found}"
            f" instead of {describe_expected(expected)}. Nothing was kept.",
            hint="study data fetch, once more; or get names.txt elsewhere and `study data use PATH`",
        )
    path = cached_names_path(cache_dir)
    try:
        keep_atomically(path, reading.data)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise CorpusError(
            f"The names were downloaded but could not be kept in {path}: {reason(error)}.",
            hint=f"{'free some space' if full else f'make {cache_dir} writable'}, then study data fetch",
        ) from error
    with suppress(OSError):  # the names are there now, so the stamp is not read any more
        failure_stamp_path(cache_dir).unlink(missing_ok=True)
    return path


def _download(url: str, progress: Progress, opener: Opener, first_byte_timeout_s: float, deadline_s: float) -> bytes:
    """Collect the bytes from a thread of their own.

    A socket timeout alone bounds neither the name lookup, nor a host with many dead addresses, nor a server
    that drips. The thread is given up at the deadline: it holds only its connection, and writes no file.
    """
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    given_up = threading.Event()
    threading.Thread(
        target=_read_into,
        args=(events, given_up, opener, url, first_byte_timeout_s),
        name="names",
        daemon=True,
    ).start()
    start_s = time.monotonic()
    data = b""
    total = 0
    limit_s = min(first_byte_timeout_s, deadline_s)
    try:
        while True:
            left_s = start_s + limit_s - time.monotonic()
            try:
                if left_s <= 0:  # even if more has come: a steady drip must not keep us here
                    raise queue.Empty
                event = events.get(timeout=left_s)
            except queue.Empty:
                got = f"{len(data):,} bytes" if data else "no answer"
                raise _failure(url, f"{got} after {limit_s:g} seconds") from None
            limit_s = deadline_s
            if isinstance(event, BaseException):
                why = _explain(event)
                if why is None:
                    raise event
                raise _failure(url, why) from event
            if event is None:
                break
            total, chunk = event
            data += chunk
            if max(len(data), total) > SIZE_CAP_BYTES:
                raise _failure(url, f"it sends more than {SIZE_CAP_BYTES:,} bytes, which cannot be the names")
            progress(len(data), total)
    finally:
        given_up.set()
    if len(data) < total:
        raise _failure(url, f"the connection ended after {len(data):,} of {total:,} bytes")
    return data


def _read_into(
    events: "queue.SimpleQueue[Event]", given_up: threading.Event, opener: Opener, url: str, timeout_s: float
) -> None:
    """Put the chunks of the response into the queue, then None; or the exception that ended it."""
    try:
        with opener(url, timeout_s) as response:
            header = response.getheader("Content-Length") or ""
            total = int(header) if header.isdecimal() else 0
            while not given_up.is_set() and (chunk := response.read(CHUNK_BYTES)):
                events.put((total, chunk))
        events.put(None)
    except BaseException as error:  # carried over to the caller's thread, which raises it
        events.put(error)


def _explain(error: BaseException) -> str | None:
    """Say what the standard library means by what it raises for a bad network; None for anything else."""
    from http.client import HTTPException
    from urllib.error import HTTPError, URLError

    if isinstance(error, HTTPError):
        error.close()
        phrase = ""
        with suppress(ValueError):
            phrase = f" {HTTPStatus(error.code).phrase}"
        return f"the server answered {error.code}{phrase}"
    if isinstance(error, URLError):
        return reason(error.reason) if isinstance(error.reason, OSError) else str(error.reason)
    if isinstance(error, OSError):
        return reason(error)
    if isinstance(error, HTTPException):
        return f"the answer is not HTTP as expected ({type(error).__name__})"
    return None


def _failure(url: str, why: str) -> CorpusError:
    return CorpusError(
        f"The names could not be downloaded from {urlsplit(url).hostname}: {why}.",
        hint=f"study data fetch, when online; or save {url} yourself and `study data use PATH`",
    )
