"""Find readings by words: in the title, the authors, the id, the chapters and all notes."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from grader.core.models import Reading
from grader.progress.records import Progress
from grader.readings.words import fold, split_words

#: How much a word counts that is found there.
_WEIGHTS = {"title": 8, "id": 6, "authors": 5, "your note": 4, "note": 2, "chapter": 2}
_EXCERPT = 90


class Hit(Struct, frozen=True):
    """A reading in which every word was found; `found` are the places beside the title: (which, its text)."""

    reading: Reading
    score: float
    found: tuple[tuple[str, str], ...]


def search_readings(readings: Mapping[str, Reading], progress: Progress, query: str) -> list[Hit]:
    """Return the readings in which each word of the query is found, the best first.

    A whole word counts more than the beginning of one, and that more than the middle.
    """
    words = split_words(query)
    hits = [hit for reading in readings.values() if (hit := _search_one(reading, progress, words)) is not None]
    return sorted(hits, key=lambda hit: -hit.score)  # equals stay in the order of the reading list


def _search_one(reading: Reading, progress: Progress, words: Iterable[str]) -> Hit | None:
    places = [(kind, text, split_words(text)) for kind, text in _list_places(reading, progress)]
    score = 0.0
    found: dict[tuple[str, str], None] = {}
    for word in words:
        best = 0.0
        for kind, text, parts in places:
            value = _WEIGHTS[kind] * _rate(word, parts)
            if value and kind not in ("title", "id", "authors"):
                found[kind, _cut_out(text, word)] = None
            best = max(best, value)
        if not best:
            return None
        score += best
    return Hit(reading, score, tuple(found)) if score else None


def _list_places(reading: Reading, progress: Progress) -> Iterator[tuple[str, str]]:
    yield "title", reading.title
    yield "id", reading.id
    yield from (("authors", author) for author in reading.authors)
    if reading.note:
        yield "note", reading.note
    yield from (("chapter", chapter.title) for chapter in reading.chapters)
    known = progress.readings.get(reading.id)
    yield from (("your note", note) for note in (known.notes if known else ()))


def _rate(word: str, parts: list[str]) -> float:
    if word in parts:
        return 2.0
    if any(part.startswith(word) for part in parts):
        return 1.5
    return 1.0 if any(word in part for part in parts) else 0.0


def _cut_out(text: str, word: str) -> str:
    """Return the part of a text around a word, as one line."""
    row = next((row for row in text.splitlines() if word in fold(row)), text)
    row = " ".join(row.split())
    if len(row) <= _EXCERPT:
        return row
    start = max(0, fold(row).find(word) - _EXCERPT // 3)
    end = start + _EXCERPT
    return ("…" if start else "") + row[start:end] + ("…" if end < len(row) else "")
