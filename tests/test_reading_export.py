"""The readings for other tools: each form is read back by somebody strict."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.core.models import Course, Reading, Unit
from grader.course import Content, load_content
from grader.progress.records import Progress, ReadingProgress
from grader.progress.rows import from_micros
from grader.readings.exporting import export_readings
from grader.readings.import_plan import plan_import
from grader.readings.markdown import parse_markdown
from tests.conftest import REPOSITORY, Study


def make_content(*readings: Reading) -> Content:
    unit = Unit("one", "One & *two*", "s", readings=tuple(reading.id for reading in readings))
    return Content("", {reading.id: reading for reading in readings}, (Course("c", "C", "s", (unit,)),), {})


def make_progress(**readings: ReadingProgress) -> Progress:
    named = {name.replace("_", "-"): known for name, known in readings.items()}
    return Progress(exercises={}, readings=named, last_started=None, attempts=0)


def known(state: Any = None, minutes: int = 0, *notes: str) -> ReadingProgress:
    return ReadingProgress(state=state, minutes=minutes, notes=notes, changed_at=from_micros(0))


PAPER = Reading(
    id="paper", kind="paper", title="Attention & 100% {Braces} #1_a", track="t", minutes=1, year=2017,
    authors=("Aäron van den Oord", "OpenAI", "Procter and Gamble", "et al."), url="https://arxiv.org/abs/1706.03762v5",
    note="costs $5 ~ 2^3 \\ <b>",
)  # fmt: skip
BOOK = Reading(id="book", kind="book", title="A [book] `x`", track="t", minutes=1, url="https://doi.org/10.1000/x_(1)")
LECTURE = Reading(
    id="lecture", kind="lecture", title="Lecture — 1", track="t", minutes=1, url="https://youtu.be/aaaaaaaaaaa", authors=("Ann Bee",)
)  # fmt: skip
TOPIC = Reading(id="topic", kind="topic", title="1. A topic — with a dash (2017)", track="t", minutes=1)
POST = Reading(id="post", kind="post", title="Post", track="t", minutes=1, url="https://a.org/x_{y}?a=%20b\\c>d")
CONTENT = make_content(PAPER, BOOK, LECTURE, TOPIC, POST)
PROGRESS = make_progress(
    paper=known("done", 90, "good\n- [ ] not a reading\n\x1b[31m```", "more & }{ \\"),
    book=known("reading"),
    topic=known("queued"),
)


# Markdown


def test_markdown_is_a_check_list_with_states_and_notes() -> None:
    assert export_readings(CONTENT, PROGRESS, "markdown") == (
        "# Readings\n\n## One \\& \\*two\\*\n\n"
        "- [x] [Attention \\& 100% {Braces} \\#1\\_a](<https://arxiv.org/abs/1706.03762v5>) — "
        "Aäron van den Oord, OpenAI, Procter and Gamble, et al., 2017, 90 min spent <!-- id: paper -->\n"
        "  > good\n  > - [ ] not a reading\n  > [31m```\n\n  > more & }{ \\\n\n"
        "- [ ] [A \\[book\\] \\`x\\`](<https://doi.org/10.1000/x_(1)>) — reading <!-- id: book -->\n"
        "- [ ] [Lecture — 1](<https://youtu.be/aaaaaaaaaaa>) — Ann Bee <!-- id: lecture -->\n"
        "- [ ] 1. A topic — with a dash (2017) — queued <!-- id: topic -->\n"
        "- [ ] [Post](<https://a.org/x_%7By%7D?a=%20b%5Cc%3Ed>) <!-- id: post -->\n"
    )


def test_markdown_that_was_exported_is_imported_without_a_change() -> None:
    parsed = parse_markdown(export_readings(CONTENT, PROGRESS, "markdown"))
    plan = plan_import(parsed, CONTENT.readings, (), PROGRESS, "")
    assert [(row.status, row.id) for row in plan.rows] == [("known", name) for name in CONTENT.readings]
    assert (plan.new, plan.states) == ((), {})


def test_the_whole_course_is_exported_and_imported_without_a_change() -> None:
    content = load_content(REPOSITORY)
    progress = make_progress(**{name.replace("-", "_"): known("done", 1, "x") for name in list(content.readings)[::3]})
    parsed = parse_markdown(export_readings(content, progress, "markdown"))
    plan = plan_import(parsed, content.readings, (), progress, "")
    assert sorted(row.id or "" for row in plan.rows) == sorted(content.readings)
    assert (plan.new, plan.states) == ((), {})


TITLES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=40).filter(
    lambda text: any(c.isalnum() for c in text)
)  # fmt: skip
NOTES = st.lists(st.text(max_size=60), max_size=3)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TITLES, TITLES, NOTES, st.sampled_from([None, "queued", "reading", "done"]))
def test_any_title_and_any_note_survive_the_way_there_and_back(
    one: str, two: str, notes: list[str], state: Any
) -> None:
    content = make_content(
        Reading(id="one", kind="topic", title=one, track="t", minutes=1),
        Reading(id="two", kind="post", title=two, track="t", minutes=1, url="https://a.org/x"),
    )
    progress = make_progress(one=known(state, 0, *notes))
    plan = plan_import(
        parse_markdown(export_readings(content, progress, "markdown")), content.readings, (), progress, ""
    )
    assert [row.id for row in plan.rows] == ["one", "two"]
    assert (plan.new, plan.states) == ((), {})


# BibTeX

_ENTRY = re.compile(r"@(article|book|misc|online)\{([a-z0-9-]+),\n")
_FIELDS = {"title", "author", "year", "journal", "eprint", "archivePrefix", "doi", "url", "keywords", "note", "annote"}
_VERBATIM = {"url", "doi", "eprint"}


def parse_bibtex(text: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Read BibTeX as strictly as the strictest tool: balanced braces, known fields, no bare special character."""
    entries: dict[str, tuple[str, dict[str, str]]] = {}
    place = 0
    while place < len(text):
        head = _ENTRY.match(text, place)
        assert head, text[place : place + 40]
        place, fields = head.end(), {}
        while text[place] != "}":
            name = re.compile(r"  (\w+) = \{").match(text, place)
            assert name, text[place : place + 40]
            start = place = name.end()
            depth = 1
            while depth:
                depth += {"{": 1, "}": -1}.get(text[place], 0)
                place += 1
            value = text[start : place - 1]
            assert name[1] in _FIELDS - fields.keys()
            if name[1] not in _VERBATIM:
                assert re.fullmatch(r"(?:[^\\&%$#_~^]|\\[&%$#_]|\{\\text[a-z]+\})*", value), value
            fields[name[1]] = value
            assert text[place] in ",\n"
            place += 2 if text[place] == "," else 1
        assert head[2] not in entries
        entries[head[2]] = (head[1], fields)
        place += 2 if text[place : place + 2] == "}\n" else 1
        place += text[place : place + 1] == "\n"
    return entries


