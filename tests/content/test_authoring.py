"""docs/authoring.md: what it tells to type prints what it shows, and its tables leave nothing out."""

import re
import tempfile
from pathlib import Path

import pytest

import grader.testing
from grader.core import expectations
from grader.course.json_schema import SCHEMAS, describe_keys, make_schema
from grader.expressions import CONSTANTS
from grader.expressions.vocabulary import VOCABULARY
from grader.judge.plugin import JudgePlugin
from tests.support.console_blocks import Reader
from tests.support.study import REPOSITORY, Study

GUIDE = REPOSITORY / "docs" / "authoring.md"
KIND_ROWS = [
    f"| `{key}` | {says} |"
    for key, says in describe_keys(expectations.Expectation).items()
    if key in expectations.KINDS
]
FUNCTION_ROWS = [f"| `{function.call}` | {function.says} |" for function in VOCABULARY.values()]


def section(title: str) -> str:
    """Return what stands below a heading, up to the next."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", GUIDE.read_text(encoding="utf-8"), re.M | re.S)
    assert found, title
    return found[1]


def rows(title: str) -> list[str]:
    """Return the rows of the first table of a section."""
    found = re.search(r"^\|---.*\n((?:\|.*\n)*)", section(title), re.M)
    assert found, title
    return found[1].splitlines()


def first_cells(title: str) -> list[str]:
    return [re.sub(r"\(.*", "", row.split("|")[1].strip().strip("`")) for row in rows(title)]


@pytest.mark.slow
def test_the_guide_can_be_followed(study: Study, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A server of its own, else every grade of `study verify` starts torch again; in a folder of its own, for a server
    # ends those of other code that it finds beside it. The path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="st-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        monkeypatch.setenv("STUDY_SERVER", "on")
        reader = Reader(study, home, monkeypatch)
        try:
            reader.follow(GUIDE.read_text(encoding="utf-8"))
        finally:
            study("server", "stop")
    assert len(reader.commands) == 16


def test_all_kinds_of_expectations_are_listed() -> None:
    assert rows("What can be expected of a call") == KIND_ROWS
    comparing = ", ".join(f"`{kind}`" for kind in expectations.COMPARING)
    beside = {"tolerance": comparing, "because": "a tolerance; `holds`", "message": "`raises`"}
    assert {*beside, *expectations.KINDS} == {*expectations.Expectation.__struct_fields__}
    for key, kinds in beside.items():
        row = f"| `{key}` | {kinds} | {describe_keys(expectations.Expectation)[key]} |"
        assert row in section("What can be expected of a call")


def test_all_functions_and_constants_of_expressions_are_listed() -> None:
    assert rows("Expressions") == FUNCTION_ROWS
    assert [name for name in CONSTANTS if f"`{name}`" not in section("Expressions")] == []


def test_all_fixtures_are_listed() -> None:
    plugin = vars(JudgePlugin)
    fixtures = [name for name, value in plugin.items() if type(value).__name__ == "FixtureFunctionDefinition"]
    assert sorted(first_cells("What a check in Python may ask for")) == sorted(fixtures)


def test_all_of_grader_testing_is_listed() -> None:
    text = section("What a check in Python may ask for")
    assert [name for name in grader.testing.__all__ if f"| `{name}" not in text] == []


def test_the_keys_that_prove_an_exercise_are_those_of_the_model() -> None:
    keys = first_cells("Mutants, alternatives, equivalent changes")
    assert keys == ["mutants", "accept", "equivalent"]
    assert set(keys) <= set(make_schema(SCHEMAS["exercise"])["$defs"]["Exercise"]["properties"])
