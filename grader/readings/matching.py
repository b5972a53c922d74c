"""Tell whether two entries are the same reading: by address, arXiv id, DOI or title; in doubt they are not."""

import re
from collections.abc import Iterable, Mapping
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from msgspec import Struct

from grader.core.models import Reading
from grader.readings.inline import ParsedLine
from grader.readings.words import split_words

By = Literal["id", "address", "arXiv id", "DOI", "video", "title", "nearly the same title"]

_ARXIV_ID = r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?"
_ARXIV_TEXT = re.compile(rf"\barxiv:\s*{_ARXIV_ID}\b", re.IGNORECASE)
_ARXIV_PATH = re.compile(
    rf"/(?:abs|pdf|html|format|ps|src|e-print|papers|overview)/{_ARXIV_ID}(?:\.pdf)?/?$", re.IGNORECASE
)
_ARXIV_HOSTS = ("arxiv.org", "alphaxiv.org", "huggingface.co", "ar5iv.org", "ar5iv.labs.arxiv.org", "export.arxiv.org")
_DOI = re.compile(r"\b(10\.\d{4,9}/[^\s?#]+)", re.IGNORECASE)
_DOI_TEXT = re.compile(r"\bdoi:\s*(10\.\d{4,9}/[^\s,;]+)", re.IGNORECASE)
_VIDEO_HOSTS = ("youtube.com", "youtu.be", "youtube-nocookie.com", "m.youtube.com", "music.youtube.com")
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_TRACKERS = re.compile(r"utm_\w+|fbclid|gclid|mc_cid|mc_eid|igshid|si|feature|ref_src", re.IGNORECASE)
_NAMES: dict[str, By] = {"url": "address", "arxiv": "arXiv id", "doi": "DOI", "youtube": "video"}
#: Words without which a title is still the same.
_FILLERS = frozenset(("a", "an", "the", "of", "on", "in", "for", "to", "and", "with", "via", "by", "using"))
#: Shorter titles are shared by too many texts to tell one from another.
_TELLING_WORDS = 3


class Match(Struct, frozen=True):
    """What an entry was found to be.

    `id` is the one known reading it is. Without one, `fits` are several that it could be, and `near` are some that
    merely resemble it.
    """

    id: str | None = None
    by: By | None = None
    fits: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


