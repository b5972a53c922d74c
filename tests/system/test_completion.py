"""Shell completion, in the real shells: ids, readings, courses and values, at once and without a word too many."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cli.machine.completion_scripts import HINTS, SCRIPTS
from tests.support.imports import HEAVY, imported_by
from tests.support.programs import need_program
from tests.support.study import REPOSITORY, TOY_COURSE, Study

OPTIONS = ["--submission", "--device", "--seed", "--isolation", "--all", "--jobs", "--format", "--output",
           "--visibility", "--json", "-h", "--help"]  # fmt: skip


@pytest.fixture
def shell_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which `study` can be typed."""
    program = home / "bin" / "study"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m grader "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    monkeypatch.setenv("STUDY_COURSE", str(TOY_COURSE))
    return home


def ask(study: Study, *words: str) -> list[str]:
    """Return what the scripts get for these words, the last of which is begun or empty."""
    done = study(*words, _STUDY_COMPLETE="bash")
    assert done.stderr == ""
    return done.stdout.splitlines()


def values(lines: list[str]) -> list[str]:
    assert all(line.startswith("plain\t") for line in lines)
    return [line.split("\t")[1] for line in lines]


@pytest.mark.parametrize(
    "command", ["start", "grade", "watch", "hint", "show", "reset", "solution", "answer", "verify"]
)
def test_every_command_that_takes_an_exercise_completes_its_id(study: Study, command: str) -> None:
    assert values(ask(study, command, "t0")) == ["t01_double", "t02_toolbox"]
    assert values(ask(study, command, "t02")) == ["t02_toolbox"]


def test_a_part_of_ids_completes_to_all_that_hold_it(study: Study) -> None:
    assert values(ask(study, "grade", "box")) == ["t02_toolbox"]
    assert ask(study, "grade", "t9") == []
    assert values(ask(study, "grade", "ou")) == ["t01_double"]
    assert values(ask(study, "grade", "o")) == ["t01_double", "t02_toolbox"]
    assert ask(study, "new", "t0") == []  # its id must be a new one


def test_readings_units_values_and_commands_are_completed(study: Study) -> None:
    assert values(ask(study, "read", "toy-l")) == ["toy-lecture"]
    assert values(ask(study, "list", "--unit", "")) == ["doubling", "tools"]
    assert values(ask(study, "grade", "--format", "j")) == ["json", "junit"]
    assert values(ask(study, "grade", "--format", "=", "ju")) == ["junit"]  # as bash divides --format=ju
    assert values(ask(study, "grade", "--format", "=")) == [
        "text", "json", "junit", "github", "gradescope", "tap", "problems",
    ]  # fmt: skip
    assert values(ask(study, "s")) == ["start", "show", "solution", "server", "schema"]
    assert values(ask(study, "grade", "-")) == OPTIONS
    assert values(ask(study, "course", "re")) == ["remove"]
    assert values(ask(study, "completion", "")) == ["bash", "zsh", "fish"]
    assert ask(study, "grade", "--output", "re") == ["file\tre\t"]


def test_courses_that_were_added_are_completed(study: Study, home: Path) -> None:
    study("course", "new", "mypack", toy=False)
    assert study("course", "add", "mypack", toy=False).returncode == 0
    assert values(study("course", "remove", "m", toy=False, _STUDY_COMPLETE="fish").stdout.splitlines()) == ["mypack"]


def test_a_broken_course_completes_nothing_and_prints_nothing(study: Study, home: Path) -> None:
    (home / "reading_list.yaml").write_text("readings: 7\n")
    done = study("grade", "t", _STUDY_COMPLETE="bash", STUDY_COURSE=str(home))
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


@pytest.mark.parametrize("words", [["grade", "t0"], ["s"], ["read", ""], []], ids=str)
def test_an_answer_loads_nothing_heavy(study: Study, words: list[str]) -> None:
    study("list")  # compiles the index of the course
    done = study(*words, _STUDY_COMPLETE="bash", PYTHONPROFILEIMPORTTIME="1")
    assert "click" in imported_by(done.stderr)
    assert imported_by(done.stderr) & (HEAVY | {"rich", "yaml", "sqlite3"}) == set()


