"""The words that lectures 2 to 6 work on: the names file, or the embedded corpus with a known floor."""

from importlib import import_module
from typing import TYPE_CHECKING

from grader.core.corpus import Corpus, CorpusName

from .model import (
    MAKEMORE_NAMES,
    CorpusSettings,
    CorpusStatus,
    NamesFile,
    corpus_settings,
)

if TYPE_CHECKING:
    from .download import fetch_names
    from .embedded import EMBEDDED_FLOOR_NATS
    from .resolve import describe_corpora, resolve_corpus
    from .split import split_words

__all__ = [
    "EMBEDDED_FLOOR_NATS",
    "MAKEMORE_NAMES",
    "Corpus",
    "CorpusName",
    "CorpusSettings",
    "CorpusStatus",
    "NamesFile",
    "corpus_settings",
    "describe_corpora",
    "fetch_names",
    "resolve_corpus",
    "split_words",
]

#: Where to find what only a few commands need; the rest are spared some 5 ms.
_LATE = {
    "EMBEDDED_FLOOR_NATS": "embedded",
    "describe_corpora": "resolve",
    "fetch_names": "download",
    "resolve_corpus": "resolve",
    "split_words": "split",
}


def __getattr__(name: str) -> object:
    """Import a part when it is first named."""
    if name in _LATE:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
