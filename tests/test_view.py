"""What reaches the terminal is exactly this text, and nothing a learner or a course writes can do harm there."""

import io
import re
from collections.abc import Callable

import pytest
from rich.console import RenderableType

from grader.core.verdict import CheckResult, Status, Verdict
from grader.text.console import clean, line, link, make_console
from grader.view.regrades import Regrade, describe_regrade, render_regrades
from grader.view.verdict import MAX_NAMED, compare_verdicts, render_changes, render_verdict

Show = Callable[[RenderableType], str]


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Print into a file, as into a pipe."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    return print_to_text


@pytest.fixture
def show_on_terminal(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Print as on a terminal with colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return print_to_text


def print_to_text(renderable: RenderableType) -> str:
    file = io.StringIO()
    make_console(file).print(renderable)
    return file.getvalue()


# Text that cannot do harm


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        pytest.param("plain ∂ text — 木 🙂", "plain ∂ text — 木 🙂", id="text"),
        pytest.param("two\nlines\tand a tab", "two\nlines\tand a tab", id="line end and tab"),
        pytest.param("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m", id="colour"),
        pytest.param("\x1b]0;title\x07", "\\x1b]0;title\\x07", id="window title"),
        pytest.param("\x9b2J", "\\x9b2J", id="escape in one character"),
        pytest.param("passed\rfailed", "passed\\rfailed", id="carriage return"),
        pytest.param("a\x08b\x00c\x7f", "a\\x08b\\x00c\\x7f", id="backspace, NUL, DEL"),
        pytest.param("a\u202eb\u2066c\u061cd", "a\\u202eb\\u2066c\\u061cd", id="marks that reorder"),
        pytest.param("a\u200bb\u00adc\ufeffd", "a\\u200bb\\xadc\\ufeffd", id="marks that hide"),
        pytest.param("a\u2028b\u2029c", "a\\u2028b\\u2029c", id="other line ends"),
        pytest.param("a\U000e0041b", "a\\U000e0041b", id="invisible letters"),
        pytest.param("a\ud800b\udfffc", "a?b?c", id="lone surrogates"),
        pytest.param("[bold]x[/bold] [link=a]", "[bold]x[/bold] [link=a]", id="markup"),
    ],
)
def test_clean_makes_visible_what_a_terminal_would_obey(text: str, visible: str) -> None:
    """Characters that act instead of showing are written out; all others stay."""
    assert clean(text) == visible


def test_every_control_character_but_line_end_and_tab_is_cleaned() -> None:
    """No control character gets through, and what comes out can always be encoded."""
    controls = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
    assert re.findall(r"[\x00-\x1f\x7f-\x9f]", clean(controls)) == ["\t", "\n"]
    assert clean("".join(map(chr, range(0xD800, 0xE000)))).encode() == b"?" * 0x800


def test_markup_emoji_codes_and_numbers_are_printed_as_they_are(show_on_terminal: Show) -> None:
    """A learner's text is not a program for rich, on a terminal either."""
    text = "[bold]x[/bold] [/] :smile: 3.14 'quoted' http://x.org"
    assert show_on_terminal(line(text)) == text + "\n"


def test_escape_codes_of_a_learner_do_not_reach_the_terminal(show_on_terminal: Show) -> None:
    """Neither in a line nor in an address is there an escape that is not ours."""
    assert show_on_terminal(line("\x1b[2J\x1b[31mpassed")) == "\\x1b[2J\\x1b[31mpassed\n"


