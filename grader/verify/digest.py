"""Digests of what a proof rests on: an exercise's folder, a corpus, and the code that can change a verdict."""

import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from grader.core.package import PACKAGE
from grader.corpus import Corpus
from grader.course.code import RECORD
from grader.files.cache import blake2b

#: Parts of the package, or modules of them, that can change a verdict, or what is graded to make a proof. What only
#: shows a verdict, keeps it or plans the next exercise cannot.
VERDICT_CODE = (
    *("core/keys.py", "core/expectations.py", "core/models.py", "core/verdict.py"),
    *("testing", "text/wording.py", "corpus", "expressions", "wire"),
    *("course/code.py", "worker", "judge", "engine/serve.py", "core/job.py"),
    *(
        "verify/orders.py",
        "verify/doubt.py",
        "verify/ranking.py",
        "verify/findings.py",
        "verify/mutate.py",
        "verify/mutations.py",
    ),
)


def digest_folder(folder: Path) -> str:
    """Digest the names and contents of an exercise's files; times do not count, so a fresh checkout is as good."""
    return _digest((path.relative_to(folder).as_posix(), path.read_bytes()) for path in _list_files(folder, "*"))


def digest_package() -> str:
    """Digest all code of this package."""
    return _digest((path.relative_to(PACKAGE).as_posix(), path.read_bytes()) for path in _list_files(PACKAGE, "*.py"))


@cache
def digest_verdict_code() -> str:
    """Digest the code that can change a verdict; comments, docstrings and blank lines do not count."""
    return _digest(
        (path.relative_to(PACKAGE).as_posix(), strip_words(path.read_text()).encode()) for path in list_verdict_code()
    )


def strip_words(source: str) -> str:
    """Return Python code without comments, docstrings and blank lines.

    Cut by lines and columns, and not made again from the syntax tree: that text differs between versions of Python.
    """
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            first = node.body[0]
            lines[first.lineno - 1 : first.end_lineno] = [""] * ((first.end_lineno or 0) - first.lineno + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def list_verdict_code() -> Iterator[Path]:
    """List the files of the code that can change a verdict."""
    for name in VERDICT_CODE:
        place = PACKAGE / name
        yield from [place] if place.is_file() else _list_files(place, "*.py")


def digest_corpus(corpus: Corpus) -> str:
    """Digest all words of a corpus: who replaces one has another corpus."""
    return blake2b("\n".join(corpus.words).encode(), digest_size=16).hexdigest()


def _digest(files: Iterable[tuple[str, bytes]]) -> str:
    digest = blake2b(digest_size=16)
    for name, content in files:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _list_files(folder: Path, pattern: str) -> Iterator[Path]:
    for path in sorted(folder.rglob(pattern)):
        hidden = {"__pycache__", "content"} & set(path.relative_to(folder).parts)
        if path.is_file() and not hidden and path != folder / RECORD:
            yield path
