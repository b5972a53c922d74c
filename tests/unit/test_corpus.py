"""The corpus: which words are used, and what is said when the real names cannot be had."""

import errno
import hashlib
import io
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import URLError

import pytest

from grader.core.errors import CorpusError
from grader.corpus import (
    EMBEDDED_FLOOR_NATS,
    MAKEMORE_NAMES,
    Corpus,
    CorpusSettings,
    CorpusStatus,
    NamesFile,
    corpus_settings,
    describe_corpora,
    resolve_corpus,
)
from grader.corpus.embedded import (
    EMBEDDED_COUNT,
    embedded_path,
    load_embedded_words,
    make_embedded_words,
)
from grader.corpus.files import SIZE_CAP_BYTES
from grader.corpus.model import cached_names_path, failure_stamp_path
from tests.support.study import REPOSITORY

TOY_WORDS = ("ibo", "una", "zek")
TOY_BYTES = "\n".join(TOY_WORDS).encode()
TOY = NamesFile(url="https://names.example/names.txt", words=3, sha256=hashlib.sha256(TOY_BYTES).hexdigest())
EXPECTED = f"3 lines, sha256 {TOY.sha256[:12]}"

embedded_words = cache(make_embedded_words)


def no_network(url: str, timeout_s: float) -> NoReturn:
    """Fail as `urlopen` does on a machine without a network."""
    raise URLError(OSError(errno.ENETUNREACH, "Network is unreachable"))


def must_not_open(url: str, timeout_s: float) -> NoReturn:
    raise AssertionError(f"a download of {url} was tried")


class Canned(io.BytesIO):
    """A response from memory, of unknown length."""

    def getheader(self, name: str, /) -> None:
        """Have no header at all."""


def answer(url: str, timeout_s: float) -> Canned:
    """Answer as the real server would."""
    assert url == TOY.url
    return Canned(TOY_BYTES)


def toy_settings(tmp_path: Path, **changes: Any) -> CorpusSettings:
    return CorpusSettings(cache_dir=tmp_path / "cache", names=TOY, **changes)


def write_names(path: Path, data: bytes = TOY_BYTES) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def said() -> list[str]:
    """Collect what `report` was told."""
    return []


# --- settings ---------------------------------------------------------------------------------------


def test_the_environment_wins_over_the_saved_path(tmp_path: Path) -> None:
    saved = tmp_path / "saved.txt"
    environ = {"STUDY_NAMES_FILE": "given.txt", "STUDY_OFFLINE": "1"}
    assert corpus_settings(environ, saved, tmp_path) == CorpusSettings(
        cache_dir=tmp_path,
        explicit_path=Path("given.txt"),
        explicit_origin="STUDY_NAMES_FILE",
        offline=True,
        download_timeout_s=3.0,
        names=MAKEMORE_NAMES,
    )


@pytest.mark.parametrize("offline", ["", "0"])
def test_empty_variables_leave_the_saved_path_and_the_network(tmp_path: Path, offline: str) -> None:
    saved = tmp_path / "saved.txt"
    settings = corpus_settings({"STUDY_NAMES_FILE": "", "STUDY_OFFLINE": offline}, saved, tmp_path)
    assert settings == CorpusSettings(
        cache_dir=tmp_path, explicit_path=saved, explicit_origin="study data use", offline=False
    )


def test_a_tilde_in_the_environment_means_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    settings = corpus_settings({"STUDY_NAMES_FILE": "~/names.txt"}, None, tmp_path)
    assert settings.explicit_path == tmp_path / "names.txt"


# --- an explicit file -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [TOY_BYTES, TOY_BYTES + b"\n", b"ibo\r\nuna\r\nzek", b"ibo\r\nuna\r\nzek\r\n"],
    ids=["as published", "final newline", "windows", "windows with final newline"],
)
def test_an_explicit_file_is_used_whatever_its_line_ends(tmp_path: Path, said: list[str], data: bytes) -> None:
    path = write_names(tmp_path / "mine.txt", data)
    settings = toy_settings(tmp_path, explicit_path=path)
    assert resolve_corpus(settings, report=said.append, opener=must_not_open) == Corpus(
        name="names",
        words=TOY_WORDS,
        source=f"3 names from {path}, named by STUDY_NAMES_FILE",
        floor_nats=None,
    )
    assert said == []
    assert listing(tmp_path) == ["mine.txt"]


