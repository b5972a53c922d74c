"""Whatever is done to good course files: they load, or every problem in them stands at a place, in bounded time."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from grader.core.errors import ContentError
from grader.course import load_content
from grader.course.lint import lint
from grader.course.yaml_tree import LINE_END
from tests.support.linted_course import GOOD
from tests.support.toy_course import ADD, COURSE, DOUBLE, READING_LIST, TOY_COURSE, write_toy_course

PLACE = re.compile(r"(?P<path>[^:]+):(?P<line>[0-9]+):(?P<column>[0-9]+): (?P<text>.+)", re.DOTALL)
#: What may be put in: what YAML, the models, or Python give a meaning to.
TOKENS = [
    *("- ", ": ", ":", "#", "'", '"', "|", ">", "|2", "[", "]", "{", "}", ",", "&a ", "*a", "!!int ", "%YAML", "---\n"),
    *(
        "\t",
        "  ",
        "\n",
        "\r\n",
        "\r",
        "\x85",
        "\u2028",
        "\x00",
        "\ufeff",
        "\xa0",
        "\u200b",
        "“",
        "\ud7ff",
        "\U0001f600",
    ),
    *("null", "~", "true", "no", "010", "0x1F", "1e999", "-1", ".nan", "1:30", "2020-01-01", "9" * 400, "<<", "? "),
    *(
        "id",
        "readings",
        "checks",
        "call",
        "given",
        "expect",
        "equals",
        "code: |\n",
        "tolerance",
        "lambda: 0",
        "e02_double",
    ),
    *("a" * 70, "[" * 30, "{a: " * 30, "\\", "...", "\n...\n", "<<<<<<< HEAD\n", "def f(:", "(" * 300, "f(x)[0]"),
]
#: Bounded time and the same every time: a fuzz test that differs from run to run is a flaky one.
bounded = settings(
    max_examples=350,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

Edit = Callable[[str], str]


def _at(share: float, count: int) -> int:
    return min(int(share * count), max(count - 1, 0))


def delete(share: float, length: int) -> Edit:
    return lambda text: text[: _at(share, len(text))] + text[_at(share, len(text)) + length :]


def insert(share: float, token: str) -> Edit:
    return lambda text: text[: _at(share, len(text))] + token + text[_at(share, len(text)) :]


def replace(share: float, token: str) -> Edit:
    """Put a token where a word or value stood."""

    def edit(text: str) -> str:
        words = list(re.finditer(r"[\w.-]+|\"[^\"\n]*\"", text))
        if not words:
            return token
        word = words[_at(share, len(words))]
        return text[: word.start()] + token + text[word.end() :]

    return edit


def indent(share: float, by: int) -> Edit:
    """Move one line to the right or the left."""

    def edit(text: str) -> str:
        lines = text.split("\n")
        n = _at(share, len(lines))
        lines[n] = " " * by + lines[n] if by > 0 else lines[n][min(-by, len(lines[n]) - len(lines[n].lstrip())) :]
        return "\n".join(lines)

    return edit


def move(share: float, other: float, *, keep: bool) -> Edit:
    """Put one line somewhere else, or there as well."""

    def edit(text: str) -> str:
        lines = text.split("\n")
        line = lines[_at(share, len(lines))] if keep else lines.pop(_at(share, len(lines)))
        lines.insert(_at(other, len(lines)), line)
        return "\n".join(lines)

    return edit


def swap(share: float, other: float) -> Edit:
    """Exchange two values."""

    def edit(text: str) -> str:
        values = list(re.finditer(r"(?<=: )[^\s,{}\[\]]+", text))
        if len(values) < 2:
            return text
        one, two = sorted((_at(share, len(values)), _at(other, len(values))))
        a, b = values[one], values[two]
        return text if one == two else text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]

    return edit


SHARES = st.floats(0, 1)
EDITS = st.one_of(
    st.builds(delete, SHARES, st.integers(1, 40)),
    st.builds(insert, SHARES, st.sampled_from(TOKENS)),
    st.builds(replace, SHARES, st.sampled_from(TOKENS)),
    st.builds(indent, SHARES, st.integers(-4, 4)),
    st.builds(move, SHARES, SHARES, keep=st.booleans()),
    st.builds(swap, SHARES, SHARES),
)
STARTS = {path: {**TOY_COURSE, **GOOD}[path] or "" for path in (READING_LIST, COURSE, ADD, DOUBLE)}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good course that the examples break and mend again."""
    return write_toy_course(tmp_path_factory.mktemp("fuzzed"), GOOD)


def require_places(problems: list[str], root: Path) -> None:
    """Require that each problem names a file of the course, and a line and column inside it."""
    assert problems
    for problem in problems:
        found = PLACE.fullmatch(problem)
        assert found, f"no place: {problem}"
        file, line, column = root / found["path"], int(found["line"]), int(found["column"])
        if not file.is_file():
            assert (line, column) == (1, 1), problem
            continue
        lines = LINE_END.split(file.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff"))
        assert 1 <= line <= len(lines), problem
        assert 1 <= column <= len(lines[line - 1]) + 1, problem


def load_broken(root: Path, path: str, text: str) -> None:
    """Load the course with one file changed, as loading and as linting do, and mend it again."""
    (root / path).write_bytes(text.encode("utf-8", "replace"))
    try:
        try:
            load_content(root)
        except ContentError as error:
            require_places(error.problems, root)
        (report,) = lint(root)
        if report.problems:
            require_places([str(problem) for problem in report.problems], root)
    finally:
        (root / path).write_text(STARTS[path], encoding="utf-8")


@pytest.mark.slow
@bounded
@given(path=st.sampled_from(sorted(STARTS)), edits=st.lists(EDITS, min_size=1, max_size=4))
def test_a_mutated_file_loads_or_every_problem_has_a_place_in_it(course: Path, path: str, edits: list[Edit]) -> None:
    text = STARTS[path]
    for edit in edits:
        text = edit(text)
    load_broken(course, path, text)
