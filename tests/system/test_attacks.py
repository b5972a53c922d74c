"""Every hostile submission gets the verdict its docstring names, learns nothing, and leaves nothing behind.

A new attack is a new file `<family>/<name>.py`. Its docstring is its record:

    One sentence: what it tries.

    expect: failed                          the verdict
    checks: total=failed tally=failed|crashed   the status of some checks, at least one
    layers: landlock                        without these layers of the sandbox it proves nothing (optional)

When an attack succeeds it prints or raises "BREACH: ..."; a line of its own making that it wants to pass off as the
judge's starts with "FORGED". Where it is refused it answers wrongly.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from grader.core.events import Event, Printed
from grader.core.verdict import Verdict
from grader.course import load_content
from tests.support.printing import UNFIT_TO_PRINT
from tests.support.study import REPOSITORY
from tests.support.watched_engine import WatchedEngine, fingerprint

ATTACKS_FOLDER = REPOSITORY / "tests" / "attacks"
COURSE = ATTACKS_FOLDER / "course"
CONTENT = load_content(COURSE)
VAULT = CONTENT.exercises["v01_vault"]
FOLDER = CONTENT.folder(VAULT.id)
FAMILIES = ("ending", "patching", "lying", "replies", "reading", "cheating", "host")
ATTACKS = sorted(path for family in FAMILIES for path in (ATTACKS_FOLDER / family).glob("*.py"))
#: Enough for torch, pytest and a busy machine, on top of what the checks allow the submission.
MARGIN_S = 20.0
#: Right in one check and wrong in another: what the grade after an attack has to find out.
HALF_RIGHT = """
def total(xs):
    return float(sum(xs))


def tally(text):
    return {}
"""


class Record(msgspec.Struct, frozen=True):
    """What the docstring of an attack says about it."""

    verdict: str
    statuses: dict[str, set[str]]
    layers: set[str]


def read_record(source: str) -> Record:
    text = ast.get_docstring(ast.parse(source)) or ""
    fields = dict(re.findall(r"^(expect|checks|layers): (.+)$", text, re.MULTILINE))
    statuses = dict(part.split("=") for part in fields["checks"].split())
    return Record(
        fields["expect"],
        {check: set(status.split("|")) for check, status in statuses.items()},
        set(fields.get("layers", "").split()),
    )


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedEngine]:
    engine = WatchedEngine(tmp_path_factory.mktemp("engine"))
    engine.grade(VAULT, FOLDER, HALF_RIGHT, [])  # torch itself makes a folder in TMPDIR when it starts
    yield engine
    engine.close()


def statuses_of(verdict: Verdict) -> dict[str, str]:
    return {check.id: check.status for check in verdict.checks}


def everything_said(verdict: Verdict, events: list[Event]) -> str:
    """Return all that can reach the learner, as JSON."""
    return json.dumps(msgspec.to_builtins([verdict, events]), ensure_ascii=False)


def assert_fit_to_print(verdict: Verdict, events: list[Event]) -> None:
    """Fail where a learner's characters reach a terminal, or its lines pass for the judge's."""
    messages = [text for check in verdict.checks for text in (check.message, check.cause or "")]
    for text in messages + [event.line for event in events if isinstance(event, Printed)]:
        assert UNFIT_TO_PRINT.findall(text) == []
    assert [line for text in messages for line in text.split("\n") if line.startswith("FORGED")] == []


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_attack_gets_its_verdict_and_nothing_else(path: Path, engine: WatchedEngine) -> None:
    source = path.read_text(encoding="utf-8")
    record = read_record(source)
    before, files = fingerprint(COURSE), engine.left_files()
    for attempt in range(2):
        events: list[Event] = []
        verdict = engine.grade(VAULT, FOLDER, source, events)
        off = sorted(layer for layer in record.layers if not verdict.isolation.get(layer))
        if off:
            pytest.skip(f"not provable here: {', '.join(off)} off (study doctor says why)")
        statuses = statuses_of(verdict)
        surprises = {
            check: statuses[check] for check, allowed in record.statuses.items() if statuses[check] not in allowed
        }
        # The vault gives 1.5 s, which a machine that is busy proving exercises may take away; twice is no accident.
        if attempt or not surprises or not set(surprises.values()) <= {"timed_out", "not_run"}:
            break
    assert (verdict.verdict, surprises) == (record.verdict, {}), everything_said(verdict, [])
    assert "grader_fault" not in statuses.values()
    assert verdict.elapsed_s < VAULT.import_timeout_s + sum(check.timeout_s for check in VAULT.checks) + MARGIN_S
    said = everything_said(verdict, events)
    assert "vault-marker-" not in said
    assert "BREACH" not in said
    assert_fit_to_print(verdict, events)
    assert engine.left_processes() == []
    assert engine.left_files() == files
    assert fingerprint(COURSE) == before
    after = statuses_of(engine.grade(VAULT, FOLDER, HALF_RIGHT, []))
    assert after == {check.id: "passed" if check.id == "total" else "failed" for check in VAULT.checks}


def test_right_submission_passes_the_vault(engine: WatchedEngine) -> None:
    source = (FOLDER / "solution.py").read_text(encoding="utf-8")
    verdict = engine.grade(VAULT, FOLDER, source, [])
    assert [(check.id, check.message) for check in verdict.checks if check.status != "passed"] == []


@pytest.mark.parametrize("mutant", VAULT.mutants, ids=lambda mutant: mutant.id)
def test_mutant_of_the_vault_is_caught_by_its_check(mutant: Any, engine: WatchedEngine) -> None:
    sources = (FOLDER / "solution.py", FOLDER / "mutants" / f"{mutant.id}.py")
    verdict = engine.grade(VAULT, FOLDER, "".join(path.read_text(encoding="utf-8") for path in sources), [])
    caught = next(check for check in verdict.checks if check.id == mutant.caught_by)
    assert (caught.status, caught.cause) == ("failed", mutant.says)


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_record_names_checks_of_the_vault_and_no_pass(path: Path) -> None:
    record = read_record(path.read_text(encoding="utf-8"))
    assert record.statuses.keys() <= {check.id for check in VAULT.checks}
    assert record.statuses
    assert (record.verdict == "passed") == all("passed" in allowed for allowed in record.statuses.values())
