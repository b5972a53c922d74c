"""A terminal that shows only ASCII, has no colours, is 80 columns wide or is read aloud gets every result."""

import ast
import io
import re
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from grader.cli.main import COMMANDS, main
from grader.core.events import Started
from grader.core.pictures import Line, Lines
from grader.progress import ProgressStore
from grader.text import columns, glyphs
from grader.text.console import can_redraw, line, make_console, prose
from grader.verify.findings import Diagnosis, ProofReport
from grader.verify.matrix import write_report
from grader.view.charts import draw_picture
from grader.view.regrades import Regrade, render_regrades
from grader.view.verdict import compare_verdicts, render_changes, render_verdict
from grader.view.watching import GradeLine
from tests.support.passes import PASSED
from tests.support.shown_verdicts import EVERY_STATUS, make_verdict
from tests.support.study import REPOSITORY, TOY_COURSE
from tests.support.toy_course import ADD, write_toy_course
from tests.support.toy_course import TOY_COURSE as TOY_COURSE_FILES

PACKAGE = REPOSITORY / "grader"
ANSI = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;[^\x1b]*\x1b\\")


class Shown(NamedTuple):
    """What one command printed, in bytes: nothing hides in an encoding."""

    code: int
    out: bytes
    err: bytes

    @property
    def lines(self) -> list[str]:
        return (self.out + self.err).decode("utf-8").splitlines()


