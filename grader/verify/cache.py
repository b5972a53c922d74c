"""Remember what is proved: a proof holds as long as nothing that it was made of has changed."""

import os
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import msgspec

from grader.core.models import Exercise
from grader.files.cache import blake2b
from grader.verify.digest import digest_folder, digest_package
from grader.verify.findings import ProofReport
from grader.verify.run import ProofOptions

#: So many proofs of one exercise are kept: of other states of it, and with other settings.
_KEPT = 8


class ProofCache:
    """Proofs in a folder; only those without a problem are kept."""

    def __init__(self, folder: Path, options: ProofOptions) -> None:
        """Open it.

        Args:
            folder: Where the proofs lie; it need not be there yet.
            options: How exercises are proved now; a proof made in another manner does not count.
        """
        self._folder = folder
        self._options = options
        self._grader = digest_package()

    def find(self, exercise: Exercise, folder: Path) -> ProofReport | None:
        """Return the proof of an exercise in its present state, if there is one."""
        with suppress(OSError, msgspec.DecodeError):
            report = msgspec.json.decode(self._file(exercise, folder).read_bytes(), type=ProofReport)
            return msgspec.structs.replace(report, cached=True)
        return None

    def keep(self, exercise: Exercise, folder: Path, report: ProofReport) -> None:
        """Keep a proof; one that has a problem, or cannot be written, is made again the next time."""
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
        options = self._options
        # Whole words: who replaces a name in the corpus has another corpus.
        corpora = [(corpus.name, corpus.words) for corpus in options.corpora] if exercise.corpus else []
        made_of = (
            *(digest_folder(folder), self._grader, sys.version, version("torch"), version("pytest")),
            *(corpora, options.seeds, options.device, options.every),
        )
        key = blake2b(repr(made_of).encode(), digest_size=12).hexdigest()
        return self._folder / f"{exercise.id}-{key}.json"
