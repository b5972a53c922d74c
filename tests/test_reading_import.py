"""A Markdown reading list: what is read from it, what it is matched to, and what is written where."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.core.errors import ContentError, ImportUnusable, UsageError, WorkspaceError
from grader.core.models import Reading
from grader.course import load_content
from grader.progress.records import Progress, ReadingProgress
from grader.progress.rows import from_micros
from grader.readings import writing
from grader.readings.import_plan import ImportPlan, plan_import
from grader.readings.inline import ParsedLine
from grader.readings.markdown import MAX_ENTRIES, decode_markdown, parse_markdown
from grader.readings.matching import Catalogue, Match, find_address, identify
from grader.readings.words import fold, make_id, make_unique, tidy
from grader.readings.writing import check_draft, draft_import, write_draft
from tests.conftest import REPOSITORY, Study
from tests.toy_course import COURSE, READING_LIST, TOY_COURSE, write_toy_course

NOTHING = Progress(exercises={}, readings={}, last_started=None, attempts=0)


def read(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    """Return (title, address, state, section) of each entry."""
    return [(e.line.title, e.line.url, e.line.state, e.section) for e in parse_markdown(text).entries]


def read_one(text: str) -> ParsedLine:
    (entry,) = parse_markdown(text).entries
    return entry.line


# What is read


@pytest.mark.parametrize(
    ("item", "title", "url", "about"),
    [
        ("[A paper](https://a.org/x)", "A paper", "https://a.org/x", ""),
        ("**[A *good* paper](https://a.org/x)** - why", "A good paper", "https://a.org/x", "why"),
        ("<https://a.org/x>", "a.org/x", "https://a.org/x", ""),
        ("https://www.a.org/x/.", "a.org/x", "https://www.a.org/x/", ""),
        ("A paper: https://a.org/x_(y)", "A paper", "https://a.org/x_(y)", ""),
        ("A paper (https://a.org/x)", "A paper", "https://a.org/x", ""),
        ("A paper, [pdf](https://a.org/x), page 3", "A paper", "https://a.org/x", "page 3"),
        ("[arXiv](https://a.org/x) A paper", "A paper", "https://a.org/x", ""),
        ("arxiv.org/abs/1706.03762 A paper", "A paper", "https://arxiv.org/abs/1706.03762", ""),
        ("[A paper](https://a.org/x) ([code](https://b.org/y))", "A paper", "https://a.org/x", "(code https://b.org/y)"),
        ("https://a.org/x and https://a.org/y", "a.org/x", "https://a.org/x", "and https://a.org/y"),
        ("[A paper][r]\n\n[r]: https://a.org/x", "A paper", "https://a.org/x", ""),
        ("A bare title", "A bare title", None, ""),
        ("“A bare title” — by Ann", "A bare title", None, "by Ann"),
        ("`a_b` and c", "a_b and c", None, ""),
        ("A [local](notes.md) file", "A local file", None, ""),
        ("[A mail](mailto:a@b.org)", "A mail", None, ""),
    ],
)  # fmt: skip
def test_an_item_gives_title_address_and_what_else_it_says(item: str, title: str, url: str | None, about: str) -> None:
    line = read_one(f"- {item}\n")
    assert (line.title, line.url) == (title, url)
    if about or url is None:
        assert line.about.strip("“”") == about


@pytest.mark.parametrize(
    ("box", "state"), [("[ ] ", "new"), ("[x] ", "done"), ("[X] ", "done"), ("[/] ", "reading"), ("[-] ", "reading"), ("", None)]
)  # fmt: skip
def test_a_check_box_gives_the_state(box: str, state: str | None) -> None:
    assert read(f"- {box}[A](https://a.org/x)\n* {box}B\n1. {box}C\n") == [
        ("A", "https://a.org/x", state, None), ("B", None, state, None), ("C", None, state, None)
    ]  # fmt: skip


def test_a_year_in_parentheses_is_no_part_of_the_title() -> None:
    line = read_one("- Attention Is All You Need (2017)\n")
    assert (line.title, line.year) == ("Attention Is All You Need", 2017)


def test_headings_and_bullets_with_bullets_below_are_sections() -> None:
    text = "# List\n\n## One\n\n- A\n- Two\n  1. B\n  2. C\n     - [ ] D\n\nThree\n-----\n- E\n"
    assert read(text) == [
        ("A", None, None, "One"), ("B", None, None, "Two"), ("D", None, "new", "C"), ("E", None, None, "Three")
    ]  # fmt: skip


def test_a_bullet_below_a_reading_is_a_remark_unless_it_is_a_reading() -> None:
    parsed = parse_markdown("- [A](https://a.org/x)\n  - very good\n  - [B](https://a.org/y)\n- [x] C\n  - good, too\n")
    assert [entry.line.title for entry in parsed.entries] == ["A", "B", "C"]
    assert parsed.left_out == ((2, "a remark below a reading"), (5, "a remark below a reading"))


def test_what_is_no_list_is_left_out_and_told() -> None:
    text = (
        "---\ntitle: My list\n---\nProse with a [link](https://a.org/x).\n\n| a |\n|---|\n| [x](https://a.org/t) |\n\n"
        "```\n- code\n```\n\n> - quoted\n\n<div>- html</div>\n\n<!-- - hidden -->\n\n![image](https://a.org/i.png)\n"
    )
    parsed = parse_markdown(text)
    assert parsed.entries == ()
    assert parsed.left_out == (
        (4, "a link inside a text that is not a list"), (6, "a table"), (10, "a block of code"), (14, "a quotation"), (16, "HTML")
    )  # fmt: skip


def test_a_head_in_yaml_is_no_heading() -> None:
    assert read("---\ntitle: My list\n---\n- A\n") == [("A", None, None, None)]


def test_a_line_that_is_one_link_is_a_reading_outside_of_lists_too() -> None:
    text = "https://a.org/x\n[B](https://a.org/y)\nand so on\n"
    assert read(text) == [("a.org/x", "https://a.org/x", None, None), ("B", "https://a.org/y", None, None)]


def test_empty_items_and_empty_lists_hold_nothing() -> None:
    assert parse_markdown("").entries == ()
    assert parse_markdown("-\n- [ ]\n- \n1.\n# \n").entries == ()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"- a\n- \xff\n", "list.md:2: byte 0xff is not UTF-8, so this is no Markdown text"),
        (b"- a\n\0", "list.md:2: a zero byte: this is no Markdown text"),
        (b"- a\n" * 300_000, "list.md is larger than 1 MiB (1200000 bytes), which no reading list is"),
    ],
    ids=["latin", "zero", "huge"],
)
def test_a_file_that_is_no_list_is_refused(data: bytes, says: str) -> None:
    with pytest.raises(ImportUnusable) as caught:
        decode_markdown(data, "list.md")
    assert caught.value.message == says


def test_more_entries_than_anybody_reads_are_refused() -> None:
    with pytest.raises(ImportUnusable, match=f"list.md:{MAX_ENTRIES + 1}: the list holds more than 2,000 readings"):
        parse_markdown("- a\n" * (MAX_ENTRIES + 1), "list.md")


@pytest.mark.parametrize(
    "text", ["- " * 5000 + "x", ">" * 5000, "- " + "[" * 20000, "- " + "![" * 9000, "- " + "*a_" * 9000]
)
def test_a_hostile_list_ends_in_an_ordinary_way(text: str) -> None:
    assert len(parse_markdown(text).entries) <= 1


@settings(max_examples=200, deadline=None)
@given(st.text("- x[]()<>`*#|\n\t:/.h~>1&\\\u202e\x07", max_size=80))
def test_no_text_breaks_the_import(text: str) -> None:
    plan = plan_import(parse_markdown(text), {}, (), NOTHING, "")
    assert len(plan.rows) == len(parse_markdown(text).entries)
    assert all(row.status in ("new", "known", "left out") for row in plan.rows)


# What it is matched to


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://arxiv.org/abs/1706.03762", "arxiv:1706.03762"),
        ("http://www.arxiv.org/pdf/1706.03762v7.pdf", "arxiv:1706.03762"),
        ("https://export.arxiv.org/abs/1706.03762/", "arxiv:1706.03762"),
        ("https://huggingface.co/papers/1706.03762?utm_source=x", "arxiv:1706.03762"),
        ("https://www.alphaxiv.org/overview/1706.03762v2", "arxiv:1706.03762"),
        ("https://ar5iv.labs.arxiv.org/html/1706.03762", "arxiv:1706.03762"),
        ("https://doi.org/10.48550/arXiv.1706.03762", "arxiv:1706.03762"),
        ("https://arxiv.org/abs/cs/0112017", "arxiv:cs/0112017"),
        ("https://arxiv.org/list/cs.LG/recent", "url:arxiv.org/list/cs.LG/recent"),
        ("https://dx.doi.org/10.1038/NATURE14539", "doi:10.1038/nature14539"),
        ("https://dl.acm.org/doi/pdf/10.1145/3065386", "doi:10.1145/3065386"),
        ("https://youtu.be/VMj-3S1tku0?t=3", "youtube:VMj-3S1tku0"),
        ("https://m.youtube.com/watch?list=PL1&v=VMj-3S1tku0", "youtube:VMj-3S1tku0"),
        ("https://www.youtube.com/embed/VMj-3S1tku0", "youtube:VMj-3S1tku0"),
        ("https://www.youtube.com/playlist?list=PL12345678a", "url:youtube.com/playlist?list=PL12345678a"),
        ("https://www.youtube.com/c/elevenchars", "url:youtube.com/c/elevenchars"),
        ("HTTP://WWW.A.org:80/x/?b=2&a=1&utm_medium=m&fbclid=3#part", "url:a.org/x?a=1&b=2"),
        ("https://a.org", "url:a.org"),
        ("https://a.org/index.html", "url:a.org"),
        ("https://[bad/x", "url:https://[bad/x"),
        ("https://a.org:port/x", "url:https://a.org:port/x"),
    ],
)
def test_every_way_to_write_an_address_leads_to_the_same(url: str, target: str) -> None:
    assert identify(url) == target


def reading(name: str, title: str, url: str | None = None, year: int | None = None) -> Reading:
    return Reading(id=name, kind="paper", title=title, track="t", minutes=1, url=url, year=year)


KNOWN = {
    one.id: one
    for one in (
        reading("attention", "Attention Is All You Need", "https://arxiv.org/abs/1706.03762", 2017),
        reading("transformer", "The annotated Transformer", "https://arxiv.org/abs/1706.03762v1"),
        reading("adam", "Adam: A Method for Stochastic Optimization", "https://arxiv.org/abs/1412.6980", 2014),
        reading("two", "Building makemore Part 2: MLP", "https://www.youtube.com/watch?v=TCH_1BHY58I"),
        reading("bert", "BERT: Pre-training of Deep Transformers", "https://arxiv.org/abs/1810.04805"),
        reading("bare", "Fine-tuning without a Łukasz"),
        reading("same-1", "Deep learning: a survey of results"),
        reading("same-2", "Deep Learning – A Survey of Results"),
        reading("laws", "Scaling Laws for Neural Language Models", "https://arxiv.org/abs/2001.08361"),
        reading("nature", "Deep learning", "https://doi.org/10.1038/nature14539"),
        reading("blog", "Blog", "https://a.org/blog"),
        reading("sixteen", "Training the mixture16b model"),
        reading("tile", "Rank, tile and merge methods"),
    )
}


@pytest.mark.parametrize(
    ("item", "match"),
    [
        ("[Anything](https://huggingface.co/papers/1412.6980)", Match("adam", "arXiv id")),
        ("Kingma (arXiv:1412.6980v9)", Match("adam", "arXiv id")),
        ("LeCun et al., doi: 10.1038/nature14539.", Match("nature", "DOI")),
        ("[Part 2](https://youtu.be/TCH_1BHY58I)", Match("two", "video")),
        ("[x](https://www.a.org/blog/)", Match("blog", "address")),
        ("[attention is all you need!](https://arxiv.org/pdf/1706.03762)", Match("attention", "arXiv id")),
        ("[Paper of the month](https://arxiv.org/pdf/1706.03762)", Match(fits=("attention", "transformer"))),
        ("attention IS all you need", Match("attention", "title")),
        ("[Attention Is All You Need](https://papers.nips.cc/paper/7181)", Match("attention", "title")),
        ("[Attention Is All You Need](https://www.youtube.com/watch?v=aaaaaaaaaaa)", Match(near=("attention",))),
        ("[Attention Is All You Need](https://github.com/a/attention)", Match(near=("attention",))),
        ("[Attention Is All You Need](https://arxiv.org/abs/2401.00001)", Match(near=("attention",))),
        ("[Blog](https://b.org/blog)", Match(near=("blog",))),
        ("Adam: Method for stochastic optimisation", Match("adam", "nearly the same title")),
        ("Adam: A method for stochastic optimisation (2019)", Match()),
        ("Finetuning without a Lukasz", Match("bare", "title")),
        ("Building makemore Part 3: MLP", Match()),
        ("Scaling laws for natural language models", Match()),
        ("Training the mixture17b model", Match()),
        ("Rank, tilt and merge methods", Match()),
        ("Deep learning, a survey of results", Match(fits=("same-1", "same-2"))),
        ("BERT", Match(near=("bert",))),
        ("A", Match()),
        ("Attention <!-- id: attention -->", Match(near=("attention",))),
        ("Attention is all you need - again <!-- id: attention -->", Match("attention", "id")),
        ("[New](https://arxiv.org/abs/1706.03762) <!-- id: transformer -->", Match("transformer", "id")),
        ("Something else <!-- id: adam -->", Match()),
        ("Something else <!-- id: nobody -->", Match()),
    ],
)
def test_an_entry_is_the_reading_it_certainly_is_and_no_other(item: str, match: Match) -> None:
    assert Catalogue(KNOWN).find(read_one(f"- {item}\n")) == match


def test_a_doi_or_arxiv_id_alone_gives_an_address() -> None:
    assert find_address(read_one("- doi:10.1/XY z\n")) is None
    assert find_address(read_one("- Deep learning, doi:10.1038/nature14539\n")) == "https://doi.org/10.1038/nature14539"
    assert find_address(read_one("- arXiv:1706.03762v2\n")) == "https://arxiv.org/abs/1706.03762"
    assert find_address(read_one("- arXiv:1706.03762, arXiv:1412.6980\n")) is None


# Words and ids


@pytest.mark.parametrize(
    ("title", "made"),
    [
        ("Attention Is All You Need", "attention-is-all-you-need"),
        ("Łukasz’s Café — №1", "lukasz-s-cafe-no1"),
        ("2024 in review", "reading-2024-in-review"),
        ("Yes", "reading-yes"),
        ("注意力", "reading-bc0a1d3c"),
        ("1984", "reading-f4bd1f5c"),
        ("x" * 200, "x" * 60),
        ("word " * 30, "-".join(["word"] * 12)),
    ],
)
def test_an_id_is_made_of_the_title_alone(title: str, made: str) -> None:
    if made.startswith("reading-") and len(made) == 16:  # a checksum
        assert make_id(title, "reading") == make_id(title, "reading") != make_id(title + "x", "reading")
        assert len(make_id(title, "reading")) == 16
    else:
        assert make_id(title, "reading") == made


@given(st.text(max_size=200))
def test_every_title_gives_an_id_that_the_schema_takes(title: str) -> None:
    import re

    made = make_id(title, "reading")
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", made)
    assert len(made) <= 60


def test_ids_are_made_unique_with_numbers() -> None:
    assert [make_unique("a", set()), make_unique("a", {"a"}), make_unique("a", {"a", "a-2"})] == ["a", "a-2", "a-3"]


def test_texts_are_folded_and_tidied() -> None:
    assert fold("Łukasz MÜLLER Straße") == "lukasz muller strasse"
    assert tidy("a\x1b[31m\u202eb\ud800\n c\u2028d") == "a[31mb c d"


# What is planned


def plan(text: str, known: dict[str, Reading] | None = None, progress: Progress = NOTHING) -> ImportPlan:
    return plan_import(parse_markdown(text), known or {}, (), progress, "mine-")


def test_a_new_entry_becomes_a_reading_with_guesses_for_the_rest() -> None:
    ((section, made),) = plan('## Attention!\n- [Paper (2020)](https://arxiv.org/abs/2001.00001) - fun: "x"\n').new
    assert section == "Attention!"
    assert made == Reading(
        id="paper", kind="paper", title="Paper", track="attention", minutes=60, year=2020,
        url="https://arxiv.org/abs/2001.00001", note='fun: "x"',
    )  # fmt: skip


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://arxiv.org/abs/2001.00001", "paper"), ("https://a.org/x.PDF", "paper"), ("https://openreview.net/forum?id=1", "paper"),
        ("https://youtu.be/aaaaaaaaaaa", "video"), ("https://vimeo.com/1", "video"), ("https://github.com/a/b", "repo"),
        ("https://github.com/a/b/blob/x.ipynb", "notebook"), ("https://colab.research.google.com/drive/1", "notebook"),
        ("https://github.com/a", "post"), ("https://a.org/x", "post"),
    ],
)  # fmt: skip
def test_the_kind_is_guessed_from_the_address(url: str, kind: str) -> None:
    assert [made.kind for _, made in plan(f"- [T](<{url}>)\n").new] == [kind]


def test_what_stands_twice_in_a_list_is_added_once() -> None:
    made = plan("- [A paper on x](https://a.org/1)\n- [B](http://www.a.org/1/)\n- a PAPER on X\n")
    assert [row.status for row in made.rows] == ["new", "known", "known"]
    assert [row.why for row in made.rows] == ["", "the same as line 1", "the same as line 1"]
    assert len(made.new) == 1


def test_two_texts_with_one_title_get_two_ids() -> None:
    made = plan("- [Blog](https://a.org/1)\n- [Blog](https://a.org/2)\n")
    assert [row.id for row in made.rows] == ["mine-blog", "mine-blog-2"]


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("TODO", "is not a title that a reading list can hold"),
        ("...", "is not a title that a reading list can hold"),
        ("✓✓✓", "is not a title that a reading list can hold"),
        ("a [b](javascript:x)", "is not a title that a reading list can hold"),
        ("x" * 400, "has more than 300 characters: a text, and no title"),
    ],
)
def test_what_can_be_no_title_is_left_out_and_told(title: str, why: str) -> None:
    made = plan(f"- {title}\n- Good\n")
    assert [(row.status, row.why) for row in made.rows] == [("left out", why), ("new", "")]


@pytest.mark.parametrize(
    ("box", "was", "state"),
    [
        ("x", None, "done"), ("x", "reading", "done"), ("x", "done", None), (" ", "done", None), (" ", None, None),
        ("/", None, "reading"), ("/", "queued", "reading"), ("/", "done", None), ("/", "reading", None),
    ],
)  # fmt: skip
def test_a_check_box_only_leads_onward(box: str, was: str | None, state: str | None) -> None:
    known = {"adam": ReadingProgress(state=was, minutes=0, notes=(), changed_at=from_micros(0))}  # type: ignore[arg-type]
    progress = Progress(exercises={}, readings=known, last_started=None, attempts=0)
    made = plan(f"- [{box}] Adam: A Method for Stochastic Optimization\n", KNOWN, progress)
    assert made.states == ({"adam": state} if state else {})


def test_a_heading_or_a_remark_that_is_a_placeholder_costs_no_reading() -> None:
    ((section, made),) = plan("## TODO\n- [A paper](https://a.org/x) - TBD\n").new
    assert (section, made.title, made.track, made.note) == ("Imported", "A paper", "imported", None)


ITEMS = st.builds(
    "- {}[{}]({})".format,
    st.sampled_from(["", "[x] ", "[ ] "]),
    st.sampled_from(["Attention Is All You Need", "Blog", "A paper on x", "A paper on y", "BERT", "pdf"]),
    st.sampled_from(["", "https://a.org/1", "https://a.org/2", "https://arxiv.org/abs/1706.03762", "https://youtu.be/aaaaaaaaaaa"]),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(ITEMS, max_size=8))
def test_a_list_that_is_imported_again_adds_nothing(items: list[str]) -> None:
    parsed = parse_markdown("\n".join(items))
    first = plan_import(parsed, KNOWN, (), NOTHING, "mine-")
    known = KNOWN | {f"mine-{made.id}": made for _, made in first.new}
    assert plan_import(parsed, known, [made.id for _, made in first.new], NOTHING, "mine-").new == ()


# What is written


def imported(root: Path, text: str) -> None:
    """Import a list into a course, all the way."""
    own = load_content(root).readings if root.exists() else {}
    draft = draft_import(root, plan_import(parse_markdown(text), own, own, NOTHING, "").new)
    check_draft(draft)
    write_draft(draft)


def test_a_course_keeps_every_character_and_gets_more_below(tmp_path: Path) -> None:
    changed = dict(TOY_COURSE)
    changed[READING_LIST] = "# mine\n" + changed[READING_LIST].replace("\n- id", "\n  # why\n- id") + "# the end\n"
    root = write_toy_course(tmp_path / "course", changed)
    imported(root, "# New\n- [A paper on x](https://a.org/1)\n")
    text = (root / READING_LIST).read_text()
    assert text == changed[READING_LIST].removesuffix("# the end\n") + (
        '- id: a-paper-on-x\n  kind: post\n  title: "A paper on x"\n  url: "https://a.org/1"\n  track: new\n  minutes: 20\n'
        "# the end\n"
    )
    assert (root / COURSE).read_text() == TOY_COURSE[COURSE]
    assert [(unit.title, unit.readings) for unit in load_content(root).units][-1] == ("New", ("a-paper-on-x",))


def test_a_second_list_joins_the_section_of_the_first(tmp_path: Path) -> None:
    root = write_toy_course(tmp_path / "course")
    imported(root, "# First\n- Paper one\n# Second\n- Paper two\n")
    imported(root, "# First\n- Paper three\n- Paper four\n# 第三\n- Paper five\n")
    assert [(unit.title, unit.readings) for unit in load_content(root).units][2:] == [
        ("First", ("paper-one", "paper-three", "paper-four")), ("Second", ("paper-two",)), ("第三", ("paper-five",))
    ]  # fmt: skip


def test_a_new_unit_gets_an_id_that_no_other_has(tmp_path: Path) -> None:
    root = write_toy_course(tmp_path / "course")
    imported(root, "# First\n- Paper one\n")
    assert [unit.id for unit in load_content(root).units] == ["first", "second", "first-2"]


def test_a_list_with_other_indentation_and_line_ends_is_added_to(tmp_path: Path) -> None:
    changed = dict(TOY_COURSE)
    text = "".join(f"    {row}\r\n" if n else f"{row}\r\n" for n, row in enumerate(changed[READING_LIST].splitlines()))
    changed[READING_LIST] = text.removesuffix("\r\n")
    root = write_toy_course(tmp_path / "course", {})
    for name, body in changed.items():
        (root / name).write_bytes(body.encode())
    imported(root, "- Paper one\n")
    assert list(load_content(root).readings) == ["toy-lecture", "toy-paper", "paper-one"]


def test_a_list_inside_brackets_is_not_touched(tmp_path: Path) -> None:
    root = write_toy_course(tmp_path / "course")
    data = yaml.safe_load(TOY_COURSE[READING_LIST])
    (root / READING_LIST).write_text(json.dumps(data))
    with pytest.raises(UsageError, match="is not written as a list of"):
        imported(root, "- Paper one\n")
    assert json.loads((root / READING_LIST).read_text()) == data


def test_titles_that_yaml_could_take_for_something_else_arrive_as_they_are(tmp_path: Path) -> None:
    titles = ["a: b # c", '"quoted" \\ it\'s', "{x}: [y]", "@at %per", "no", "12", "- dash", "☃ 🎉 é", "null", "1e5"]
    root = tmp_path / "own"
    imported(
        root,
        "".join(
            f"1. [{title.replace('[', '(').replace(']', ')')}](https://a.org/{n})\n" for n, title in enumerate(titles)
        ),
    )
    assert [r.title for r in load_content(root).readings.values()] == [
        title.replace("[", "(").replace("]", ")").strip(" -") for title in titles
    ]  # fmt: skip


def test_a_course_that_is_not_valid_is_not_added_to(tmp_path: Path) -> None:
    root = write_toy_course(tmp_path / "course")
    (root / READING_LIST).write_text(TOY_COURSE[READING_LIST].replace("minutes: 30", "minutes: soon"))
    with pytest.raises(ContentError):
        draft_import(root, (("New", reading("paper-one", "Paper one")),))


def test_a_reading_that_would_make_the_course_invalid_is_found_before_anything_is_written(tmp_path: Path) -> None:
    root = write_toy_course(tmp_path / "course")
    draft = draft_import(root, (("New", reading("toy-paper", "A double")),))
    with pytest.raises(ContentError) as caught:
        check_draft(draft)
    assert any("the reading `toy-paper` exists already" in problem for problem in caught.value.problems)
    assert (root / READING_LIST).read_text() == TOY_COURSE[READING_LIST]


def test_a_full_disk_in_the_middle_leaves_the_course_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_toy_course(tmp_path / "course")
    draft = draft_import(root, (("New", reading("paper-one", "Paper one")),))
    write = writing.write_whole

    def fill_up(path: Path, data: bytes) -> None:
        if path.name == "zz-imported.yaml":
            raise WorkspaceError("full")
        write(path, data)

    monkeypatch.setattr(writing, "write_whole", fill_up)
    with pytest.raises(WorkspaceError):
        write_draft(draft)
    assert (root / READING_LIST).read_text() == TOY_COURSE[READING_LIST]
    assert sorted(path.name for path in (root / "curriculum").iterdir()) == ["toys.yaml"]


def test_a_course_that_cannot_be_made_is_explained_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = draft_import(tmp_path / "own", (("New", reading("paper-one", "Paper one")),))

    def refuse(*arguments: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", refuse)
        with pytest.raises(WorkspaceError, match="cannot be written: No space left on device; nothing was changed"):
            write_draft(draft)
    with monkeypatch.context() as patch:
        patch.setattr(writing.tempfile, "TemporaryDirectory", refuse)
        with pytest.raises(WorkspaceError, match="No space left on device"):
            check_draft(draft)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_changed_in_the_meantime_is_not_replaced(tmp_path: Path) -> None:
    root = write_toy_course(tmp_path / "course")
    draft = draft_import(root, (("New", reading("paper-one", "Paper one")),))
    (root / READING_LIST).write_text("mine")
    with pytest.raises(UsageError, match="was changed in the meantime; nothing was written"):
        write_draft(draft)
    assert (root / READING_LIST).read_text() == "mine"


def test_a_reading_list_that_is_a_link_is_not_replaced(tmp_path: Path) -> None:
    root = write_toy_course(tmp_path / "course")
    (root / READING_LIST).rename(tmp_path / "elsewhere.yaml")
    (root / READING_LIST).symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(UsageError, match="is a symbolic link"):
        draft_import(root, (("New", reading("paper-one", "Paper one")),))


# The command

LIST = """\
# Mine
- [x] [Attention](https://arxiv.org/pdf/1706.03762v5) again
- [x] [A paper on nothing](https://a.org/nothing)
- [ ] Adam: A Method for Stochastic Optimization
"""


@pytest.fixture
def listed(home: Path) -> Path:
    """A reading list in the current folder."""
    file = home / "list.md"
    file.write_text(LIST.replace("[Attention]", "[Attention Is All You Need]"))
    return file


def test_nothing_is_written_unless_somebody_agrees(study: Study, home: Path, listed: Path) -> None:
    done = study("import", "list.md", toy=False)
    assert done.returncode == 2
    assert '+- id: a-paper-on-nothing\n+  kind: post\n+  title: "A paper on nothing"\n' in done.stdout
    assert done.stdout.splitlines()[-4:] == [
        "  =  known    line 2    Attention Is All You Need  vaswani-2017-attention  (by its arXiv id)  new -> done",
        "  +  new      line 3    A paper on nothing  myreadings-a-paper-on-nothing  new -> done",
        "  =  known    line 4    Adam: A Method for Stochastic Optimization  kingma-2014-adam  (by its title)",
        "2 known, 1 new; 2 with a new state",
    ]
    assert done.stderr == (
        "study: nothing was written, because there is no terminal to confirm it at\nnext: study import list.md --yes\n"
    )
    assert not (home / "study").exists()


def test_a_dry_run_writes_nothing_and_is_no_failure(study: Study, home: Path, listed: Path) -> None:
    done = study("import", "list.md", "--dry-run", "--yes", toy=False)
    assert (done.returncode, done.stderr) == (0, "nothing was written, because of --dry-run\n")
    assert not (home / "study").exists()


def test_a_list_is_imported_once_and_changes_nothing_the_second_time(study: Study, home: Path, listed: Path) -> None:
    done = study("import", "list.md", "--yes", toy=False)
    assert done.returncode == 0
    assert done.stderr == (
        f"made the workspace {home}/study (the default)\n"
        "wrote: 1 reading added to study/my_readings, 2 states recorded\nnext: study list --readings\n"
    )
    lint = study("lint", "study/my_readings", toy=False)
    assert (lint.returncode, lint.stdout) == (0, "no problems in 2 files\n")
    rows = json.loads(study("list", "--readings", "--state", "done", "--json", toy=False).stdout)["readings"]
    assert [row["id"] for row in rows] == ["vaswani-2017-attention", "myreadings-a-paper-on-nothing"]
    files = {path: path.read_bytes() for path in (home / "study/my_readings").rglob("*.yaml")}
    again = study("import", "list.md", "--yes", "--json", toy=False)
    told = json.loads(again.stdout)
    assert (again.returncode, told["new"], told["states"], told["diff"], told["written"]) == (0, [], {}, "", False)
    assert {path: path.read_bytes() for path in (home / "study/my_readings").rglob("*.yaml")} == files
    more = study("import", "list.md", toy=False)
    assert (more.returncode, more.stderr) == (0, "nothing to do: no reading is new, and no state changes\n")


def test_at_a_terminal_one_is_asked(study: Study, home: Path, listed: Path) -> None:
    def answer(typed: bytes) -> "subprocess.CompletedProcess[str]":
        master, slave = os.openpty()
        os.write(master, typed)
        try:
            return subprocess.run(
                [sys.executable, "-m", "grader", "import", "list.md"],
                env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
                stdin=slave, capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
        finally:
            os.close(master)
            os.close(slave)

    no = answer(b"n\n")
    assert (no.returncode, no.stderr) == (0, "write this? [y/N]: nothing was written\n")
    assert not (home / "study").exists()
    yes = answer(b"y\n")
    assert yes.returncode == 0
    assert (home / "study/my_readings/reading_list.yaml").exists()


def test_json_never_asks_and_says_whether_it_has_written(study: Study, home: Path, listed: Path) -> None:
    done = study("import", "list.md", "--json", toy=False)
    told = json.loads(done.stdout)
    assert (done.returncode, told["written"], told["hint"]) == (2, False, "study import list.md --yes")
    assert told["course"] == f"{home}/study/my_readings"
    assert [(row["status"], row["id"], row["state"]) for row in told["entries"]] == [
        ("known", "vaswani-2017-attention", "done"), ("new", "myreadings-a-paper-on-nothing", "done"),
        ("known", "kingma-2014-adam", None),
    ]  # fmt: skip
    assert [made["id"] for made in told["new"]] == ["a-paper-on-nothing"]
    assert json.loads(study("import", "list.md", "--json", "--yes", toy=False).stdout)["written"] is True


def test_readings_can_go_into_another_course(study: Study, home: Path, listed: Path) -> None:
    root = write_toy_course(home / "toys")
    done = study("import", "list.md", "--course", "toys", "--yes", toy=False)
    assert done.returncode == 0
    assert "toys is not a course that you have added" in done.stderr
    assert list(load_content(root).readings) == ["toy-lecture", "toy-paper", "a-paper-on-nothing"]
    assert not (home / "study/my_readings").exists()
    again = study("import", "list.md", "--course", "toys", toy=False)
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "3 known, 0 new; 0 with a new state")
    study("course", "add", "toys", toy=False)
    study("import", "list.md", "--course", "toys", "--yes", toy=False)
    done_ones = json.loads(study("list", "--readings", "--state", "done", "--json", toy=False).stdout)["readings"]
    assert [row["id"] for row in done_ones] == ["vaswani-2017-attention", "toys-a-paper-on-nothing"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["none.md"], 2, "study: there is no file none.md\n"),
        (["table.md"], 2, "study: table.md holds no reading; left out: line 3, a table\n"),
        (["list.md", "--course", "none"], 2, "study: none is not there\n"),
        (["list.md", "--course", "empty"], 2, "study: empty holds no reading_list.yaml\n"),
        (["latin.md"], 2, "study: latin.md:1: byte 0xe9 is not UTF-8, so this is no Markdown text\n"),
        (["list.md", "--course", "broken"], 3, "curriculum:1:1: this folder holds no course; "),
    ],
    ids=str,
)
def test_what_cannot_be_imported_is_explained(
    study: Study, home: Path, listed: Path, arguments: list[str], code: int, says: str
) -> None:
    (home / "empty").mkdir()
    (home / "table.md").write_text("# A list\n\n| paper |\n|---|\n| A |\n")
    (home / "latin.md").write_bytes("- café".encode("latin-1"))
    (home / "broken").mkdir()
    (home / "broken/reading_list.yaml").write_text("")
    done = study("import", *arguments, "--yes", toy=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(says)
    assert "Traceback" not in done.stderr
    assert not (home / "study").exists()


def test_a_folder_of_the_learners_with_that_name_is_left_alone(study: Study, home: Path, listed: Path) -> None:
    (home / "study/.study").mkdir(parents=True)
    (home / "study/my_readings").mkdir()
    (home / "study/my_readings/mine.txt").write_text("mine")
    done = study("import", "list.md", "--yes", toy=False)
    assert done.returncode == 2
    assert f"{home}/study/my_readings is there, and is not a course" in done.stderr
    assert [path.name for path in (home / "study/my_readings").iterdir()] == ["mine.txt"]


def test_hostile_text_reaches_the_terminal_without_its_codes(study: Study, home: Path) -> None:
    (home / "list.md").write_text("- A \x1b[31mred\u202e title\n- | [bold]x[/bold]\n")
    done = study("import", "list.md", "--dry-run", toy=False)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert '+  title: "A [31mred title"' in done.stdout