Run = Callable[..., Shown]


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Run commands in this process, on the real course, with some of it solved."""
    before = signal.getsignal(signal.SIGTERM)
    (home / "study/.study").mkdir(parents=True)
    with ProgressStore.open(home / "study/.study/study.db") as store:
        for name in ("e10_numerical_gradient", "e126_byte_level_bpe"):
            store.record_start(name)
            store.record_attempt(structs.replace(PASSED, exercise_id=name, submission="import math\n# ∂ → x\n"))
        store.record_start("e11_value_ops")
        store.record_attempt(structs.replace(PASSED, exercise_id="e12_value_backward", verdict="failed"))
        store.record_reading("zth-1-micrograd", state="done", minutes=150, note="a long note, " * 12)
        store.record_reading("karpathy-micrograd", state="reading")

    def run_here(*arguments: str, **environ: str) -> Shown:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2))
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            for name, value in environ.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(list(arguments))
        out.flush()
        err.flush()
        code = ended.value.code
        assert isinstance(code, int)
        return Shown(code, out.buffer.getvalue(), err.buffer.getvalue())  # type: ignore[attr-defined]

    yield run_here
    signal.signal(signal.SIGTERM, before)


#: What a learner and an author type, with all the words the course has: é, 日 and “ among them.
TYPED = (
    "next",
    "list",
    "list --readings",
    "list --status solved",
    "progress",
    "start e13",
    "show e10",
    "show e126",
    "show e33",
    "hint e126",
    "hint e33",
    "reset e13",
    "solution e126",
    "solution e10 --diff",
    "solution e126 --diff",
    "answer e126 --text eleven",
    "answer e10 --points",
    "read zth-1-micrograd",
    "read vaswani-2017-attention",
    "data list",
    "course list",
    "server status",
    "init",
    "lint",
    "start e13",
    "show nothing",
    "show e0",
    "grade --all --jobs 0",
    "grade e13 --submission nowhere.py",
    "read nothing-at-all",
    "solution e33",
    *(f"{name} --help" for name in COMMANDS),
    "--help",
)


@pytest.mark.engine  # study doctor looks how code is run
@pytest.mark.slow
@pytest.mark.parametrize("environ", [{"STUDY_ASCII": "1"}, {"TERM": "dumb"}, {"TERM": "linux"}], ids=str)
def test_plain_terminals_get_plain_ascii_from_every_command(run: Run, environ: dict[str, str]) -> None:
    told = {typed: run(*typed.split(), **environ) for typed in TYPED}
    assert [typed for typed, shown in told.items() if not (shown.out + shown.err).isascii()] == []
    assert [typed for typed, shown in told.items() if not shown.out + shown.err] == []
    assert [typed for typed, shown in told.items() if b"\x1b" in shown.out + shown.err] == []
    assert b"\n  ok e10_numerical_gradient " in told["list"].out
    assert b"to read and solve now" in told["--help"].out


def test_in_ascii_the_same_is_said_as_otherwise(run: Run) -> None:
    for typed in ("list", "show e10", "progress", "show nothing"):
        rich, plain = run(*typed.split()), run(*typed.split(), STUDY_ASCII="1")
        assert plain.code == rich.code
        assert plain.out.decode() == glyphs.to_ascii(rich.out.decode())
        assert plain.err.decode() == glyphs.to_ascii(rich.err.decode())


@pytest.mark.engine  # study doctor looks how code is run
@pytest.mark.parametrize("environ", [{}, {"STUDY_ASCII": "1"}], ids=["unicode", "ascii"])
def test_at_80_columns_no_line_is_longer_unless_it_is_one_word(run: Run, environ: dict[str, str]) -> None:
    """Addresses, paths and ids stay whole; our code and what editors read keep their lines."""
    long = [
        (typed, row)
        for typed in TYPED
        if typed not in ("solution e126", "lint")
        for row in run(*typed.split(), COLUMNS="80", **environ).lines
        if columns.measure(row) > 80 and len(max(row.split(), key=len)) < 60
    ]
    assert long == []


def test_columns_decides_how_wide_lines_are_and_files_keep_theirs(run: Run) -> None:
    narrow, wide = (run("show", "e10", COLUMNS=width).lines for width in ("40", "200"))
    assert max(len(row) for row in narrow if len(max(row.split(), default="", key=len)) < 30) <= 40
    assert len(narrow) > len(wide)
    whole = run("show", "e10").lines
    assert "  `f(*args)`:" not in whole
    for bad in ("", "0", "-5", "many", "٣"):
        assert run("show", "e10", COLUMNS=bad).lines == whole


def test_statuses_are_words_too(run: Run) -> None:
    listed = run("list").out.decode()
    assert re.search(r"✓ e10_numerical_gradient .*, solved\n", listed)
    assert re.search(r"· e11_value_ops .*, started\n", listed)
    assert re.search(r"· e12_value_backward .*, tried\n", listed)
    readings = run("list", "--readings").out.decode()
    assert re.search(r"✓ zth-1-micrograd .*  done\n", readings)
    assert re.search(r"· karpathy-micrograd .*  reading\n", readings)
    assert re.search(r"\d+/\d+ +Lecture 1", run("progress").out.decode())


def test_a_verdict_a_change_and_a_regrade_name_their_state_in_words() -> None:
    verdict = make_verdict(*EVERY_STATUS)
    shown = print_on("utf-8", render_verdict(verdict, "Add"))
    # That a check passed or failed is said by marks of different shape, which are ok and FAIL in ASCII.
    words = [check.status for check in EVERY_STATUS if check.status not in ("passed", "failed")]
    assert re.findall(r"\] \[([a-z ]+)\]", shown) == [word.replace("_", " ") for word in words]
    assert glyphs.to_ascii(shown).splitlines()[1:3] == [
        "  ok The check [a]  (1 point)",
        "  FAIL The check [b]  (2 points)",
    ]
    changes = compare_verdicts(make_verdict(*EVERY_STATUS[:2]), make_verdict(EVERY_STATUS[0], EVERY_STATUS[3]))
    assert "now run, fails" in print_on("utf-8", render_changes(changes, width=80))
    regrades = print_on("utf-8", render_regrades([Regrade("e01", "regressed")], total=1))
    assert "  ✗ e01  regressed\n" in regrades
    report = ProofReport("e01", (), ("a mistake",), (), (), Diagnosis(0, 0, (), ()), None, (), 0, 0.0, cached=True)  # type: ignore[arg-type]
    assert write_report(report, caught_by={}).startswith("e01  not proved: 1 problem")


def print_on(encoding: str, *renderables: object, **environ: str) -> str:
    """Print to a stream of an encoding, set up as ours are."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    glyphs.speak_plainly(stream, environ)
    for renderable in renderables:
        make_console(stream).print(renderable)
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]


