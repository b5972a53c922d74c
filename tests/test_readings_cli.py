"""`study read`: states, minutes, notes in an editor that may fail, and the search."""

import json
import os
from pathlib import Path

import pytest

from grader.core.models import Chapter, Reading
from grader.progress.records import Progress, ReadingProgress
from grader.progress.rows import from_micros
from grader.readings.search import search_readings
from tests.conftest import Study


def you(study: Study, *arguments: str) -> dict[str, object]:
    """Return what is recorded of the toy paper."""
    data: dict[str, object] = json.loads(study("read", "toy-paper", "--json", *arguments).stdout)["you"]
    return data


@pytest.fixture
def editor(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shell script that is the editor; it gets the file as $1."""
    script = home / "editor.sh"
    script.write_text("exit 0\n")
    monkeypatch.setenv("VISUAL", f"sh {script}")
    return script


def draft(home: Path) -> Path:
    return home / "study/.study/drafts/toy-paper.md"


# States and minutes


def test_states_follow_one_another_and_minutes_add_up(study: Study, home: Path) -> None:
    you(study, "--queued")
    you(study, "--reading", "--minutes", "20")
    told = you(study, "--done", "--minutes", "25", "--note", "  good ")
    assert {key: told[key] for key in ("state", "minutes", "notes")} == {
        "state": "done",
        "minutes": 45,
        "notes": ["good"],
    }
    assert study("read", "toy-paper").stdout.splitlines()[-2:] == ["you: done, 45 min spent", "  - good"]


def test_readings_are_listed_by_state(study: Study, home: Path) -> None:
    study("read", "toy-paper", "--queued")
    queued = study("list", "--readings", "--state", "queued")
    assert queued.stdout == ("Tools  [tools]\n  · toy-paper                                On doubling  queued\n")
    new = json.loads(study("list", "--readings", "--state", "new", "--json").stdout)["readings"]
    assert [row["id"] for row in new] == ["toy-lecture"]
    assert study("list", "--readings", "--state", "done").stdout == (
        "no reading fits; `study list --readings` shows all of them\n"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["read"], "study: which reading?\n"),
        (["read", "nothing"], "study: there is no reading `nothing`"),
        (["read", "toy-paper", "--note", " \n"], "study: the note is empty; nothing was kept\n"),
        (["read", "toy-paper", "--note", "x" * 100_001], "study: the note has more than 100,000 characters; nothing was kept\n"),
        (["read", "toy-paper", "--minutes", "0"], "study: Invalid value for '--minutes': 0 is not in the range 1<=x<=6000.\n"),
        (["read", "toy-paper", "--note", "x", "--edit"], "study: --note and --edit are two ways to write one note\n"),
        (["read", "toy-paper", "--done", "--reading"], "study: --reading and --done are different states of a reading; nothing was"),
        (["read", "toy-paper", "--queued", "--note", "x", "--done"], "study: --queued and --done are different states of a"),
        (["read", "--search", "?!"], "study: there is no word to search for\n"),
        (["read", "toy-paper", "--search", "x", "--done"], "study: --search only looks\n"),
        (["list", "--state", "done"], "study: --state is about readings\n"),
        (["list", "--readings", "--status", "open"], "study: --status is about exercises\n"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_what_makes_no_sense_is_explained_and_changes_nothing(
    study: Study, home: Path, arguments: list[str], says: str
) -> None:
    done = study(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(says)
    assert list(home.glob("[!.]*")) == []


# Notes in an editor


def test_what_the_editor_saves_is_added_to_the_notes(study: Study, home: Path, editor: Path) -> None:
    study("read", "toy-paper", "--note", "first\nline")
    editor.write_text('cat "$1" > seen\n{ printf "# second\\n\\nmore\\n"; cat "$1"; } > new && cat new > "$1"\n')
    assert you(study, "--edit")["notes"] == ["first\nline", "# second\n\nmore"]
    assert (home / "seen").read_text() == (
        "\n\n-- your note is above; nothing below this line is kept --\nOn doubling\n\nfirst\nline\n"
    )
    assert not draft(home).exists()


@pytest.mark.parametrize(
    "script", ["exit 0", 'printf "  \\n" > "$1"', 'rm "$1"'], ids=["untouched", "emptied", "removed"]
)
def test_an_empty_save_adds_nothing(study: Study, home: Path, editor: Path, script: str) -> None:
    study("read", "toy-paper", "--note", "first")
    editor.write_text(f"{script}\n")
    done = study("read", "toy-paper", "--edit", "--minutes", "5")
    assert (done.returncode, done.stderr) == (0, "nothing was added; your notes so far are unchanged\n")
    assert (you(study)["notes"], you(study)["minutes"]) == (["first"], 5)
    assert not draft(home).exists()


def test_a_draft_is_kept_when_the_editor_fails_and_goes_on_the_next_time(
    study: Study, home: Path, editor: Path
) -> None:
    study("read", "toy-paper", "--note", "first")
    editor.write_text('{ echo half; cat "$1"; } > new && cat new > "$1"; exit 3\n')
    failed = study("read", "toy-paper", "--edit")
    assert failed.returncode == 2
    assert failed.stderr.startswith("study: the editor did not work: ")
    assert "; what was written is kept in study/.study/drafts/toy-paper.md\n" in failed.stderr
    assert you(study)["notes"] == ["first"]
    assert draft(home).read_text().startswith("half\n")
    editor.write_text('sed -i "s/^half/whole/" "$1"\n')
    assert you(study, "--edit")["notes"] == ["first", "whole"]
    assert not draft(home).exists()


def test_an_editor_that_is_not_there_leaves_nothing_behind(study: Study, home: Path) -> None:
    done = study("read", "toy-paper", "--edit", VISUAL="no-such-editor-anywhere")
    assert done.returncode == 2
    assert "the editor did not work: " in done.stderr
    assert "; nothing was written\n" in done.stderr
    assert not draft(home).exists()


def test_an_earlier_draft_outlives_an_empty_save(study: Study, home: Path, editor: Path) -> None:
    draft(home).parent.mkdir(parents=True)
    draft(home).write_text("earlier thoughts\n")
    editor.write_text(': > "$1"\n')
    done = study("read", "toy-paper", "--edit")
    assert done.returncode == 0
    assert "your earlier draft is kept in study/.study/drafts/toy-paper.md" in done.stderr
    assert draft(home).read_text() == "earlier thoughts"


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (r'printf "a\377" > "$1"', "study/.study/drafts/toy-paper.md is not UTF-8: "),
        ('head -c 200000 /dev/zero | tr "\\0" x > "$1"', "the note has more than 100,000 characters; nothing was kept"),
        ('head -c 2000000 /dev/zero > "$1"', "is larger than 1 MiB"),
        ('rm "$1"; ln -s /etc/passwd "$1"', "is a symbolic link, and links are not followed"),
    ],
    ids=["latin", "long", "huge", "link"],
)
def test_a_note_that_cannot_be_kept_stays_where_it_is(
    study: Study, home: Path, editor: Path, script: str, says: str
) -> None:
    editor.write_text(f"{script}\n")
    done = study("read", "toy-paper", "--edit")
    assert done.returncode == 2
    assert says in done.stderr
    assert "root:" not in done.stdout + done.stderr
    assert os.path.lexists(draft(home))
    assert you(study) is None


def test_a_note_that_could_not_be_recorded_is_kept_as_a_file(study: Study, home: Path, editor: Path) -> None:
    study("read", "toy-paper", "--note", "first")
    # While the editor is open, the log becomes something that cannot be opened.
    editor.write_text('echo written > "$1"; rm -f study/.study/study.db*; mkdir study/.study/study.db\n')
    done = study("read", "toy-paper", "--edit")
    assert done.returncode == 2
    assert f"your note could not be recorded; it is kept in {draft(home)}" in done.stderr
    assert draft(home).read_text() == "written\n"


# Search


def reading(name: str, title: str, *authors: str, note: str | None = None, chapters: tuple[str, ...] = ()) -> Reading:
    made = tuple(Chapter(n, chapter) for n, chapter in enumerate(chapters))
    return Reading(id=name, kind="paper", title=title, track="t", minutes=1, authors=authors, note=note, chapters=made)


READINGS = {
    one.id: one
    for one in (
        reading("one", "Normalizing flows", "Łukasz Kaiser"),
        reading("two", "Batch normalization", "Sergey Ioffe", note="norm of a batch"),
        reading("three", "A lecture", chapters=("intro", "batch norm, at last")),
        reading("four", "Nothing at all"),
    )
}
NOTED = Progress(
    exercises={},
    readings={
        "four": ReadingProgress(
            state=None, minutes=0, notes=(f"{'x ' * 80}Größe der BATCH\nmore",), changed_at=from_micros(0)
        )
    },
    last_started=None,
    attempts=0,
)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("batch", ["two", "four", "three"]),
        ("BATCH norm", ["two", "three"]),
        ("lukasz", ["one"]),
        ("Łukasz", ["one"]),
        ("grosse", ["four"]),
        ("größe more", ["four"]),
        ("normal", ["one", "two"]),
        ("ormal", ["one", "two"]),
        ("three", ["three"]),
        ("batch nowhere", []),
        ("", []),
    ],
)
def test_every_word_has_to_be_found_and_the_best_comes_first(query: str, ids: list[str]) -> None:
    assert [hit.reading.id for hit in search_readings(READINGS, NOTED, query)] == ids


def test_a_hit_says_where_the_word_stands() -> None:
    four = next(hit for hit in search_readings(READINGS, NOTED, "batch") if hit.reading.id == "four")
    ((kind, text),) = four.found
    assert kind == "your note"
    assert text.startswith("… x x")
    assert text.endswith("Größe der BATCH")
    assert len(text) <= 92


def test_the_search_shows_state_and_place(study: Study, home: Path) -> None:
    study("read", "toy-lecture", "--done", "--note", "Doubling\x1b[31m twice")
    done = study("read", "--search", "DOUBLING")
    assert done.returncode == 0
    assert done.stdout == (
        "toy-paper  On doubling  (new)\n"
        "toy-lecture  A toy lecture  (done)\n    chapter: doubling\n    your note: Doubling\\x1b[31m twice\n"
        "2 readings\n"
    )
    assert json.loads(study("read", "--search", "doubling toy", "--json").stdout)["readings"][0] == {
        "id": "toy-paper", "title": "On doubling", "authors": [], "state": "new", "found": []
    }  # fmt: skip
    none = study("read", "--search", "quaternion")
    assert (none.returncode, none.stdout) == (
        0, "no reading holds all of these words; `study list --readings` shows all of them\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "stderr"),
    [
        (["read", "--search"], "study: Option '--search' requires an argument.\nnext: study read --help\n"),
        (
            ["read", "toy", "--done", "--reading"],
            "study: --reading and --done are different states of a reading; nothing was recorded\n"
            "next: study read toy --done   (give one of them)\n",
        ),
        (
            ["import", "empty.md"],
            "study: empty.md is empty\nnext: name a Markdown list, or a file that `study export` has written\n",
        ),
        (
            ["import", "bytes"],
            "study: bytes:1: byte 0xff is not UTF-8, so this is no Markdown text\n"
            "next: save the list in UTF-8, or name a file that `study export` has written\n",
        ),
        (
            ["course", "add", "bare"],
            "study: {home}/bare holds no reading_list.yaml\n"
            "next: name the folder that holds it   (study course new PATH writes a small course)\n",
        ),
        (
            ["grade", "t01", "--submission", "nosuch.py"],
            "study: there is no file nosuch.py\nnext: look at what is there: ls .\n",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_was_typed_wrong_is_told_with_a_next_step_of_its_own(
    study: Study, home: Path, arguments: list[str], stderr: str
) -> None:
    (home / "empty.md").write_text("\n")
    (home / "bytes").write_bytes(b"\xff\x00")
    (home / "bare").mkdir()
    done = study(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", stderr.replace("{home}", str(home)))