def identify(url: str) -> str:
    """Return what an address leads to, the same for every way to write it: `arxiv:1706.03762`, `youtube:...`, `doi:...`.

    Any other address loses its scheme, www., trailing slash, fragment and the parameters that only track.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
        port = parts.port
    except ValueError:  # a host in broken brackets, a port that is none
        return f"url:{url.strip()}"
    path = unquote(parts.path)
    if host in _ARXIV_HOSTS and (found := _ARXIV_PATH.search(path)):
        return f"arxiv:{found[1].lower()}"
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
    if host in _VIDEO_HOSTS:
        named = dict(query).get("v") or (path.rstrip("/").rpartition("/")[2])
        if _VIDEO_ID.fullmatch(named) and (host == "youtu.be" or re.match(r"/(watch|embed|shorts|live|v)\b", path)):
            return f"youtube:{named}"
    if (host in ("doi.org", "dx.doi.org") or "/doi/" in path) and (doi := _DOI.search(path)):
        return _identify_doi(doi[1])
    kept = urlencode(sorted(pair for pair in query if not _TRACKERS.fullmatch(pair[0])))
    where = host if port in (None, 80, 443) else f"{host}:{port}"
    path = re.sub(r"/(index\.html?)?$", "", path)
    return f"url:{where}{path}{'?' + kept if kept else ''}"


def _identify_doi(doi: str) -> str:
    doi = doi.lower().rstrip("/.")
    if (found := re.fullmatch(rf"10\.48550/arxiv\.{_ARXIV_ID}", doi)) is not None:
        return f"arxiv:{found[1]}"
    return f"doi:{doi}"


def identify_line(line: ParsedLine) -> set[str]:
    """Return what a line leads to; where it has no address, also the arXiv id or DOI that is in its text."""
    if line.url is not None:
        return {identify(line.url)}
    found = {f"arxiv:{match[1].lower()}" for match in _ARXIV_TEXT.finditer(line.plain)}
    found |= {_identify_doi(match[1]) for match in _DOI_TEXT.finditer(line.plain)}
    return found if len(found) == 1 else set()


def find_address(line: ParsedLine) -> str | None:
    """Return the address of a line, also where it says only an arXiv id or a DOI."""
    if line.url is not None:
        return line.url
    kind, _, name = next(iter(identify_line(line)), "").partition(":")
    return {"arxiv": f"https://arxiv.org/abs/{name}", "doi": f"https://doi.org/{name}"}.get(kind)


class Catalogue:
    """The readings that are known, found by what they lead to and by their titles."""

    def __init__(self, readings: Mapping[str, Reading]) -> None:
        self._readings: dict[str, Reading] = {}
        self._targets: dict[str, list[str]] = {}
        self._titles: dict[str, list[str]] = {}
        self._by_length: dict[int, list[tuple[list[str], str]]] = {}
        self._by_first: dict[str, list[tuple[list[str], str]]] = {}
        for name, reading in readings.items():
            self.add(name, reading)

    def add(self, name: str, reading: Reading) -> None:
        """Add a reading, to be found from now on."""
        self._readings[name] = reading
        if reading.url is not None:
            self._targets.setdefault(identify(reading.url), []).append(name)
        self._titles.setdefault(_squeeze(reading.title), []).append(name)
        words = _telling(reading.title)
        self._by_length.setdefault(len(words), []).append((words, name))
        words = split_words(reading.title)
        self._by_first.setdefault(words[0] if words else "", []).append((words, name))

    def find(self, line: ParsedLine) -> Match:
        """Say which known reading a line is."""
        targets = identify_line(line)
        hits = list(dict.fromkeys(name for target in targets for name in self._targets.get(target, ())))
        titled = self._titles.get(_squeeze(line.title), [])
        if line.known_id in self._readings and (line.known_id in hits or self._begins_with(line, line.known_id)):
            return Match(line.known_id, "id")
        if hits:
            both = [name for name in hits if name in titled]
            chosen = both if len(both) == 1 else hits
            by = _NAMES[next(iter(targets)).partition(":")[0]]
            return Match(chosen[0], by) if len(chosen) == 1 else Match(fits=tuple(chosen))
        same = [name for name in titled if self._may_be(line, name, targets)]
        by = "title"
        if not same:
            by, same = "nearly the same title", self._find_similar(line, targets)
        if len(same) == 1:
            return Match(same[0], by)
        return Match(fits=tuple(same)) if same else Match(near=self._find_near(line))

    def _begins_with(self, line: ParsedLine, name: str) -> bool:
        """Tell whether a line still begins with a reading's title, so that the id on it was not copied along."""
        return _squeeze(line.plain).startswith(_squeeze(self._readings[name].title))

    def _may_be(self, line: ParsedLine, name: str, targets: Iterable[str]) -> bool:
        """Tell whether equal titles mean the same reading."""
        url = self._readings[name].url
        if url is None or not targets:
            return True
        known, given = identify(url), next(iter(targets))
        kinds = known.partition(":")[0], given.partition(":")[0]
        if kinds[0] == kinds[1] != "url":  # two papers of arXiv, two videos, two DOIs
            return False
        return _classify(known) == _classify(given) and len(_telling(line.title)) >= _TELLING_WORDS

    def _find_similar(self, line: ParsedLine, targets: Iterable[str]) -> list[str]:
        """Return the readings whose titles differ in one letter of one word, or in words that say nothing."""
        words = _telling(line.title)
        if len(words) < _TELLING_WORDS:
            return []
        return [
            name
            for known, name in self._by_length.get(len(words), ())
            if _differ_by_a_letter(known, words)
            and self._may_be(line, name, targets)
            and (line.year is None or (year := self._readings[name].year) is None or abs(year - line.year) <= 1)
        ]

    def _find_near(self, line: ParsedLine) -> tuple[str, ...]:
        """Return readings of which one title is the beginning of the other: `BERT` and `BERT: Pre-training of ...`."""
        words = split_words(line.title)
        near = []
        for known, name in self._by_first.get(words[0], ()) if words else ():
            shorter = min(len(known), len(words))
            if known[:shorter] == words[:shorter] and len("".join(known[:shorter])) >= 4:
                near.append(name)
        return tuple(near[:3])


def _classify(target: str) -> str:
    """Tell videos, code and texts apart: a talk about a paper is not the paper, whatever it is called."""
    if target.startswith(("youtube:", "url:vimeo.com")):
        return "video"
    return "code" if target.startswith(("url:github.com", "url:gitlab.com", "url:colab.")) else "text"


def _squeeze(title: str) -> str:
    """Return a title without spaces and punctuation: fine-tuning and finetuning are one word."""
    return "".join(split_words(title))


def _telling(title: str) -> list[str]:
    return [word for word in split_words(title) if word not in _FILLERS]


def _differ_by_a_letter(one: list[str], other: list[str]) -> bool:
    pairs = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    return not pairs or (len(pairs) == 1 and _is_typing_error(*pairs[0]))


def _is_typing_error(a: str, b: str) -> bool:
    """Tell whether two longer words differ in one letter; numbers and short words never do by mistake."""
    if min(len(a), len(b)) < 6 or abs(len(a) - len(b)) > 1 or any(c.isdigit() for c in a + b):
        return False
    start = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[start + 1 :] == b[start + 1 :] or a[start:] == b[start + 1 :] or a[start + 1 :] == b[start:]
