"""`study show` shows a statement whose formulas are marked just as one without marks."""

from pathlib import Path

from tests.support.linted_course import GOOD
from tests.support.study import Study
from tests.support.toy_course import ADD, write_toy_course


def test_the_terminal_shows_the_statement_without_them(study: Study, home: Path) -> None:
    add = GOOD[ADD]
    assert add is not None
    write_toy_course(home / "plain", {**GOOD})
    write_toy_course(home / "course", {**GOOD, ADD: add + "formulas: ['a_1 + b']\n"})
    plain = study("show", "e01_add", toy=False, STUDY_COURSE=str(home / "plain"))
    shown = study("show", "e01_add", toy=False, STUDY_COURSE=str(home / "course"))
    assert (shown.returncode, shown.stdout) == (0, plain.stdout)
