"""Write the readings for other tools: a Markdown check list, BibTeX, CSL-JSON."""

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from grader.core.models import Reading
from grader.course import Content
from grader.progress.records import Progress, ReadingProgress
from grader.readings.matching import identify

#: What Markdown would read as markup in a text.
_MARKUP = re.compile(r"([\\`*_\[\]<>&|~#])")
_LATEX = {
    "\\": r"{\textbackslash}", "{": r"{\textbraceleft}", "}": r"{\textbraceright}", "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
}  # fmt: skip
_CSL_TYPES = {"paper": "article", "book": "book", "lecture": "motion_picture", "video": "motion_picture"}
_AND_OTHERS = ("et al.", "et al", "and others", "others")


def export_readings(content: Content, progress: Progress, form: str) -> str:
    """Write all readings of the courses as `markdown`, `bibtex` or `csl-json`, in the order of the units."""
    if form == "markdown":
        return _write_markdown(content, progress)
    readings = [(content.readings[name], progress.readings.get(name)) for name in _in_order(content)]
    if form == "bibtex":
        return "\n".join(_write_bibtex(reading, known) for reading, known in readings)
    return json.dumps([_to_csl(reading, known) for reading, known in readings], ensure_ascii=False, indent=1) + "\n"


def _in_order(content: Content) -> Iterator[str]:
    return (name for unit in content.units for name in unit.readings)


def _plain(text: str) -> str:
    """Return a text without control characters, except for line ends; a lone surrogate becomes `?`."""
    kept = "".join(c for c in text.replace("\t", " ") if c == "\n" or unicodedata.category(c) != "Cc")
    return kept.encode("utf-8", "replace").decode()


def _row(text: str) -> str:
    return " ".join(_plain(text).split())


def _write_markdown(content: Content, progress: Progress) -> str:
    rows = ["# Readings"]
    for unit in content.units:
        if unit.readings:
            rows += ["", f"## {_escape(unit.title)}", ""]
        for name in unit.readings:
            rows += _write_item(content.readings[name], progress.readings.get(name))
    return "\n".join(rows).rstrip("\n") + "\n"


def _write_item(reading: Reading, known: ReadingProgress | None) -> Iterator[str]:
    """Yield an item of a check list; the id in a comment tells it from every other when it is imported again."""
    done = known is not None and known.state == "done"
    title = _escape(reading.title)
    # In < >, an address may hold anything but these, which its schema allows.
    url = quote(reading.url, safe="%/:=&?~#+!$,;'@()*[]") if reading.url else None
    about = [", ".join(reading.authors), str(reading.year or "")]
    if known is not None:
        about += [
            known.state if known.state not in (None, "done") else "",
            f"{known.minutes} min spent" if known.minutes else "",
        ]
    said = ", ".join(_escape(part) for part in about if part)
    text = f"[{title}](<{url}>)" if url else title
    yield f"- [{'x' if done else ' '}] {text}{f' — {said}' if said else ''} <!-- id: {reading.id} -->"
    for note in known.notes if known else ():
        yield from (f"  > {_plain(row)}".rstrip() for row in note.splitlines())
        yield ""


def _escape(text: str) -> str:
    return _MARKUP.sub(r"\\\1", _row(text))


def _write_bibtex(reading: Reading, known: ReadingProgress | None) -> str:
    target = identify(reading.url) if reading.url else ""
    arxiv = target.removeprefix("arxiv:") if target.startswith("arxiv:") else None
    doi = target.removeprefix("doi:") if target.startswith("doi:") else None
    kind = "online" if reading.url else "misc"
    if reading.kind == "book":
        kind = "book"
    elif reading.kind == "paper":
        kind = "article" if arxiv else "misc"  # the reading list knows no journals, and an article needs one
    fields = [
        ("title", "{" + _latex(reading.title) + "}"),
        ("author", " and ".join(_latex_name(author) for author in reading.authors)),
        ("year", str(reading.year or "")),
        ("journal", f"arXiv preprint arXiv:{arxiv}" if arxiv and kind == "article" else ""),
        ("eprint", arxiv or ""),
        ("archivePrefix", "arXiv" if arxiv else ""),
        ("doi", _verbatim(doi or "")),
        ("url", _verbatim(reading.url or "")),
        ("keywords", (known.state if known else None) or "new"),
        ("note", _latex(reading.note or "")),
        ("annote", _latex("\n\n".join(known.notes if known else ()))),
    ]
    rows = [f"  {name} = {{{value}}}" for name, value in fields if value]
    return f"@{kind}{{{reading.id},\n" + ",\n".join(rows) + "\n}\n"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, c) for c in _plain(text)).strip()


def _latex_name(name: str) -> str:
    if name.lower() in _AND_OTHERS:
        return "others"
    written = _latex(name)
    # Of one word, or with what BibTeX would take apart: an organisation, to be kept as it is.
    whole = " " not in name or "," in name or re.search(r"\band\b", name, re.IGNORECASE)
    return f"{{{written}}}" if whole else written


def _verbatim(text: str) -> str:
    """Keep an address as it is, less what would end its field: that is written as its percent codes."""
    return "".join(quote(c) if c in "{}\\" else c for c in _row(text))


def _to_csl(reading: Reading, known: ReadingProgress | None) -> dict[str, Any]:
    target = identify(reading.url) if reading.url else ""
    item: dict[str, Any] = {
        "id": reading.id,
        "type": _CSL_TYPES.get(reading.kind, "webpage"),
        "title": _row(reading.title),
        "keyword": (known.state if known else None) or "new",
    }
    authors = [_to_csl_name(author) for author in reading.authors if author.lower() not in _AND_OTHERS]
    if authors:
        item["author"] = authors
    if reading.year is not None:
        item["issued"] = {"date-parts": [[reading.year]]}
    if reading.url:
        item["URL"] = reading.url
    if target.startswith("doi:"):
        item["DOI"] = target.removeprefix("doi:")
    if target.startswith("arxiv:"):
        item |= {"publisher": "arXiv", "number": f"arXiv:{target.removeprefix('arxiv:')}"}
    if reading.note:
        item["abstract"] = _plain(reading.note)
    if known is not None and known.notes:
        item["note"] = _plain("\n\n".join(known.notes))
    return item


def _to_csl_name(name: str) -> dict[str, str]:
    """Take a name apart: the last word is the family's, with the small words before it (`van den`)."""
    words = _row(name).split()
    if len(words) < 2 or "," in name or any(word.lower() == "and" for word in words):
        return {"literal": _row(name)}
    start = len(words) - 1
    while start > 1 and words[start - 1].islower():
        start -= 1
    particle = " ".join(words[start:-1])
    parts = {"family": words[-1], "given": " ".join(words[:start])}
    return parts | ({"non-dropping-particle": particle} if particle else {})
