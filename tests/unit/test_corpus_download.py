"""Downloading the names: what is kept, and what is said when it cannot be had."""

import errno
import hashlib
import io
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.error import URLError

import pytest

from grader.core.errors import CorpusError
from grader.corpus import (
    NamesFile,
    fetch_names,
)
from grader.corpus.download import Opener, Response, open_https
from grader.corpus.files import SIZE_CAP_BYTES, keep_atomically
from grader.corpus.model import failure_stamp_path

TOY_BYTES = b"ibo\nuna\nzek"
TOY = NamesFile(url="https://names.example/names.txt", words=3, sha256=hashlib.sha256(TOY_BYTES).hexdigest())
EXPECTED = f"3 lines, sha256 {TOY.sha256[:12]}"


def ignore_progress(done: int, total: int) -> None:
    """Take the progress of a download that the test does not look at."""


def no_network(url: str, timeout_s: float) -> NoReturn:
    """Fail as `urlopen` does on a machine without a network."""
    raise URLError(OSError(errno.ENETUNREACH, "Network is unreachable"))


class Canned(io.BytesIO):
    """A response from memory, with the length that it is said to have."""

    length: int | None = None

    def getheader(self, name: str, /) -> str | None:
        assert name == "Content-Length"
        return None if self.length is None else str(self.length)


def answer(data: bytes, length: int | None = None) -> Opener:
    """Make an opener that answers every address with these bytes."""

    def opener(url: str, timeout_s: float) -> Canned:
        assert url == TOY.url
        response = Canned(data)
        response.length = length
        return response

    return opener


def write_names(path: Path, data: bytes = TOY_BYTES) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def stalled() -> Iterator[Callable[[bytes], Opener]]:
    """Make openers that send some bytes, or not even an answer, and then nothing until the test is over."""
    over = threading.Event()

    class Stalled(Canned):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(size) or (over.wait(), b"")[1]

    def make(first: bytes) -> Opener:
        def opener(url: str, timeout_s: float) -> Canned:
            if not first:
                over.wait()
            return Stalled(first)

        return opener

    yield make
    over.set()


class Site(NamedTuple):
    """A web server on this machine."""

    address: str
    pages: dict[str, tuple[int, bytes]]  # path -> status and body
    asked: list[str]  # the paths, in order


@pytest.fixture
def server() -> Iterator[Site]:
    """Run a site whose pages the test fills in."""
    pages: dict[str, tuple[int, bytes]] = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = pages[self.path]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Site(f"http://127.0.0.1:{httpd.server_port}", pages, asked)
        httpd.shutdown()
        thread.join()