def test_bibtex_is_what_a_strict_parser_takes() -> None:
    assert parse_bibtex(export_readings(CONTENT, PROGRESS, "bibtex")) == {
        "paper": ("article", {
            "title": r"{Attention \& 100\% {\textbraceleft}Braces{\textbraceright} \#1\_a}",
            "author": "Aäron van den Oord and {OpenAI} and {Procter and Gamble} and others",
            "year": "2017",
            "journal": "arXiv preprint arXiv:1706.03762",
            "eprint": "1706.03762",
            "archivePrefix": "arXiv",
            "url": "https://arxiv.org/abs/1706.03762v5",
            "keywords": "done",
            "note": r"costs \$5 {\textasciitilde} 2{\textasciicircum}3 {\textbackslash} <b>",
            "annote": "good\n- [ ] not a reading\n[31m```\n\nmore \\& {\\textbraceright}{\\textbraceleft} {\\textbackslash}",
        }),
        "book": ("book", {
            "title": "{A [book] `x`}", "doi": "10.1000/x_(1)", "url": "https://doi.org/10.1000/x_(1)", "keywords": "reading"
        }),
        "lecture": ("online", {
            "title": "{Lecture — 1}", "author": "Ann Bee", "url": "https://youtu.be/aaaaaaaaaaa", "keywords": "new"
        }),
        "topic": ("misc", {"title": "{1. A topic — with a dash (2017)}", "keywords": "queued"}),
        "post": ("online", {"title": "{Post}", "url": "https://a.org/x_%7By%7D?a=%20b%5Cc>d", "keywords": "new"}),
    }  # fmt: skip


def test_bibtex_of_the_whole_course_has_an_entry_for_each_reading() -> None:
    content = load_content(REPOSITORY)
    entries = parse_bibtex(export_readings(content, make_progress(), "bibtex"))
    assert sorted(entries) == sorted(content.readings)


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=30), max_size=3))
def test_no_text_breaks_bibtex(note: str, authors: list[str]) -> None:
    made = Reading(id="x", kind="post", title=f"t {note}", track="t", minutes=1, authors=tuple(authors), note=note)
    entries = parse_bibtex(export_readings(make_content(made), make_progress(x=known(None, 0, note)), "bibtex"))
    assert list(entries) == ["x"]


@pytest.mark.parametrize("text", ["}{", "\\", "a\\}", "%", "{{{", "\\input{/etc/passwd}", "a & b # c $ d _ e ^ f ~"])
def test_what_means_something_to_latex_is_only_text(text: str) -> None:
    made = Reading(id="x", kind="post", title=text, track="t", minutes=1, authors=(text,), note=text)
    assert list(parse_bibtex(export_readings(make_content(made), make_progress(), "bibtex"))) == ["x"]