def test_console_prints_where_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a file it is standard output."""
    make_console().print(line("hello"))
    assert capsys.readouterr() == ("hello\n", "")


def test_long_lines_are_not_broken(show: Show) -> None:
    """What another program reads keeps its lines whole."""
    assert show(line("word " * 100)) == "word " * 100 + "\n"


def test_address_is_a_link_on_a_terminal(show_on_terminal: Show) -> None:
    """Where the terminal can, an address can be clicked."""
    shown = show_on_terminal(link("https://example.org/a?b=c&d=e"))
    shown = re.sub("8;id=[^;]*;", "8;id=N;", shown)
    url = "https://example.org/a?b=c&d=e"
    assert shown == f"\x1b]8;id=N;{url}\x1b\\\x1b[4m{url}\x1b[0m\x1b]8;;\x1b\\\n"


@pytest.mark.parametrize(
    "url",
    [
        "https://x.org/\x1b]8;;https://evil.org\x1b\\click",
        "https://x.org/\x07\x1b[31m",
        "https://x.org/\x9c\x9d8;;evil",
        "https://x.org/ bold red\nnext",
        "https://x.org/\u202egro.live",
        "https://x.org/\ud800",
    ],
)
def test_address_cannot_leave_its_link(show_on_terminal: Show, url: str) -> None:
    """Whatever stands in an address, the terminal sees one link, opened and closed by us."""
    shown = show_on_terminal(link(url))
    assert shown.count("\x1b]8;") == 2
    assert re.sub(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[\d+m", "", shown) == clean(url).replace("\n", "\\n") + "\n"
    assert re.findall("[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202e]", shown) == []


# The verdict


def make_check(name: str, status: Status, message: str = "", cause: str | None = None, points: int = 1) -> CheckResult:
    return CheckResult(name, f"The check [{name}]", status, points, message, cause, 0.5)


EVERY_STATUS = (
    make_check("a", "passed"),
    make_check("b", "failed", "expected 3, got 4\nat [0, 1]: off by 1\n  indented", "it adds one too many", 2),
    make_check("c", "errored", "ValueError: bad\n  line 3, in f", "a cause"),
    make_check("d", "failed", "expected 3, got 4\nthis was said already", "it adds one too many"),
    make_check("e", "timed_out", "took longer than 10 s\ndetails nobody needs", "a cause nobody needs"),
    make_check("f", "out_of_memory", "above 2048 MiB"),
    make_check("g", "crashed", "ended by SIGSEGV"),
    make_check("h", "not_run", "it needs b"),
    make_check("i", "grader_fault", "the judge broke"),
)


def make_verdict(*checks: CheckResult, **changes: object) -> Verdict:
    values = {"verdict": "failed", "score": 1, "max_score": 10, "corpus": None, "isolation": {"network": True}}
    values |= {"exercise": "e01_add", "checks": checks, "seed": 7, "device": "cpu", "elapsed_s": 0.26} | changes
    return Verdict(**values)  # type: ignore[arg-type]


def test_verdict_with_every_status_is_shown_like_this(show: Show) -> None:
    """The first two failures in full, the rest by their first line, then score and circumstances."""
    verdict = make_verdict(
        *EVERY_STATUS, verdict="grader_fault", corpus="embedded", isolation={"landlock": True, "network": False}
    )
    assert show(render_verdict(verdict, "Add two [numbers]")) == (
        "e01_add  Add two [numbers]\n"
        "  ✓ The check [a]  (1 point)\n"
        "  ✗ The check [b]  (2 points)\n"
        "      expected 3, got 4\n"
        "      at [0, 1]: off by 1\n"
        "        indented\n"
        "      likely    it adds one too many\n"
        "  ✗ The check [c] [errored]  (1 point)\n"
        "      ValueError: bad\n"
        "        line 3, in f\n"
        "      likely    a cause\n"
        "  ✗ The check [d]  (1 point)\n"
        "      expected 3, got 4\n"
        "      likely    it adds one too many\n"
        "  ✗ The check [e] [timed out]  (1 point)\n"
        "      took longer than 10 s\n"
        "  ✗ The check [f] [out of memory]  (1 point)\n"
        "      above 2048 MiB\n"
        "  ✗ The check [g] [crashed]  (1 point)\n"
        "      ended by SIGSEGV\n"
        "  – The check [h] [not run]  (1 point)\n"
        "      it needs b\n"
        "  ! The check [i] [grader fault]  (1 point)\n"
        "      the judge broke\n"
        "\n"
        "the grader is at fault, not you: this attempt does not count\n"
        "0.3 s on cpu, seed 7, embedded corpus, 1 of 2 isolation layers off (study doctor)\n"
    )


def test_same_message_is_told_in_full_only_once(show: Show) -> None:
    """A mistake that fails several checks leaves room for the details of another one."""
    b, c, d = EVERY_STATUS[1:4]
    shown = show(render_verdict(make_verdict(b, d, c), "Add"))
    assert "at [0, 1]: off by 1" in shown
    assert "this was said already" not in shown
    assert "line 3, in f" in shown


def test_failure_without_a_word_is_shown(show: Show) -> None:
    """No message and no cause make an empty line, not a crash."""
    shown = show(render_verdict(make_verdict(make_check("b", "failed")), "Add"))
    assert shown.splitlines()[1:4] == ["  ✗ The check [b]  (1 point)", "      ", ""]


def test_failure_ends_with_checks_and_points(show: Show) -> None:
    """How near one is shows in both numbers."""
    shown = show(render_verdict(make_verdict(*EVERY_STATUS[:2], max_score=3), "Add"))
    assert shown.splitlines()[-2:] == ["not solved yet: 1 of 2 checks, 1 of 3 points", "0.3 s on cpu, seed 7"]


def test_pass_ends_with_its_points(show: Show) -> None:
    """A pass is short."""
    verdict = make_verdict(EVERY_STATUS[0], verdict="passed", max_score=1, elapsed_s=0.0)
    assert show(render_verdict(verdict, "Add")) == (
        "e01_add  Add\n  ✓ The check [a]  (1 point)\n\nsolved: 1 of 1 points\n0.0 s on cpu, seed 7\n"
    )


def test_verdict_has_no_codes_where_there_is_no_terminal(show: Show) -> None:
    """What goes into a file or a pipe is text alone."""
    assert "\x1b" not in show(render_verdict(make_verdict(*EVERY_STATUS), "Add"))


def test_verdict_has_colours_on_a_terminal(show_on_terminal: Show) -> None:
    """Green and red tell at a glance."""
    shown = show_on_terminal(render_verdict(make_verdict(*EVERY_STATUS), "Add"))
    assert "\x1b[32m  ✓ \x1b[0mThe check [a]\x1b[2m  (1 point)\x1b[0m\n" in shown
    assert "\x1b[31m  ✗ \x1b[0mThe check [c]\x1b[31m [errored]\x1b[0m" in shown
    assert "\n      took longer than 10 s\n" in shown
    assert "\n      \x1b[2mit needs b\x1b[0m\n" in shown


def test_no_color_holds_on_a_forced_terminal(show_on_terminal: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR leaves bold and dim, and not one colour."""
    monkeypatch.setenv("NO_COLOR", "1")
    shown = show_on_terminal(render_verdict(make_verdict(*EVERY_STATUS), "Add"))
    assert set(re.findall(r"\x1b\[([\d;]*)m", shown)) == {"0", "1", "2"}


