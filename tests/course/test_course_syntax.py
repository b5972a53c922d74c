"""What is not YAML, or YAML that a course needs not, is refused where it stands."""

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
SYNTAX = [
    ("a tab before a key", COURSE, '  summary: "You can double."', '\tsummary: "You can double."',
     "curriculum/toys.yaml:13:1: a tab is where only spaces can be; indent with spaces"),
    ("a tab in a plain text", ADD, "minutes: 10", "\tminutes: 10",
     "exercises/e01_add/exercise.yaml:6:1: a tab is where only spaces can be; indent with spaces"),
    ("a text that starts wrong, behind a foreign line end", DOUBLE, 'statement: "Write `double`."', "statement:\u2028  @double",
     "exercises/e02_double/exercise.yaml:9:3: no text can start with @; put it in quotes"),
    ("a text that starts wrong, behind a byte order mark", DOUBLE, "id: e02_double", "\ufeffid: @double",
     "exercises/e02_double/exercise.yaml:1:5: no text can start with @; put it in quotes"),
    ("a key indented less than the keys above", ADD, "  points: 2", " points: 2",
     "exercises/e01_add/exercise.yaml:16:2: this does not line up with the keys above; correct the indentation"),
    ("a key indented more than the keys above", ADD, "minutes: 10", "  minutes: 10",
     "exercises/e01_add/exercise.yaml:6:10: no key can come before this colon; put a text that holds a colon in quotes, or correct the indentation"),
    ("a list item without its dash", COURSE, "- id: second", "id: second",
     "curriculum/toys.yaml:12:8: no key can come before this colon; put a text that holds a colon in quotes, or correct the indentation"),
    ("a key without a colon", ADD, "difficulty: 1", "difficulty 1",
     "exercises/e01_add/exercise.yaml:5:1: this line has no `key:`; add it, or indent the text it belongs to"),
    ("a list behind its key", ADD, "hints:\n", "hints: - x\n",
     "exercises/e01_add/exercise.yaml:9:8: no list can start behind other text; put each `- ` on a line of its own"),
    ("a colon in a plain text", ADD, 'title: "Small numbers"', "title: Small: numbers",
     "exercises/e01_add/exercise.yaml:13:15: no key can come before this colon; put a text that holds a colon in quotes, or correct the indentation"),
    ("a quote closed by the next one", ADD, 'title: "Add two numbers"', 'title: "Add two numbers',
     "exercises/e01_add/exercise.yaml:2:8: the quote that opens here ends only in line 10; close it where it should end"),
    ("a quote that is never closed", DOUBLE, "forbid: [math.fsum]", "forbid: ['math.fsum]",
     "exercises/e02_double/exercise.yaml:14:10: the quote that opens here is never closed; close it"),
    ("a list that is never closed", COURSE, "[e01_add]", "[e01_add",
     "curriculum/toys.yaml:10:14: the list that opens here lacks a comma or its ]; add it"),
    ("a list that opens and no more", DOUBLE, "forbid: [math.fsum]", "forbid: [",
     "exercises/e02_double/exercise.yaml:14:9: the list that opens here is never closed; add its ]"),
    ("a list without a comma", READING_LIST, '["Ada"]', '["Ada" "Bea"]',
     "reading_list.yaml:5:12: the list that opens here lacks a comma or its ]; add it"),
    ("a mapping that is never closed", READING_LIST, '{t: 0, title: "intro"}', '{t: 0, title: "intro"',
     "reading_list.yaml:13:5: the mapping that opens here lacks a comma or its }; add it"),
    ("a text that starts with a backtick", DOUBLE, '"Write `double`."', "`double` is to be written.",
     "exercises/e02_double/exercise.yaml:8:12: no text can start with `; put it in quotes"),
    ("a text that starts with an at sign", DOUBLE, '"Write `double`."', "@double",
     "exercises/e02_double/exercise.yaml:8:12: no text can start with @; put it in quotes"),
    ("an escape YAML does not know", DOUBLE, '"Write `double`."', '"a\\q"',
     "exercises/e02_double/exercise.yaml:8:14: a backslash in double quotes starts an escape; write two of them, or put the text in single quotes"),
    ("a NUL", ADD, "Small", "Sm\x00all",
     "exercises/e01_add/exercise.yaml:13:13: the control character U+0000 cannot be in a text; remove it"),
    ("a terminal escape", ADD, "Small", "Sm\x1ball",
     "exercises/e01_add/exercise.yaml:13:13: the control character U+001B cannot be in a text; remove it"),
    ("a file without a byte", DOUBLE, TOY_COURSE[DOUBLE], "",
     "exercises/e02_double/exercise.yaml:1:1: the file is empty; start from an existing one"),
    ("a file of comments", COURSE, TOY_COURSE[COURSE], "# nothing\n",
     "curriculum/toys.yaml:1:1: the file holds only comments; start from an existing one"),
    ("20,000 lists in each other", ADD, "corpus: true", "corpus: " + "[" * 20_000,
     "exercises/e01_add/exercise.yaml:24:28: nested deeper than 20; flatten it"),
    ("20,000 dashes in each other", ADD, "corpus: true", "corpus:\n  " + "- " * 20_000 + "x",
     "exercises/e01_add/exercise.yaml:25:41: nested deeper than 20; flatten it"),
    ("20,000 mappings in each other", ADD, "corpus: true", "corpus: " + "{a: " * 20_000,
     "exercises/e01_add/exercise.yaml:24:85: nested deeper than 20; flatten it"),
    ("20,000 complex keys in each other", ADD, "corpus: true", "corpus:\n  " + "? " * 20_000,
     "exercises/e01_add/exercise.yaml:25:41: nested deeper than 20; flatten it"),
    ("an anchor", READING_LIST, 'title: "A toy paper"', 'title: &t "A toy paper"',
     "reading_list.yaml:17:10: anchors (&t) are not used in courses; write the value out, or quote the text"),
    ("an alias", READING_LIST, 'title: "A toy paper"', "title: *t",
     "reading_list.yaml:17:10: aliases (*t) are not used in courses; write the value out, or quote the text"),
    ("an alias as a key", ADD, "corpus: true", "*c : true",
     "exercises/e01_add/exercise.yaml:24:1: aliases (*c) are not used in courses; write the value out, or quote the text"),
    ("a bomb of aliases", ADD, "corpus: true", "forbid: &a [x, y]\nprerequisites: [*a, *a, *a]",
     "exercises/e01_add/exercise.yaml:24:9: anchors (&a) are not used in courses; write the value out, or quote the text",
     "exercises/e01_add/exercise.yaml:25:17: aliases (*a) are not used in courses; write the value out, or quote the text",
     "exercises/e01_add/exercise.yaml:25:21: aliases (*a) are not used in courses; write the value out, or quote the text",
     "exercises/e01_add/exercise.yaml:25:25: aliases (*a) are not used in courses; write the value out, or quote the text"),
    ("a tag of Python", READING_LIST, 'title: "A toy paper"', 'title: !!python/object/apply:os.system "true"',
     "reading_list.yaml:17:10: tags (!!python/object/apply:os.system) are not used in courses; leave it out, or quote the text"),
    ("a tag of one's own", READING_LIST, 'title: "A toy paper"', 'title: !secret "A toy paper"',
     "reading_list.yaml:17:10: tags (!secret) are not used in courses; leave it out, or quote the text"),
    ("a tag of YAML", ADD, "minutes: 10", "minutes: !!int 10",
     "exercises/e01_add/exercise.yaml:6:10: tags (!!int) are not used in courses; leave it out, or quote the text"),
    ("a merge key", ADD, "timeout_s: 1e-1", "<<: {timeout_s: 1}",
     "exercises/e01_add/exercise.yaml:19:3: merge keys (<<) are not used in courses; write the keys out"),
    ("a merge key with an alias", ADD, "timeout_s: 1e-1", "<<: *base",
     "exercises/e01_add/exercise.yaml:19:7: aliases (*base) are not used in courses; write the value out, or quote the text"),
    ("a list as a key", ADD, "corpus: true", "corpus: true\n? [a, b]\n: c",
     "exercises/e01_add/exercise.yaml:25:3: a key has to be a word; put the value behind a name and a colon"),
    ("two documents", DOUBLE, "forbid: [math.fsum]\n", "forbid: [math.fsum]\n---\nid: other\n",
     "exercises/e02_double/exercise.yaml:15:1: a second document starts here; keep one document per file"),
]
# fmt: on


@pytest.mark.parametrize(
    ("path", "old", "new", "problems"), [pytest.param(*row[1:4], list(row[4:]), id=row[0]) for row in SYNTAX]
)
def test_syntax_is_refused_where_it_stands(tmp_path: Path, path: str, old: str, new: str, problems: list[str]) -> None:
    """Syntax that is wrong or not wanted gives its own problem and no other."""
    write_toy_course(tmp_path, {path: replace_once(TOY_COURSE[path], old, new)})
    assert problems_of(tmp_path) == problems
