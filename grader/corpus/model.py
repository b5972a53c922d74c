"""What a corpus is, where to look for one and what is known about each."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from grader.core.corpus import CorpusName

ExplicitOrigin = Literal["STUDY_NAMES_FILE", "study data use"]


class NamesFile(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that tell the one right names file from every other file."""

    url: str
    words: int
    sha256: str  # of the file without a final newline and with \n between the names


MAKEMORE_NAMES = NamesFile(
    url="https://raw.githubusercontent.com/karpathy/makemore/master/names.txt",
    words=32_033,
    sha256="0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
)


class CorpusStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One place a corpus can come from, as `study data list` shows it."""

    name: CorpusName
    origin: str  # STUDY_NAMES_FILE, study data use, cache, built in
    path: Path | None  # None for a corpus that is made on demand and not kept yet
    present: bool
    words: int | None  # None where nothing could be read
    checksum_ok: bool | None  # None where nothing could be read
    floor_nats: float | None
    in_use: bool  # what the next command takes, unless a download succeeds first
    problem: str | None  # one sentence where something is wrong


class CorpusSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where to look for the names, and how long to wait for them."""

    cache_dir: Path
    explicit_path: Path | None = None
    explicit_origin: ExplicitOrigin = "STUDY_NAMES_FILE"
    offline: bool = False
    # To the first byte of a download that the learner did not ask for: short, so that an offline learner hardly waits.
    download_timeout_s: float = 3.0
    names: NamesFile = MAKEMORE_NAMES


def corpus_settings(environ: Mapping[str, str], saved_path: Path | None, cache_dir: Path) -> CorpusSettings:
    """Gather the settings: STUDY_NAMES_FILE wins over the saved path; STUDY_OFFLINE=1 forbids downloads.

    An empty STUDY_NAMES_FILE counts as unset; an empty STUDY_OFFLINE and 0 mean online.
    """
    from_environ = environ.get("STUDY_NAMES_FILE", "")
    return CorpusSettings(
        cache_dir=cache_dir,
        explicit_path=Path(os.path.expanduser(from_environ)) if from_environ else saved_path,
        explicit_origin="STUDY_NAMES_FILE" if from_environ else "study data use",
        offline=environ.get("STUDY_OFFLINE", "") not in ("", "0"),
    )


def cached_names_path(cache_dir: Path) -> Path:
    """Name the file that a download is kept in."""
    return cache_dir / "names.txt"


def failure_stamp_path(cache_dir: Path) -> Path:
    """Name the file that holds when a download last failed, in seconds since 1970; blank for never."""
    return cache_dir / "names-download-failed"
