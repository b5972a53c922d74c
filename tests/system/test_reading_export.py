"""`study export` writes readings where it is told to, and asks before it replaces a file."""

import json
from pathlib import Path

import pytest

from tests.support.study import Study


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
