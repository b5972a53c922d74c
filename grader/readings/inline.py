"""Read one line of a reading list: check box, title, address, and what else it says."""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from markdown_it.token import Token
from msgspec import Struct

from grader.readings.words import split_words, tidy

State = Literal["new", "reading", "done"]

_BOX = re.compile(r"\[([ xX/~-])\](?=\s|$)\s*")
_STATES: dict[str, State] = {"x": "done", "X": "done", "/": "reading", "~": "reading", "-": "reading", " ": "new"}
#: An address that is in a text as it is, with or without https://.
_BARE = re.compile(r"https?://[^\s<>]+|(?<![\w./@])(?:www\.|arxiv\.org/|doi\.org/|youtu\.be/)[^\s<>]+", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s/$.?#][^\s]*", re.IGNORECASE)
_COMMENT = re.compile(r"<!--\s*id:\s*([a-z0-9-]{1,100})\s*-->")
_YEAR = re.compile(r"[(\[]((?:18|19|20|21)\d\d)[)\]]")
#: What separates a title from what is said about it.
_DASH = re.compile(r"\s+[–—]\s+")
_EDGE = " \t:;,.·|–—-"
#: What a link is called that says nothing about what it leads to.
_GENERIC = frozenset(
    ("arxiv", "pdf", "link", "links", "here", "paper", "html", "abs", "abstract", "url", "doi", "code", "video", "blog",
     "post", "slides", "website", "site", "web", "page", "youtube", "github", "source", "read", "watch", "openreview",
     "notebook", "colab", "talk", "article", "preprint")
)  # fmt: skip
MAX_TITLE = 300
_MAX_ABOUT = 500
_MAX_URL = 500


class ParsedLine(Struct, frozen=True):
    """What one line says: `plain` is all of its text, `about` what is beside the title.

    `alone` means that there is nothing but one link. `known_id` is the id that `study export` has written.
    """

    plain: str
    title: str
    url: str | None
    about: str
    year: int | None
    state: State | None
    alone: bool
    known_id: str | None


class _Piece(Struct, frozen=True):
    text: str
    url: str | None = None


def read_line(tokens: Iterable[Token]) -> ParsedLine:
    """Read a line from its inline tokens."""
    known_id, pieces = None, []
    for piece in _split(tokens):
        if isinstance(piece, str):
            known_id = piece
        else:
            pieces.append(piece)
    pieces, state = _take_box(pieces)
    plain = tidy("".join(piece.text for piece in pieces))
    more = sum(piece.url is not None for piece in pieces) > 1
    place = next((n for n, piece in enumerate(pieces) if piece.url is not None), None)
    if place is None:
        title, about = _split_title(plain)
        return _make(plain, title, None, about, state, known_id, alone=False)
    link = pieces[place]
    before = tidy("".join(piece.text for piece in pieces[:place])).strip(_EDGE)
    after = tidy("".join(_with_url(piece) for piece in pieces[place + 1 :])).strip(_EDGE)
    title = tidy(link.text)
    if _says_nothing(title, link.url or "") and (before or after or _is_address(title) or not title):
        title, about = before.rstrip("(["), after
        if not title and not more:  # with further links behind it, what follows is no title
            title, about = _split_title(after)
        title = title.strip(_EDGE) or re.sub(r"^https?://(www\.)?", "", link.url or "").rstrip("/")
        about = about.lstrip(")]").strip(_EDGE)
    else:
        about = ", ".join(part for part in (before, after) if part)
    return _make(plain, title, link.url, about, state, known_id, alone=not before and not after)


def _make(
    plain: str, title: str, url: str | None, about: str, state: State | None, known_id: str | None, *, alone: bool
) -> ParsedLine:
    found = _YEAR.search(title) or _YEAR.search(about)
    year = int(found[1]) if found else None
    title = _YEAR.sub("", title) if found and found.string is title else title
    title = " ".join(title.split()).strip(" \t:;,·|–—-")
    for quotes in ("“”", '""', "''", "«»"):
        if title[:1] == quotes[0] and title[-1:] == quotes[1] and len(title) > 2:
            title = title[1:-1].strip()
    return ParsedLine(plain, title, url, _shorten(about), year, state, alone, known_id)


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_ABOUT else text[: _MAX_ABOUT - 1] + "…"


def _split_title(text: str) -> tuple[str, str]:
    title, *about = _DASH.split(text, maxsplit=1)
    return title, about[0] if about else ""


def _with_url(piece: _Piece) -> str:
    return piece.text if piece.url is None or piece.url in piece.text else f"{piece.text} {piece.url}"


def _says_nothing(text: str, url: str) -> bool:
    words = split_words(text)
    return not words or _is_address(text) or all(word in _GENERIC for word in words) or text == url


def _is_address(text: str) -> bool:
    return " " not in text and (_BARE.match(text) is not None or text.lower().startswith("arxiv:"))


def _take_box(pieces: list[_Piece]) -> tuple[list[_Piece], State | None]:
    if pieces and pieces[0].url is None and (box := _BOX.match(pieces[0].text.lstrip())):
        return [_Piece(pieces[0].text.lstrip()[box.end() :]), *pieces[1:]], _STATES[box[1]]
    return pieces, None


def _split(tokens: Iterable[Token]) -> Iterator[_Piece | str]:
    """Yield the texts and links of a line, and the id in a comment as a plain string."""
    text, url, label = "", None, ""
    for token in tokens:
        if token.type == "link_open":
            href = tidy(str(token.attrs.get("href", "")))
            if len(href) <= _MAX_URL and _ADDRESS.fullmatch(href):
                yield from _find_bare(text)
                text, url, label = "", href, ""
        elif token.type == "link_close":
            if url is not None:
                yield _Piece(label, url)
            url = None
        elif token.type == "html_inline":
            if found := _COMMENT.fullmatch(token.content):
                yield found[1]
        else:
            said = " " if token.type in ("softbreak", "hardbreak") else token.content
            text, label = (text, label + said) if url is not None else (text + said, label)
    yield from _find_bare(text)


def _find_bare(text: str) -> Iterator[_Piece]:
    """Yield a text, with the addresses in it as links."""
    end = 0
    for found in _BARE.finditer(text):
        url = found[0].rstrip(".,;:!?'\"”*_")
        while url.endswith((")", "]")) and url.count("(") + url.count("[") < url.count(")") + url.count("]"):
            url = url[:-1].rstrip(".,;:!?")
        whole = url if re.match("https?://", url, re.IGNORECASE) else f"https://{url}"
        if len(whole) <= _MAX_URL and _ADDRESS.fullmatch(whole):
            yield _Piece(text[end : found.start()])
            yield _Piece(url, whole)
            end = found.start() + len(url)
    yield _Piece(text[end:])
