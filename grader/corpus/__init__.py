"""The words that lectures 2 to 6 work on: the names file, or the embedded corpus with a known floor."""

from .download import fetch_names
from .embedded import EMBEDDED_FLOOR_NATS
from .model import (
    MAKEMORE_NAMES,
    Corpus,
    CorpusName,
    CorpusSettings,
    CorpusStatus,
    NamesFile,
    corpus_settings,
)
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
