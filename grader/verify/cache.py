"""Remember what is proved: a proof holds as long as nothing that it was made of has changed."""

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import msgspec

from grader.core.models import Exercise
from grader.files.cache import blake2b
from grader.verify.findings import Report
from grader.verify.run import Manner

_PACKAGE = Path(__file__).resolve().parent.parent
#: So many proofs of one exercise are kept: of other states of it, and with other settings.
_KEPT = 8


class ProofCache:
    """Proofs in a folder; only those without a problem are kept."""

    def __init__(self, folder: Path, manner: Manner) -> None:
        """Open it.

        Args:
            folder: Where the proofs lie; it need not be there yet.
            manner: How exercises are proved now; a proof made in another manner does not count.
        """
        self._folder = folder
        self._manner = manner
        self._grader = _hash_files(_PACKAGE, "*.py")

    def find(self, exercise: Exercise, folder: Path) -> Report | None:
        """Return the proof of an exercise in its present state, if there is one."""
        with suppress(OSError, msgspec.DecodeError):
            report = msgspec.json.decode(self._file(exercise, folder).read_bytes(), type=Report)
            return msgspec.structs.replace(report, cached=True)
        return None

    def keep(self, exercise: Exercise, folder: Path, report: Report) -> None:
        """Keep a proof; one that has a problem, or cannot be written, is made anew the next time."""
        if not report.proved:
            return
        file = self._file(exercise, folder)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = file.with_suffix(f".{os.getpid()}")
            draft.write_bytes(msgspec.json.encode(report))
            draft.replace(file)
            old = sorted(self._folder.glob(f"{exercise.id}-*.json"), key=lambda path: path.stat().st_mtime_ns)
            for path in old[:-_KEPT]:
                path.unlink()

    def _file(self, exercise: Exercise, folder: Path) -> Path:
        manner = self._manner
        # Whole words: who replaces a name in the corpus has another corpus.
        corpora = [(corpus.name, corpus.words) for corpus in manner.corpora] if exercise.corpus else []
        made_of = (
            *(_hash_files(folder, "*"), self._grader, sys.version, version("torch"), version("pytest")),
            *(corpora, manner.seeds, manner.device, manner.every),
        )
        key = blake2b(repr(made_of).encode(), digest_size=12).hexdigest()
        return self._folder / f"{exercise.id}-{key}.json"


def _hash_files(folder: Path, pattern: str) -> str:
    """Hash the names and contents of files; times do not count, so a fresh checkout is as good as an old one."""
    digest = blake2b(digest_size=16)
    for path in _list_files(folder, pattern):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _list_files(folder: Path, pattern: str) -> Iterator[Path]:
    for path in sorted(folder.rglob(pattern)):
        hidden = {"__pycache__", "content"} & set(path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path