@pytest.mark.parametrize(
    ("origin", "named_by", "hint"),
    [
        (
            "STUDY_NAMES_FILE",
            "STUDY_NAMES_FILE",
            "unset STUDY_NAMES_FILE, then study data fetch; or set it to the right file",
        ),
        (
            "study data use",
            "`study data use`",
            "study data fetch to download the names, or study data use PATH with the right file",
        ),
    ],
)
def test_a_missing_explicit_file_is_an_error_that_names_it(
    tmp_path: Path, said: list[str], origin: str, named_by: str, hint: str
) -> None:
    path = tmp_path / "gone.txt"
    settings = toy_settings(tmp_path, explicit_path=path, explicit_origin=origin)
    with pytest.raises(CorpusError) as caught:
        resolve_corpus(settings, report=said.append, opener=must_not_open)
    assert caught.value.message == f"{path}, named by {named_by}, cannot be read: No such file or directory."
    assert (caught.value.hint, caught.value.exit_code) == (hint, 2)


def test_an_explicit_folder_is_an_error_that_says_so(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(CorpusError) as caught:
        resolve_corpus(toy_settings(tmp_path, explicit_path=tmp_path), report=said.append, opener=must_not_open)
    assert caught.value.message == f"{tmp_path}, named by STUDY_NAMES_FILE, cannot be read: Not a regular file."


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"ibo\nuna\n", f"2 lines, sha256 {hashlib.sha256(b'ibo%cuna' % 10).hexdigest()[:12]}"),
        (b"ibo\nuna\nzak", f"3 lines, sha256 {hashlib.sha256(b'ibo%cuna%czak' % (10, 10)).hexdigest()[:12]}"),
        (b"ibo", f"1 line, sha256 {hashlib.sha256(b'ibo').hexdigest()[:12]}"),
        (b"", f"0 lines, sha256 {hashlib.sha256(b'').hexdigest()[:12]}"),
        (bytes(SIZE_CAP_BYTES + 1), "more than 1,048,576 bytes"),
    ],
    ids=["cut short", "a changed letter", "one name", "empty", "huge"],
)
def test_another_explicit_file_is_an_error_that_says_what_it_holds(
    tmp_path: Path, said: list[str], data: bytes, found: str
) -> None:
    path = write_names(tmp_path / "mine.txt", data)
    with pytest.raises(CorpusError) as caught:
        resolve_corpus(toy_settings(tmp_path, explicit_path=path), report=said.append, opener=must_not_open)
    assert caught.value.message == (
        f"{path}, named by STUDY_NAMES_FILE, is not the names file: it has {found} instead of {EXPECTED}."
    )
    assert path.read_bytes() == data


# --- the cache --------------------------------------------------------------------------------------


def test_the_cache_is_used_without_a_word(tmp_path: Path, said: list[str]) -> None:
    settings = toy_settings(tmp_path)
    path = write_names(cached_names_path(settings.cache_dir))
    assert resolve_corpus(settings, report=said.append, opener=must_not_open) == Corpus(
        name="names", words=TOY_WORDS, source=f"3 names from the cache, {path}", floor_nats=None
    )
    assert said == []


def test_a_damaged_cache_is_set_aside_and_downloaded_again(tmp_path: Path, said: list[str]) -> None:
    settings = toy_settings(tmp_path)
    path = write_names(cached_names_path(settings.cache_dir), b"ib")
    earlier = write_names(path.with_name("names.txt.damaged-1"), b"an earlier accident")
    wrong = f"1 line, sha256 {hashlib.sha256(b'ib').hexdigest()[:12]} instead of {EXPECTED}"
    corpus = resolve_corpus(settings, report=said.append, opener=answer)
    assert (corpus.name, corpus.words) == ("names", TOY_WORDS)
    assert said == [
        f"The names in the cache, {path}, are damaged: {wrong}. The file is kept as names.txt.damaged-2.",
        "Downloading the names (228 kB) into the cache, this once ...",
    ]
    assert path.with_name("names.txt.damaged-2").read_bytes() == b"ib"
    assert earlier.read_bytes() == b"an earlier accident"
    assert listing(settings.cache_dir) == ["names.txt", "names.txt.damaged-1", "names.txt.damaged-2"]


def test_a_damaged_cache_without_a_network_gives_the_embedded_corpus(tmp_path: Path, said: list[str]) -> None:
    settings = toy_settings(tmp_path, offline=True)
    path = write_names(cached_names_path(settings.cache_dir), b"ib")
    assert resolve_corpus(settings, report=said.append, opener=must_not_open).name == "embedded"
    assert said[1:] == [
        "STUDY_OFFLINE is set and the names are not in the cache; using the embedded corpus of 32,000 made-up"
        " words (`study data fetch` gets the names)."
    ]
    assert path.with_name("names.txt.damaged-1").read_bytes() == b"ib"