def plain_opener(address: str) -> Opener:
    """Make an opener that goes to `address` whatever it is asked for."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def opener(url: str, timeout_s: float) -> AbstractContextManager[Response]:
        response: AbstractContextManager[Response] = direct.open(address, timeout=timeout_s)
        return response

    return opener


def test_fetch_keeps_what_the_server_sends(tmp_path: Path, server: Site) -> None:
    words = [f"name{n}" for n in range(5_000)]
    data = "\n".join(words).encode()
    expected = NamesFile(url=TOY.url, words=5_000, sha256=hashlib.sha256(data).hexdigest())
    server.pages["/names.txt"] = (200, data + b"\n")
    write_names(failure_stamp_path(tmp_path), b"1")
    steps: list[tuple[int, int]] = []
    path = fetch_names(
        tmp_path,
        progress=lambda done, total: steps.append((done, total)),
        opener=plain_opener(f"{server.address}/names.txt"),
        expected=expected,
    )
    assert path == tmp_path / "names.txt"
    assert path.read_bytes() == data
    assert steps == [(done, len(data) + 1) for done in (16_384, 32_768, len(data) + 1)]
    assert server.asked == ["/names.txt"]
    assert listing(tmp_path) == ["names.txt"]


@pytest.mark.parametrize(
    ("status", "why"),
    [(404, "404 Not Found"), (503, "503 Service Unavailable"), (599, "599")],
)
def test_fetch_says_which_status_the_server_answered(
    tmp_path: Path,
    server: Site,
    status: int,
    why: str,
) -> None:
    server.pages["/names.txt"] = (status, b"sorry")
    with pytest.raises(CorpusError) as caught:
        fetch_names(
            tmp_path,
            progress=ignore_progress,
            opener=plain_opener(f"{server.address}/names.txt"),
            expected=TOY,
        )
    assert caught.value.message == (f"The names could not be downloaded from names.example: the server answered {why}.")
    assert listing(tmp_path) == []


def test_fetch_without_a_network_says_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(CorpusError) as caught:
        fetch_names(tmp_path, progress=ignore_progress, opener=no_network)
    assert caught.value.message == (
        "The names could not be downloaded from raw.githubusercontent.com: Network is unreachable."
    )
    assert caught.value.hint == (
        "study data fetch, when online; or save https://raw.githubusercontent.com/karpathy/makemore/master/names.txt"
        " yourself and `study data use PATH`"
    )
    assert caught.value.exit_code == 2


def test_fetch_refuses_another_file_and_keeps_the_old_one(tmp_path: Path) -> None:
    path = write_names(tmp_path / "names.txt", b"old")
    with pytest.raises(CorpusError) as caught:
        fetch_names(tmp_path, progress=ignore_progress, opener=answer(b"<html>log in first</html>"), expected=TOY)
    found = hashlib.sha256(b"<html>log in first</html>").hexdigest()[:12]
    assert caught.value.message == (
        f"{TOY.url} sent something else than the names: 1 line, sha256 {found} instead of {EXPECTED}. Nothing was kept."
    )
    assert path.read_bytes() == b"old"
    assert listing(tmp_path) == ["names.txt"]


@pytest.mark.parametrize(
    ("opener", "why"),
    [
        (answer(TOY_BYTES[:5], length=11), "the connection ended after 5 of 11 bytes"),
        (
            answer(bytes(2 * SIZE_CAP_BYTES)),
            "it sends more than 1,048,576 bytes, which cannot be the names",
        ),
        (
            answer(TOY_BYTES, length=SIZE_CAP_BYTES + 1),
            "it sends more than 1,048,576 bytes, which cannot be the names",
        ),
    ],
    ids=["cut short", "endless", "announced as huge"],
)
def test_fetch_refuses_too_little_and_too_much(tmp_path: Path, opener: Opener, why: str) -> None:
    with pytest.raises(CorpusError) as caught:
        fetch_names(tmp_path, progress=ignore_progress, opener=opener, expected=TOY)
    assert caught.value.message == f"The names could not be downloaded from names.example: {why}."
    assert listing(tmp_path) == []


@pytest.mark.parametrize(
    ("first", "why"), [(b"", "no answer after 0.1 seconds"), (b"ibo", "3 bytes after 0.3 seconds")]
)
def test_fetch_gives_up_on_a_server_that_stalls(
    tmp_path: Path, stalled: Callable[[bytes], Opener], first: bytes, why: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        fetch_names(
            tmp_path,
            progress=ignore_progress,
            opener=stalled(first),
            first_byte_timeout_s=0.1,
            deadline_s=0.3,
            expected=TOY,
        )
    assert caught.value.message == f"The names could not be downloaded from names.example: {why}."
    assert listing(tmp_path) == []


def test_a_full_disk_is_said_and_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_names(tmp_path / "names.txt", b"old")

    def full(descriptor: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("grader.corpus.files.os.fsync", full)
    with pytest.raises(CorpusError) as caught:
        fetch_names(tmp_path, progress=ignore_progress, opener=answer(TOY_BYTES), expected=TOY)
    assert caught.value.message == (
        f"The names were downloaded but could not be kept in {path}: No space left on device."
    )
    assert caught.value.hint == "free some space, then study data fetch"
    assert path.read_bytes() == b"old"
    assert listing(tmp_path) == ["names.txt"]


def test_an_interrupted_write_leaves_no_part_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(descriptor: int) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("grader.corpus.files.os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        keep_atomically(tmp_path / "names.txt", TOY_BYTES)
    assert listing(tmp_path) == []


def test_only_https_is_ever_opened(server: Site) -> None:
    server.pages["/names.txt"] = (200, TOY_BYTES)
    with (
        pytest.raises(URLError, match="unknown url type: http"),
        open_https(f"{server.address}/names.txt", 1.0),
    ):
        pass
    assert server.asked == []
