"""One mistake is one problem: what is known to be wrong is not built on."""

from pathlib import Path

import pytest

from tests.toy_course import (
    ADD,
    COURSE,
    DOUBLE,
    READING_LIST,
    TOY_COURSE,
    problems_of,
    replace_once,
    write_toy_course,
)

# Each line: what it is, the file, the text in it, what to put there instead, every problem that has to be found.
# fmt: off
QUIET = [
    ("an exercise without an id", DOUBLE, "id: e02_double\n", "",
     'exercises/e02_double/exercise.yaml:1:1: an exercise needs the key `id`; add `id: "..."`'),
    ("an exercise with a bad id, that no unit holds", DOUBLE, "id: e02_double", "id: E02",
     "exercises/e02_double/exercise.yaml:1:5: `id` cannot be `E02`; write lower-case words joined by _, such as e02_batchnorm_fold"),
    ("a reading without an id", READING_LIST, "- id: toy-paper\n  kind", "- kind",
     'reading_list.yaml:15:3: a reading needs the key `id`; add `id: "..."`'),
    ("a bad reading in a unit, twice", COURSE, "[toy-lecture]", "[toy-lecture, Bad Id, Bad Id]",
     "curriculum/toys.yaml:9:27: an item of `readings` cannot be `Bad Id`; write lower-case words joined by -, such as zth-4-batchnorm",
     "curriculum/toys.yaml:9:35: an item of `readings` cannot be `Bad Id`; write lower-case words joined by -, such as zth-4-batchnorm"),
    ("a unit without an id", COURSE, "- id: second\n  title", "- title",
     'curriculum/toys.yaml:11:3: a unit needs the key `id`; add `id: "..."`'),
    ("a bad video id that is not that of the address", READING_LIST, 'video_id: "abcdefghijk"', 'video_id: "x"',
     "reading_list.yaml:10:13: `video_id` cannot be `x`; write the 11 characters behind watch?v= in the video's address"),
    ("a check without an id", DOUBLE, '{id: doubled, title: "The double"}', '{title: "The double"}',
     'exercises/e02_double/exercise.yaml:11:3: a check needs the key `id`; add `id: "..."`'),
    ("no checks at all", DOUBLE, '- {id: doubled, title: "The double"}', "  []",
     'exercises/e02_double/exercise.yaml:11:3: `checks` needs at least 1 item; write [{id: "...", title: "..."}]'),
    ("a bad check to continue", ADD, "continues: small", "continues: Small One",
     "exercises/e01_add/exercise.yaml:18:14: `continues` cannot be `Small One`; write lower-case words joined by _, such as e02_batchnorm_fold"),
    ("a bad check to need", ADD, "needs: [small]", "needs: [Small One]",
     "exercises/e01_add/exercise.yaml:17:11: an item of `needs` cannot be `Small One`; write lower-case words joined by _, such as e02_batchnorm_fold"),
    ("a bad check that catches", ADD, "caught_by: small", "caught_by: Small One",
     "exercises/e01_add/exercise.yaml:23:14: `caught_by` cannot be `Small One`; write lower-case words joined by _, such as e02_batchnorm_fold"),
    ("a mutant without an id", DOUBLE, "{id: squares, says", "{says",
     'exercises/e02_double/exercise.yaml:13:3: a mutant needs the key `id`; add `id: "..."`'),
    ("a mutant with a bad id", DOUBLE, "{id: squares, says", "{id: ../x, says",
     "exercises/e02_double/exercise.yaml:13:8: `id` cannot be `../x`; write lower-case words joined by _, such as e02_batchnorm_fold"),
    ("no mutants at all", DOUBLE, '- {id: squares, says: "It squares.", caught_by: doubled}', "  []",
     'exercises/e02_double/exercise.yaml:13:3: `mutants` needs at least 1 item; write [{id: "...", says: "...", caught_by: "..."}]'),
    ("a bad prerequisite", DOUBLE, "[e01_add]", "[e01 add]",
     "exercises/e02_double/exercise.yaml:5:17: an item of `prerequisites` cannot be `e01 add`; write lower-case words joined by _, such as e02_batchnorm_fold"),
    ("a bad start of a chapter", READING_LIST, "t: 90", "t: x",
     "reading_list.yaml:14:9: `t` is a whole number, found `x`; write digits only"),
    ("a bad chapter beside an unknown reading", ADD, "{id: toy-lecture, chapter: 90}", "{id: zzz, chapter: x}",
     "exercises/e01_add/exercise.yaml:4:8: `zzz` is not a reading; add it to reading_list.yaml",
     "exercises/e01_add/exercise.yaml:4:22: `chapter` is a whole number, found `x`; write digits only"),
    ("chapters that are not a list", READING_LIST, '  chapters:\n  - {t: 0, title: "intro"}\n  - {t: 90, title: "building"}\n', "  chapters: none\n",
     'reading_list.yaml:12:13: `chapters` is a list, found `none`; write [{t: 1, title: "..."}, ...]'),
    ("a bad chapter to begin with", ADD, "chapter: 90", "chapter: x",
     "exercises/e01_add/exercise.yaml:4:30: `chapter` is a whole number, found `x`; write digits only"),
]
# fmt: on


@pytest.mark.parametrize(
    ("path", "old", "new", "problems"), [pytest.param(*row[1:4], list(row[4:]), id=row[0]) for row in QUIET]
)
def test_mistake_is_told_once(tmp_path: Path, path: str, old: str, new: str, problems: list[str]) -> None:
    """A bad or missing value is told where it stands, and no link is called broken because of it."""
    write_toy_course(tmp_path, {path: replace_once(TOY_COURSE[path], old, new)})
    assert problems_of(tmp_path) == problems