def test_a_damaged_cache_that_cannot_be_renamed_is_said_and_left_alone(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = toy_settings(tmp_path, offline=True)
    path = write_names(cached_names_path(settings.cache_dir), b"ib")

    def refuse(*args: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("grader.corpus.files.os.replace", refuse)
    assert resolve_corpus(settings, report=said.append, opener=must_not_open).name == "embedded"
    assert said[0].endswith(f"instead of {EXPECTED}. It could not be renamed: Permission denied.")
    assert path.read_bytes() == b"ib"
    assert listing(settings.cache_dir) == ["names.txt"]


def test_a_cache_folder_that_is_a_file_is_said_and_costs_no_download(tmp_path: Path, said: list[str]) -> None:
    settings = toy_settings(tmp_path)
    settings.cache_dir.write_text("in the way")
    assert resolve_corpus(settings, report=said.append, opener=must_not_open).words == embedded_words()
    kept = embedded_path(settings.cache_dir)
    assert said == [
        f"The names in the cache, {cached_names_path(settings.cache_dir)}, cannot be read: Not a directory.",
        f"The names cannot be kept in {settings.cache_dir}: File exists; using the embedded corpus of 32,000"
        " made-up words (`study data fetch` gets the names).",
        f"The kept copy of the embedded corpus, {kept}, cannot be read: Not a directory.",
        f"The embedded corpus could not be kept in {kept}: File exists. It is made again next time.",
    ]
    assert settings.cache_dir.read_text() == "in the way"


# --- the implicit download --------------------------------------------------------------------------


def test_names_that_are_nowhere_are_downloaded_once(tmp_path: Path, said: list[str]) -> None:
    settings = toy_settings(tmp_path)
    steps: list[tuple[int, int]] = []
    corpus = resolve_corpus(
        settings,
        report=said.append,
        progress=lambda done, total: steps.append((done, total)),
        opener=answer,
    )
    path = cached_names_path(settings.cache_dir)
    assert corpus.source == f"3 names from the cache, {path}"
    assert said == ["Downloading the names (228 kB) into the cache, this once ..."]
    assert steps == [(11, 0)]
    assert listing(settings.cache_dir) == ["names.txt"]
    assert resolve_corpus(settings, report=said.append, opener=must_not_open) == corpus


def test_without_a_network_the_embedded_corpus_is_used_and_said(tmp_path: Path, said: list[str]) -> None:
    settings = toy_settings(tmp_path)
    corpus = resolve_corpus(settings, report=said.append, opener=no_network, now_s=lambda: 1_000_000.0)
    assert corpus == Corpus(
        name="embedded",
        words=embedded_words(),
        source="32,000 made-up words from the built-in generator (no model can get below 1.8965 nats per character)",
        floor_nats=EMBEDDED_FLOOR_NATS,
    )
    assert said == [
        "Downloading the names (228 kB) into the cache, this once ...",
        "The names could not be downloaded from names.example: Network is unreachable; using the embedded"
        " corpus of 32,000 made-up words (`study data fetch` gets the names).",
    ]
    assert listing(settings.cache_dir) == sorted([embedded_path(tmp_path).name, "names-download-failed"])


@pytest.mark.parametrize(("later_s", "tries"), [(0, 0), (86_399, 0), (86_400, 1), (-1, 1)])
def test_a_failed_download_is_tried_again_after_a_day_and_not_before(
    tmp_path: Path, said: list[str], later_s: int, tries: int
) -> None:
    settings = toy_settings(tmp_path)
    resolve_corpus(settings, report=said.append, opener=no_network, now_s=lambda: 1_000_000.0)
    said.clear()
    tried: list[str] = []

    def opener(url: str, timeout_s: float) -> NoReturn:
        tried.append(url)
        no_network(url, timeout_s)

    resolve_corpus(settings, report=said.append, opener=opener, now_s=lambda: 1_000_000.0 + later_s)
    assert tried == [TOY.url] * tries
    if not tries:
        assert said == [
            "A download of the names failed within the last day; using the embedded corpus of 32,000 made-up"
            " words (`study data fetch` gets the names)."
        ]


def test_a_damaged_stamp_does_not_stop_the_download(tmp_path: Path, said: list[str]) -> None:
    settings = toy_settings(tmp_path)
    write_names(failure_stamp_path(settings.cache_dir), b"\xff once upon a time")
    assert resolve_corpus(settings, report=said.append, opener=answer).words == TOY_WORDS


def test_offline_tries_no_download_and_notes_no_failure(tmp_path: Path, said: list[str]) -> None:
    settings = toy_settings(tmp_path, offline=True)
    assert resolve_corpus(settings, report=said.append, opener=must_not_open).name == "embedded"
    assert listing(settings.cache_dir) == [embedded_path(tmp_path).name]


@pytest.mark.parametrize(("changes", "timeout_s"), [({}, 3.0), ({"download_timeout_s": 0.5}, 0.5)])
def test_the_implicit_download_waits_no_longer_than_the_settings_say(
    tmp_path: Path, said: list[str], changes: dict[str, float], timeout_s: float
) -> None:
    waits: list[float] = []

    def opener(url: str, timeout_s: float) -> NoReturn:
        waits.append(timeout_s)
        no_network(url, timeout_s)

    resolve_corpus(toy_settings(tmp_path, **changes), report=said.append, opener=opener)
    assert waits == [timeout_s]


def test_a_bug_in_an_opener_is_not_taken_for_a_bad_network(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(AssertionError, match="was tried"):
        resolve_corpus(toy_settings(tmp_path), report=said.append, opener=must_not_open)


# --- study data list --------------------------------------------------------------------------------


def names_row(path: Path, **changes: Any) -> CorpusStatus:
    facts: dict[str, Any] = {
        "name": "names",
        "origin": "cache",
        "path": path,
        "present": True,
        "words": 3,
        "checksum_ok": True,
        "floor_nats": None,
        "in_use": False,
        "problem": None,
    }
    return CorpusStatus(**(facts | changes))


def embedded_row(path: Path | None, in_use: bool, **changes: Any) -> CorpusStatus:
    facts: dict[str, Any] = {
        "name": "embedded",
        "origin": "built in",
        "path": path,
        "present": True,
        "words": EMBEDDED_COUNT,
        "checksum_ok": None if path is None else True,
        "floor_nats": EMBEDDED_FLOOR_NATS,
        "in_use": in_use,
        "problem": None,
    }
    return CorpusStatus(**(facts | changes))


def test_the_list_of_an_empty_cache_has_the_embedded_corpus_in_use(tmp_path: Path) -> None:
    settings = toy_settings(tmp_path)
    assert describe_corpora(settings) == [
        names_row(cached_names_path(settings.cache_dir), present=False, words=None, checksum_ok=None),
        embedded_row(None, in_use=True),
    ]
    assert listing(tmp_path) == []


def test_the_list_of_a_full_cache_has_the_names_in_use(tmp_path: Path) -> None:
    settings = toy_settings(tmp_path)
    path = write_names(cached_names_path(settings.cache_dir))
    load_embedded_words(settings.cache_dir, report=pytest.fail)
    assert describe_corpora(settings) == [
        names_row(path, in_use=True),
        embedded_row(embedded_path(settings.cache_dir), in_use=False),
    ]


def test_the_list_tells_what_is_damaged_and_repairs_nothing(tmp_path: Path) -> None:
    settings = toy_settings(tmp_path)
    path = write_names(cached_names_path(settings.cache_dir), b"ib\n")
    kept = write_names(embedded_path(settings.cache_dir), b"ib")
    found = f"1 line, sha256 {hashlib.sha256(b'ib').hexdigest()[:12]}"
    assert describe_corpora(settings) == [
        names_row(path, words=1, checksum_ok=False, problem=f"{path} has {found} instead of {EXPECTED}"),
        embedded_row(
            kept,
            in_use=True,
            checksum_ok=False,
            problem=f"{kept} is damaged; it is set aside and made again when it is needed",
        ),
    ]
    assert (path.read_bytes(), kept.read_bytes()) == (b"ib\n", b"ib")


def test_an_explicit_file_comes_first_in_the_list_and_is_in_use(tmp_path: Path) -> None:
    mine = write_names(tmp_path / "mine.txt")
    settings = toy_settings(tmp_path, explicit_path=mine, explicit_origin="study data use")
    path = write_names(cached_names_path(settings.cache_dir))
    assert describe_corpora(settings) == [
        names_row(mine, origin="study data use", in_use=True),
        names_row(path),
        embedded_row(None, in_use=False),
    ]


def test_a_missing_explicit_file_leaves_nothing_in_use(tmp_path: Path) -> None:
    gone = tmp_path / "gone.txt"
    settings = toy_settings(tmp_path, explicit_path=gone)
    path = write_names(cached_names_path(settings.cache_dir))
    assert describe_corpora(settings) == [
        names_row(
            gone,
            origin="STUDY_NAMES_FILE",
            present=False,
            words=None,
            checksum_ok=None,
            problem=f"{gone}: No such file or directory",
        ),
        names_row(path),
        embedded_row(None, in_use=False),
    ]


# --- what an import costs ---------------------------------------------------------------------------


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = ("torch", "numpy", "pytest", "nbformat", "urllib.request", "ssl")
    code = f"import sys, grader.corpus; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert done.stdout.strip() == "[]"
