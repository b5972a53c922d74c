"""Digests of what a proof rests on: an exercise's folder, a corpus, and the code that can change a verdict."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.core.package import PACKAGE
from grader.corpus import Corpus
from grader.course.code import RECORD
from grader.files.cache import blake2b

#: Parts of the package, or modules of them, that can change a verdict, or what is graded to make a proof. What only
#: shows a verdict, keeps it or plans the next exercise cannot.
VERDICT_CODE = (
    *("core/models.py", "core/verdict.py", "testing", "text/wording.py", "corpus", "expressions", "wire"),
    *("course/code.py", "worker", "judge", "engine/serve.py", "core/job.py"),
    *("verify/orders.py", "verify/findings.py", "verify/mutate.py", "verify/mutations.py"),
)


def digest_folder(folder: Path) -> str:
    """Digest the names and contents of an exercise's files; times do not count, so a fresh checkout is as good."""
    return _digest((path.relative_to(folder).as_posix(), path) for path in _list_files(folder, "*"))


def digest_package() -> str:
    """Digest all code of this package."""
    return _digest((path.relative_to(PACKAGE).as_posix(), path) for path in _list_files(PACKAGE, "*.py"))


def digest_verdict_code() -> str:
    """Digest the code that can change a verdict."""
    return _digest((path.relative_to(PACKAGE).as_posix(), path) for path in list_verdict_code())


def list_verdict_code() -> Iterator[Path]:
    """List the files of the code that can change a verdict."""
    for name in VERDICT_CODE:
        place = PACKAGE / name
        yield from [place] if place.is_file() else _list_files(place, "*.py")


def digest_corpus(corpus: Corpus) -> str:
    """Digest all words of a corpus: who replaces one has another corpus."""
    return blake2b("\n".join(corpus.words).encode(), digest_size=16).hexdigest()


def _digest(files: Iterable[tuple[str, Path]]) -> str:
    digest = blake2b(digest_size=16)
    for name, path in files:
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _list_files(folder: Path, pattern: str) -> Iterator[Path]:
    for path in sorted(folder.rglob(pattern)):
        hidden = {"__pycache__", "content"} & set(path.relative_to(folder).parts)
        if path.is_file() and not hidden and path != folder / RECORD:
            yield path
