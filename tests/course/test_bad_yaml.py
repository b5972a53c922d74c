"""A corpus of broken files, each mistake an instructor makes once: what is said about it, where, and what to do next.

`bad_yaml/<kind>/NNN_<mistake>.yaml` takes the place of one file of the toy course, and `.txt` beside it holds every
problem that loading the course has to report, in order. After a change of the wording, write them again with
`python -m tests.course.test_bad_yaml` and read what git shows as changed.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from grader.core.errors import ContentError
from grader.course import load_content
from tests.toy_course import ADD, COURSE, READING_LIST, write_toy_course

CORPUS = Path(__file__).parent / "bad_yaml"
REPLACED = {"reading_list": READING_LIST, "curriculum": COURSE, "exercise": ADD}
FILES = sorted(CORPUS.glob("*/*.yaml"))


def report(root: Path, broken: Path) -> str:
    """Load the toy course with one broken file in it, and return the problems, one a line."""
    write_toy_course(root, {REPLACED[broken.parent.name]: broken.read_bytes()})
    with pytest.raises(ContentError) as caught:
        load_content(root)
    return "".join(f"{problem}\n" for problem in caught.value.problems)


@pytest.mark.parametrize("broken", FILES, ids=[f"{file.parent.name}-{file.stem}" for file in FILES])
def test_a_broken_file_is_reported_in_these_words(broken: Path, tmp_path: Path) -> None:
    assert report(tmp_path, broken) == broken.with_suffix(".txt").read_text(encoding="utf-8")


def test_the_corpus_holds_each_kind_of_file_and_no_golden_without_one() -> None:
    assert {file.parent.name for file in FILES} == set(REPLACED)
    assert len(FILES) >= 60
    assert sorted(file.with_suffix(".yaml") for file in CORPUS.glob("*/*.txt")) == FILES


def test_every_problem_of_the_corpus_has_a_place_and_says_what_to_do() -> None:
    told = [line for file in FILES for line in file.with_suffix(".txt").read_text(encoding="utf-8").splitlines()]
    assert [problem for problem in told if not re.fullmatch(r"[^:]+:\d+:\d+: (.+; .+|.+\?)", problem)] == []


if __name__ == "__main__":
    for file in FILES:
        with TemporaryDirectory() as folder:
            file.with_suffix(".txt").write_text(report(Path(folder), file), encoding="utf-8")
