"""Work out what importing a list means: which entries are known, which are new, and whose state changes."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from grader.core.keys import ReadingKind
from grader.core.models import Reading, ReadingList
from grader.progress.records import Progress, ReadingState
from grader.readings.inline import MAX_TITLE, ParsedLine
from grader.readings.markdown import Entry, Parsed
from grader.readings.matching import Catalogue, find_address, identify
from grader.readings.words import make_id, make_unique
from grader.readings.writing import NO_SECTION, render_reading

Status = Literal["known", "new", "unclear", "left out"]

#: How long a reading takes if the list does not say; to be corrected in the reading list.
_MINUTES: dict[ReadingKind, int] = {
    "paper": 60, "video": 60, "lecture": 60, "course": 600, "book": 600, "repo": 30, "notebook": 30, "post": 20, "topic": 30,
}  # fmt: skip


#: A link that the Markdown parser refused to make, such as one to javascript:
_BAD_LINK = re.compile(r"\]\(\w+:")


class ImportRow(Struct, frozen=True):
    """What becomes of one entry.

    `id` is the reading it is, or will be, as the target course calls it; `why` says how that was found, or what is in
    the way. `state` is the one that will be recorded, if it changes; `was` the one so far.
    """

    number: int
    title: str
    status: Status
    id: str | None
    why: str
    state: ReadingState | None = None
    was: ReadingState | None = None


class ImportPlan(Struct, frozen=True):
    """All rows, the readings to be written with their sections, and the parts of the file that are no readings."""

    rows: tuple[ImportRow, ...]
    new: tuple[tuple[str, Reading], ...]
    left_out: tuple[tuple[int, str], ...]

    @property
    def states(self) -> dict[str, ReadingState]:
        """The states to be recorded, by reading."""
        return {row.id: row.state for row in self.rows if row.id is not None and row.state is not None}


def plan_import(
    parsed: Parsed, known: Mapping[str, Reading], taken: Iterable[str], progress: Progress, prefix: str
) -> ImportPlan:
    """Work out what importing a list means; writes nothing.

    Args:
        parsed: The list.
        known: The readings of all courses, by the id each goes by.
        taken: The ids of the course that new readings are written to, as that course calls them.
        progress: What is recorded of the known ones, by those ids.
        prefix: What comes before an id of the course that is written to.
    """
    catalogue, ids = Catalogue(known), set(taken)
    planned: dict[str, int] = {}
    rows, new = [], []
    for entry in parsed.entries:
        line = entry.line
        match = catalogue.find(line)
        if match.id in planned:
            why = f"the same as line {planned[match.id]}"
            rows.append(ImportRow(entry.number, line.title, "known", match.id, why))
        elif match.id is not None:
            planned[match.id] = entry.number
            recorded = progress.readings.get(match.id)
            was = recorded.state if recorded else None
            why = f"by its {match.by}" if match.by != "nearly the same title" else f"by {match.by}"
            rows.append(ImportRow(entry.number, line.title, "known", match.id, why, _change(line, was), was))
        elif match.fits:
            why = f"fits {', '.join(match.fits)}: not merged, not added"
            rows.append(ImportRow(entry.number, line.title, "unclear", None, why))
        elif (reading := _make_reading(entry, ids)) is None:
            rows.append(ImportRow(entry.number, line.title[:80], "left out", None, _refuse(line)))
        else:
            ids.add(reading.id)
            name = prefix + reading.id
            planned[name] = entry.number
            catalogue.add(name, reading)
            new.append((_name_section(entry.section), reading))
            why = f"resembles {', '.join(match.near)}, which is kept apart" if match.near else ""
            rows.append(ImportRow(entry.number, line.title, "new", name, why, _change(line, None)))
    return ImportPlan(tuple(rows), tuple(new), parsed.left_out)


def _change(line: ParsedLine, was: ReadingState | None) -> ReadingState | None:
    """Return the state that a check box changes to: it can only lead onward."""
    if line.state == "done" and was != "done":
        return "done"
    return "reading" if line.state == "reading" and was in (None, "queued") else None


def _refuse(line: ParsedLine) -> str:
    if len(line.title) > MAX_TITLE:
        return f"has more than {MAX_TITLE} characters: a text, and no title"
    return "is not a title that a reading list can hold"


def _make_reading(entry: Entry, taken: set[str]) -> Reading | None:
    """Return a reading with what the line says and guesses for the rest; None if the schema refuses it."""
    line = entry.line
    if len(line.title) > MAX_TITLE or not any(c.isalnum() for c in line.title) or _BAD_LINK.search(line.title):
        return None
    url = find_address(line)
    kind, target = _guess_kind(url), identify(url) if url else ""
    video = target.removeprefix("youtube:")
    reading = Reading(
        id=make_unique(make_id(line.title, "reading"), taken),
        kind=kind,
        title=line.title,
        track=make_id(_name_section(entry.section), "section"),
        minutes=_MINUTES[kind],
        year=line.year,
        url=url,
        video_id=video if target.startswith("youtube:") and video in (url or "") else None,
        note=line.about if any(c.isalnum() for c in line.about) else None,
    )
    # A remark such as TODO is no reason to lose the reading.
    return next((made for made in (reading, replace(reading, note=None)) if _is_valid(made)), None)


@cache
def _name_section(section: str | None) -> str:
    """Return what a unit can be called: a heading such as TODO is refused as a title, and a text is too long for one."""
    probe = Reading(id="section", kind="topic", title=section or NO_SECTION, track="section", minutes=1)
    return probe.title if len(probe.title) <= MAX_TITLE and _is_valid(probe) else NO_SECTION


def _is_valid(reading: Reading) -> bool:
    """Ask the schema and its reader, so that a placeholder such as TODO is refused here as it would be there."""
    from grader.course.conform import read_model
    from grader.course.yaml_tree import parse_text

    try:
        msgspec.convert(msgspec.to_builtins(reading), Reading)
    except msgspec.ValidationError:
        return False
    read = read_model(parse_text("readings:\n" + render_reading(reading, ""), ""), ReadingList)
    return read is not None and read.readings == (reading,)


def _guess_kind(url: str | None) -> ReadingKind:
    if url is None:
        return "topic"
    target = identify(url)
    where = target.partition(":")[2].lower()
    path = where.partition("?")[0]
    if target.startswith("youtube:") or re.match(r"(www\.)?(vimeo\.com|youtube\.com)", where):
        return "video"
    if path.endswith(".ipynb") or where.startswith(("colab.", "kaggle.com/code")):
        return "notebook"
    if re.fullmatch(r"(github|gitlab)\.com/[^/]+/[^/]+", path):
        return "repo"
    papers = r"(openreview\.net|aclanthology\.org|proceedings\.|papers\.|jmlr\.org|dl\.acm\.org|biorxiv\.org|hal\.)"
    if target.startswith(("arxiv:", "doi:")) or path.endswith(".pdf") or re.match(papers, where):
        return "paper"
    return "post"