def test_no_color_leaves_no_colour_and_dumb_leaves_no_code(run: Run) -> None:
    for typed in ("list", "next", "show e10", "progress", "solution e10 --diff"):
        coloured = run(*typed.split(), FORCE_COLOR="1").out.decode()
        without = run(*typed.split(), FORCE_COLOR="1", NO_COLOR="1").out.decode()
        assert re.search(r"\x1b\[(?:\d+;)*3\dm", coloured), typed
        assert set(re.findall(r"\x1b\[([\d;]*)m", without)) <= {"0", "1", "2", "4", "1;2"}, typed
        assert ANSI.sub("", without) == ANSI.sub("", coloured) == run(*typed.split(), NO_COLOR="1").out.decode(), typed
        assert b"\x1b" not in run(*typed.split(), TERM="dumb", FORCE_COLOR="1").out, typed


# The table


def test_the_table_is_from_one_character_to_ascii() -> None:
    assert [key for key in glyphs.GLYPHS if len(key) != 1 or key.isascii()] == []
    assert [key for key, value in glyphs.GLYPHS.items() if not value or not value.isascii()] == []


def test_the_table_has_every_character_that_we_print() -> None:
    """What stands in a string of the package is ours; the rest is the learner's, or a word in another script."""
    used: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                used |= dict.fromkeys((char for char in node.value if not char.isascii()), path.name)
    missing = {char: where for char, where in used.items() if glyphs.to_ascii(char).startswith("\\")}
    # Patterns and tables of characters to look for, and the soft hyphen and its like, are never printed as they are;
    # a summary of GitHub's goes into a file.
    assert set(missing.values()) <= {
        "printable.py",
        "yaml_tree.py",
        "syntax.py",
        "words.py",
        "github.py",
        "verdict.py",
        "plain.py",
        "reading.py",
    }


@given(st.text())
def test_any_text_becomes_ascii_and_ascii_stays(text: str) -> None:
    plain = glyphs.to_ascii(text)
    assert plain.isascii()
    assert glyphs.to_ascii(plain) == plain
    assert plain == text or not text.isascii()


def test_two_characters_that_differ_look_different() -> None:
    assert glyphs.to_ascii("é e 日 \x80") == "\\xe9 e \\u65e5 \\x80"


@pytest.mark.parametrize(
    ("environ", "plain"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "dumb"}, True),
        ({"TERM": "linux"}, True),
        ({"TERM": "dumb", "STUDY_ASCII": "0"}, False),
        ({"STUDY_ASCII": "1"}, True),
        ({"STUDY_ASCII": "yes", "TERM": "xterm"}, True),
        ({"STUDY_ASCII": ""}, False),
    ],
)
def test_ascii_is_taken_where_it_is_asked_for(environ: dict[str, str], plain: bool) -> None:
    assert glyphs.wants_ascii(environ) is plain
    assert print_on("utf-8", line("✓ a"), **environ) == ("ok a\n" if plain else "✓ a\n")


def test_another_encoding_keeps_what_it_has() -> None:
    assert print_on("latin-1", line("✓ é × …")) == "ok é × ...\n"
    assert print_on("cp1252", line("✓ é × …")) == "ok é × …\n"
    assert print_on("ascii", line("✓ é × …")) == "ok \\xe9 x ...\n"


def test_what_is_no_text_file_is_left_alone() -> None:
    glyphs.speak_plainly(io.StringIO(), {"STUDY_ASCII": "1"})
    glyphs.speak_plainly(None, {})


def test_a_chart_without_unicode_is_plain() -> None:
    picture = Lines("loss", "Loss", (Line("train", (0.0, 1.0, 2.0), (3.0, 2.0, 1.0)),))
    assert all(text.plain.isascii() for text in draw_picture(picture, width=80, unicode=False))
    drawn = [glyphs.to_ascii(text.plain) for text in draw_picture(picture, width=80)]
    assert all(row.isascii() and "\\" not in row for row in drawn)


# Lines