def test_message_of_a_learner_is_cleaned_in_the_verdict(show: Show) -> None:
    """Messages quote what the learner's code printed and returned."""
    check = make_check("b", "errored", "\x1b[2Jbad\rgood\n[/]\u202e", "\x07cause")
    shown = show(render_verdict(make_verdict(check), "\x1btitle"))
    assert shown.splitlines()[:5] == [
        "e01_add  \\x1btitle",
        "  ✗ The check [b] [errored]  (1 point)",
        "      \\x1b[2Jbad",
        "      good",
        "      [/]\\u202e",
    ]


# What has changed since the verdict before


def ids_by_change(before: Verdict, after: Verdict) -> dict[str, list[str]]:
    changes = compare_verdicts(before, after)
    return {kind: [check.id for check in checks] for kind, checks in changes.items() if checks}


NAMES = "abcdefghi"


def make_verdict_of(statuses: str) -> Verdict:
    """Make a verdict from one letter a check: p passed, f failed, t timed out, n not run."""
    words: dict[str, Status] = {"p": "passed", "f": "failed", "t": "timed_out", "n": "not_run"}
    return make_verdict(*(make_check(NAMES[i], words[letter]) for i, letter in enumerate(statuses)))


def test_every_pair_of_statuses_has_its_kind_of_change() -> None:
    """A check that is not run is neither a failure nor a repair."""
    assert ids_by_change(make_verdict_of("pppfffnnn"), make_verdict_of("pfnpfnpfn")) == {
        "now_passing": ["d", "g"],
        "now_failing": ["b"],
        "now_run_and_failing": ["h"],
        "no_longer_run": ["c", "f"],
        "still_failing": ["e"],
    }


