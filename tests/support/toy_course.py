"""A tiny valid course, written where a test wants it, with whatever changes that test is about."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.core.errors import ContentError
from grader.course import load_content

READING_LIST = "reading_list.yaml"
COURSE = "curriculum/toys.yaml"
ADD = "exercises/e01_add/exercise.yaml"
DOUBLE = "exercises/e02_double/exercise.yaml"

TOY_COURSE: Mapping[str, str] = {
    READING_LIST: """\
readings:
- id: toy-lecture
  kind: lecture
  title: "A toy lecture"
  authors: ["Ada"]
  year: 2020
  url: "https://www.youtube.com/watch?v=abcdefghijk"
  track: toys
  minutes: 30
  video_id: "abcdefghijk"
  note: "What a toy is."
  chapters:
  - {t: 0, title: "intro"}
  - {t: 90, title: "building"}
- id: toy-paper
  kind: paper
  title: "A toy paper"
  url: "https://example.org/toy.pdf"
  track: toys
  minutes: 60
""",
    COURSE: """\
# The one course.
id: toys
title: "Toys"
summary: "Two units."
units:
- id: first
  title: "First steps"
  summary: "You can add."
  readings: [toy-lecture]
  exercises: [e01_add]
- id: second
  title: "Second steps"
  summary: "You can double."
  readings:
  - toy-paper
  exercises: [e02_double]
""",
    ADD: """\
id: e01_add
title: "Add two numbers"
readings:
- {id: toy-lecture, chapter: 90}
difficulty: 1
minutes: 10
statement: |
  Write `add`.
hints:
- "There is an operator for it."
checks:
- id: small
  title: "Small numbers"
- id: negative
  title: "Negative numbers"
  points: 2
  needs: [small]
  continues: small
  timeout_s: 1e-1
mutants:
- id: subtracts
  says: "It subtracts."
  caught_by: small
corpus: true
thresholds:
  best_loss: {names: 1e-4, embedded: 2}
""",
    "exercises/e01_add/stub.py": 'def add(a, b):\n    """Return the sum of two numbers."""\n    raise NotImplementedError\n',
    "exercises/e01_add/solution.py": "def add(a, b):\n    return a + b\n",
    "exercises/e01_add/checks.py": """\
def test_small(submission):
    assert submission.add(1, 2) == 3


def test_negative(submission):
    assert submission.add(-1, -2) == -3
""",
    "exercises/e01_add/mutants/subtracts.py": "def add(a, b):\n    return a - b\n",
    DOUBLE: """\
id: e02_double
title: "Double a number"
readings:
- id: toy-paper
prerequisites: [e01_add]
difficulty: 2
minutes: 20
statement: "Write `double`."
hints: ["Add it to itself."]
checks:
- {id: doubled, title: "The double"}
mutants:
- {id: squares, says: "It squares.", caught_by: doubled}
forbid: [math.fsum]
""",
    "exercises/e02_double/stub.py": 'def double(a):\n    """Return twice a number."""\n    raise NotImplementedError\n',
    "exercises/e02_double/solution.py": "def double(a):\n    return a + a\n",
    "exercises/e02_double/checks.py": "def test_doubled(submission):\n    assert submission.double(3) == 6\n",
    "exercises/e02_double/mutants/squares.py": "def double(a):\n    return a * a\n",
}


def replace_once(text: str, old: str, new: str) -> str:
    """Replace a part of a text that stands in it exactly once."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in it"
    return text.replace(old, new)


def write_toy_course(root: Path, changes: Mapping[str, str | bytes | None] | None = None) -> Path:
    """Write the toy course into a folder.

    Args:
        root: The folder; made if it is missing.
        changes: What differs: a file's whole content by its path, or None to leave that file out.

    Returns:
        The folder.
    """
    for path, content in {**TOY_COURSE, **(changes or {})}.items():
        if content is not None:
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def problems_of(root: Path) -> list[str]:
    """Return what is wrong with a course that cannot be loaded."""
    with pytest.raises(ContentError) as caught:
        load_content(root)
    return caught.value.problems