def test_the_name_of_a_command_is_completed_without_importing_any(study: Study) -> None:
    done = study("s", _STUDY_COMPLETE="bash", PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert {name for name in imported if name.startswith("grader.cli.")} == {
        f"grader.cli.{part}"
        for part in ("groups", "interrupts", "machine", "machine.completion", "machine.completion_scripts", "main")
    }


@pytest.mark.parametrize("shell", list(SCRIPTS))
def test_the_script_alone_is_printed_where_it_is_read_by_a_shell(study: Study, shell: str) -> None:
    done = study("completion", shell)
    assert (done.stdout, done.stderr, done.returncode) == (SCRIPTS[shell], "", 0)
    assert f"study completion {shell}" in HINTS[shell]


def test_an_unknown_shell_is_refused(study: Study) -> None:
    done = study("completion", "tcsh")
    assert done.returncode == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in done.stderr


# --- in the shells ---


def complete_in_bash(line: str) -> list[str]:
    """Return what bash would offer for the last word of a line."""
    script = """
        eval "$(study completion bash)"
        read -ra COMP_WORDS <<< "$1"
        [[ $1 == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
        complete -p study
        _study_complete study "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        [need_program("bash"), "--norc", "-c", script, "bash", line],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    registered, *offered = done.stdout.splitlines()
    assert registered == "complete -o nosort -F _study_complete study"
    return offered


@pytest.mark.shell
def test_bash_completes(shell_home: Path) -> None:
    assert complete_in_bash("study grade t02_t") == ["t02_toolbox"]
    assert complete_in_bash("study start ") == ["t01_double", "t02_toolbox"]
    assert complete_in_bash("study grade --format j") == ["json", "junit"]
    # The blank has no beginning in common with the ids: bash would put theirs, `t0`, in place of what was typed.
    assert complete_in_bash("study grade o") == ["t01_double", "t02_toolbox", " "]


def complete_in_fish(line: str) -> list[str]:
    done = subprocess.run(
        [need_program("fish"), "--no-config", "-c", "study completion fish | source; complete -C $argv[1]", line],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    return [offer.split("\t")[0] for offer in done.stdout.splitlines()]


@pytest.mark.shell
def test_fish_completes(shell_home: Path) -> None:
    assert complete_in_fish("study grade t02_t") == ["t02_toolbox"]
    assert complete_in_fish("study start ") == ["t01_double", "t02_toolbox"]
    assert complete_in_fish("study grade --format j") == ["json", "junit"]
    (shell_home / "report.xml").write_text("")
    assert complete_in_fish("study grade --output rep") == ["report.xml"]


class Zsh:
    """An interactive zsh on a pseudo-terminal, with the completion loaded."""

    def __init__(self) -> None:
        self._screen, keyboard = os.openpty()
        self._process = subprocess.Popen(
            [need_program("zsh"), "-f", "-i"],
            env=os.environ | {"TERM": "dumb", "PS1": "> "},
            stdin=keyboard, stdout=keyboard, stderr=keyboard, start_new_session=True,
        )  # fmt: skip
        os.close(keyboard)
        self.press('autoload -U compinit; compinit -u -D; eval "$(study completion zsh)"; print rea""dy\n')
        self.read_until("ready")

    def press(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def read_until(self, text: str) -> str:
        printed, until_s = "", time.monotonic() + 60
        while text not in printed:
            left_s = until_s - time.monotonic()
            assert left_s > 0, f"{text!r} did not come; on the screen: {printed}"
            if select.select([self._screen], [], [], left_s)[0]:
                printed += os.read(self._screen, 2**16).decode("utf-8", "replace")
        return printed

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._screen)


@pytest.fixture
def zsh(shell_home: Path) -> Iterator[Zsh]:
    shell = Zsh()
    yield shell
    shell.close()


@pytest.mark.shell
def test_zsh_completes(zsh: Zsh) -> None:
    zsh.press("study grade t02_t\t")
    zsh.read_until("t02_toolbox")
    zsh.press("\x15study sta\t")
    zsh.read_until("study start")
    zsh.press("\x15study start \t\t")  # the first goes as far as both begin alike
    listed = zsh.read_until("t02_toolbox")
    assert "t01_double" in listed
    zsh.press("\x15study grade --format ju\t")
    zsh.read_until("junit")