def test_failing_in_another_way_is_failing_still() -> None:
    """What counts is whether a check passes."""
    assert ids_by_change(make_verdict_of("t"), make_verdict_of("f")) == {"still_failing": ["a"]}


def test_changes_are_shown_like_this(show: Show) -> None:
    """One check a line, each kind named once."""
    changes = compare_verdicts(make_verdict_of("pppfffnnn"), make_verdict_of("pfnpfnpfn"))
    assert show(render_changes(changes, width=80)) == (
        "since the last grade\n"
        "  now passing     The check [d]\n"
        "                  The check [g]\n"
        "  now failing     The check [b]\n"
        "  now run, fails  The check [h]\n"
        "  no longer run   The check [c]\n"
        "                  The check [f]\n"
        "  still failing   The check [e]\n"
    )


def test_no_change_is_one_line(show: Show) -> None:
    """Failing still is no news."""
    changes = compare_verdicts(make_verdict_of("pfn"), make_verdict_of("pfn"))
    assert show(render_changes(changes, width=80)) == "since the last grade: the same checks pass and fail\n"


def test_changes_stay_within_the_width_and_a_few_lines(show: Show) -> None:
    """A long title is cut and many checks are counted: all of them stand in the verdict."""
    long = CheckResult("a", "word " * 40 + "\x1b", "passed", 1, "", None, 0.1)
    checks = [long, *(make_check(name, "passed") for name in "bcde")]
    before = make_verdict(*(make_check(check.id, "failed") for check in checks))
    lines = show(render_changes(compare_verdicts(before, make_verdict(*checks)), width=40)).splitlines()
    assert lines == [
        "since the last grade",
        "  now passing     word word word word w…",
        "                  The check [b]",
        "                  The check [c]",
        "                  and 2 more",
    ]
    assert len(lines) == 1 + MAX_NAMED + 1


# What came of grading everything solved again


def test_regrades_are_shown_like_this(show: Show) -> None:
    """One row an exercise with what to type, the counts, and the next step for what is worst for the learner."""
    rows = [
        Regrade("e01", "still_solved"),
        Regrade("e02_long", "file_missing", "study/e02_long.py", "study start e02_long"),
        Regrade("e03", "not_gradable", "e03.py is a folder"),
        Regrade("e04", "regressed", "first to fail: [x]", "study grade e04 --seed 7"),
        Regrade("e05", "course_invalid", "checks.py:1: one\nchecks.py:2: two"),
        Regrade("e06", "grader_fault", "at: \x1bx", "study grade e06"),
    ]
    assert show(render_regrades(rows, total=7)) == (
        "  ✓ e01       still solved\n"
        "  – e02_long  file missing\n"
        "      study/e02_long.py\n"
        "      study start e02_long\n"
        "  – e03       not gradable\n"
        "      e03.py is a folder\n"
        "  ✗ e04       regressed\n"
        "      first to fail: [x]\n"
        "      study grade e04 --seed 7\n"
        "  ! e05       course invalid\n"
        "      checks.py:1: one\n"
        "      checks.py:2: two\n"
        "  ! e06       grader fault\n"
        "      at: \\x1bx\n"
        "      study grade e06\n"
        "\n"
        "of 7 solved: 1 still solved, 1 regressed, 1 file missing, 1 not gradable, 1 course invalid, 1 grader fault,"
        " 1 not graded\n"
        "next: study grade --all\n"
    )
    assert show(render_regrades(rows, total=6)).splitlines()[-1] == "next: study grade e04 --seed 7"


def test_regrade_names_the_first_check_that_fails_and_repeats_its_seed() -> None:
    """The same seed shows the same failure."""
    verdict = make_verdict(make_check("a", "not_run"), make_check("b", "timed_out"), make_check("c", "failed"))
    assert describe_regrade(verdict) == Regrade(
        "e01_add", "regressed", "first to fail: The check [b]", "study grade e01_add --seed 7", verdict
    )


def test_fault_of_the_grader_is_no_regression() -> None:
    """It says nothing about the learner's code."""
    verdict = make_verdict(make_check("a", "failed"), make_check("b", "grader_fault"), verdict="grader_fault")
    assert describe_regrade(verdict) == Regrade(
        "e01_add", "grader_fault", "at: The check [b]", "study grade e01_add", verdict
    )