# CSL-JSON

_TEXT = {"type": "string", "minLength": 1}
#: The part of the schema of citation-style-language.org (csl-data.json) that is used, as strict as it is there.
CSL = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "id"],
        "additionalProperties": False,
        "properties": {
            "type": {"enum": ["article", "book", "motion_picture", "webpage"]},
            "author": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": False,
                    "properties": dict.fromkeys(["family", "given", "non-dropping-particle", "literal"], _TEXT),
                },
            },
            "issued": {
                "type": "object",
                "additionalProperties": False,
                "required": ["date-parts"],
                "properties": {
                    "date-parts": {
                        "type": "array",
                        "maxItems": 2,
                        "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
                    }
                },
            },
            **dict.fromkeys(["id", "title", "keyword", "URL", "DOI", "publisher", "number", "abstract", "note"], _TEXT),
        },
    },
}


def test_csl_json_holds_what_a_reference_manager_asks_for() -> None:
    items = json.loads(export_readings(CONTENT, PROGRESS, "csl-json"))
    jsonschema.Draft7Validator(CSL).validate(items)
    assert items[0] == {
        "id": "paper", "type": "article", "title": "Attention & 100% {Braces} #1_a", "keyword": "done",
        "author": [
            {"family": "Oord", "given": "Aäron", "non-dropping-particle": "van den"}, {"literal": "OpenAI"},
            {"literal": "Procter and Gamble"},
        ],
        "issued": {"date-parts": [[2017]]}, "URL": "https://arxiv.org/abs/1706.03762v5", "publisher": "arXiv",
        "number": "arXiv:1706.03762", "abstract": "costs $5 ~ 2^3 \\ <b>",
        "note": "good\n- [ ] not a reading\n[31m```\n\nmore & }{ \\",
    }  # fmt: skip
    assert [(item["id"], item["type"], item.get("DOI")) for item in items[1:]] == [
        ("book", "book", "10.1000/x_(1)"), ("lecture", "motion_picture", None), ("topic", "webpage", None), ("post", "webpage", None)
    ]  # fmt: skip


def test_csl_json_of_the_whole_course_fits_the_schema() -> None:
    content = load_content(REPOSITORY)
    items = json.loads(export_readings(content, make_progress(), "csl-json"))
    jsonschema.Draft7Validator(CSL).validate(items)
    assert sorted(item["id"] for item in items) == sorted(content.readings)


# The command


@pytest.mark.parametrize("form", ["markdown", "bibtex", "csl-json"])
def test_each_form_is_printed_or_written(study: Study, home: Path, form: str) -> None:
    study("read", "toy-paper", "--done", "--note", "good")
    printed = study("export", "--readings", form)
    written = study("export", "--readings", form, "--output", "out.txt")
    assert (printed.returncode, written.returncode, printed.stderr) == (0, 0, "")
    assert printed.stdout == (home / "out.txt").read_text()
    assert "good" in printed.stdout
    told = json.loads(study("export", "--readings", form, "--json").stdout)
    assert told == {"format": form, "readings": 2, "text": printed.stdout}


def test_without_progress_readings_are_exported_and_nothing_is_made(study: Study, home: Path) -> None:
    done = study("export", "--readings", "markdown")
    assert done.returncode == 0
    assert done.stdout.startswith("# Readings\n\n## Doubling\n\n- [ ] [A toy lecture](<")
    assert [path.name for path in home.iterdir()] == [".cache"]


def test_an_exported_list_is_imported_by_the_command_without_a_change(study: Study, home: Path) -> None:
    study("read", "toy-paper", "--done", "--note", "- [ ] [x](https://a.org/x)")
    study("export", "readings.md", "--readings", "markdown")
    done = study("import", "readings.md")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "2 known, 0 new; 0 with a new state"
    assert done.stderr == "nothing to do: no reading is new, and no state changes\n"


def test_a_reading_of_a_course_that_is_gone_is_told(study: Study, home: Path) -> None:
    study("read", "zth-1-micrograd", "--done", toy=False)
    done = study("export", "--readings", "bibtex")
    assert done.stderr == ("1 of the readings you have noted belong to no course that is here; they are left out\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--readings", "word"], "study: Invalid value for '--readings': 'word' is not one of 'markdown', 'bibtex', 'csl-json'.\n"),
        (["--readings", "bibtex", "mine.bib"], "study: mine.bib is there already; it is unchanged\n"),
        (["--readings", "bibtex", "none/x.bib"], "study: there is no folder none\n"),
        ([], "study: there is no progress in "),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_exported_is_explained(study: Study, home: Path, arguments: list[str], says: str) -> None:
    (home / "mine.bib").write_text("mine")
    done = study("export", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(says)
    assert [(path.name, path.read_text()) for path in home.glob("[!.]*")] == [("mine.bib", "mine")]