def test_a_broken_line_hangs_below_its_mark_or_label() -> None:
    assert columns.fold("  ✓ one two three four five six", 20) == "  ✓ one two three\n    four five six"
    assert columns.fold("taught  one two three four five", 20) == "taught  one two\n        three four\n        five"
    assert columns.fold("next: study grade a   (stuck: study hint a)", 30) == (
        "next: study grade a   (stuck:\n      study hint a)"
    )
    assert columns.fold("plain words in a row go on at the left", 20) == "plain words in a row\ngo on at the left"
    assert columns.fold("a\n  b", 20) == "a\n  b"
    assert columns.fold("as it is " * 20, None) == "as it is " * 20


def test_long_words_are_never_broken_and_numbers_keep_their_unit() -> None:
    url = "https://example.org/" + "a" * 60
    assert columns.fold(f"wrote  {url} now", 30) == f"wrote  {url}\n       now"
    assert columns.fold(f"you see {url} now", 30) == f"you see\n{url}\nnow"
    assert columns.fold("study: study/a_file.py:1:12: this is no Python at all", 30).count("\n") == 0
    assert columns.fold("it takes a good long time  (2 points)", 34) == "it takes a good long time\n(2 points)"


@given(st.text(alphabet=" ab木✓-\t", max_size=120), st.integers(20, 60))
def test_folding_loses_nothing_and_keeps_to_the_width(text: str, width: int) -> None:
    folded = columns.fold(text, width)
    assert folded.split() == text.split()
    for row in folded.split("\n"):
        longest = max(map(columns.measure, row.split()), default=0)
        assert columns.measure(row) <= width or longest > width // 2 or not row.strip()


def test_paragraphs_are_joined_before_they_are_broken_and_code_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "One two\nthree four.\n\n- a list\n  goes on\n- again\n\n    code = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9\n    more\n\nEnd \x1b[2J."
    assert "\n".join(part.plain for part in prose(text)) == text.replace("\x1b", "\\x1b")
    monkeypatch.setenv("COLUMNS", "40")
    file = io.StringIO()
    for part in prose(text):
        make_console(file).print(part)
    assert file.getvalue() == (
        "One two three four.\n\n- a list goes on\n- again\n\n    code = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9\n    more\n\nEnd \\x1b[2J.\n"
    )


def test_styles_and_addresses_survive_the_break(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("FORCE_COLOR", "1")
    file = io.StringIO()
    make_console(file).print(line(("one two three four five", "bold"), " six"))
    assert file.getvalue() == "\x1b[1mone two three four\x1b[0m\n\x1b[1mfive\x1b[0m six\n"


# A terminal that is read line by line


class FakeTerminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_only_a_terminal_that_can_is_drawn_over(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_redraw(make_console(FakeTerminal()))
    assert not can_redraw(make_console(io.StringIO()))
    monkeypatch.setenv("TERM", "dumb")
    assert not can_redraw(make_console(FakeTerminal()))


def test_a_live_line_on_a_dumb_terminal_is_one_line_said_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from grader.course import load_content

    exercise = load_content(TOY_COURSE).exercises["t01_double"]
    monkeypatch.setenv("TERM", "dumb")
    terminal = FakeTerminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    shown = GradeLine(exercise, quiet=False)
    shown.show()
    shown.take(Started("a", "A", 1.0))
    shown.hide()
    shown.show()
    assert terminal.getvalue() == "checking t01_double: 3 checks\n"


def test_a_place_in_a_lecture_is_no_problem_line() -> None:
    assert columns.fold("       from 1:12:05: “a chapter with a long title”", 30).count("\n") == 2


def test_lint_says_its_problems_in_ascii(run: Run, home: Path) -> None:
    write_toy_course(home / "course", {ADD: TOY_COURSE_FILES[ADD] + "hälfte: 1\n"})
    shown = run("lint", "course", STUDY_ASCII="1")
    assert shown.code == 3
    assert b"h\\xe4lfte" in shown.out
    assert (shown.out + shown.err).isascii()


def test_data_for_other_programs_is_never_written_otherwise(run: Run) -> None:
    """What goes into a file by way of standard output has to be right, also where the terminal is plain."""
    published = (REPOSITORY / "docs/schema/exercise.schema.json").read_bytes()
    assert "✓".encode() in published
    assert run("schema", "exercise", STUDY_ASCII="1") == Shown(0, published, b"")
