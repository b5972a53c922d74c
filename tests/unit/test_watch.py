"""Watching a file: the rules, and what wakes them."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cli.grade.watch_events import Event, Inbox, Lost, Pressed, Touched, watch_folder
from grader.cli.grade.watch_rules import (
    GRACE_S,
    Action,
    Cancel,
    End,
    Fail,
    Found,
    ShowHint,
    ShowNext,
    ShowVerdict,
    Start,
    Tell,
    TellBack,
    TellGone,
    WatchRules,
)
from grader.core.errors import GraderFault, SubmissionUnreadable, UsageError
from grader.core.verdict import Verdict
from grader.engine.client import Cancelled

UNREADABLE = SubmissionUnreadable("f.py:1:1: byte 0xff is not UTF-8", hint="save it as UTF-8")


def make_verdict(verdict: str, seed: int = 1) -> Verdict:
    return Verdict("e01", verdict, (), 0, 1, seed, "cpu", None, {}, 0.1)  # type: ignore[arg-type]


FAILED, FAILED_AGAIN, PASSED = make_verdict("failed"), make_verdict("failed", 2), make_verdict("passed")
FAULT = make_verdict("grader_fault")


def begin(text: str = "a") -> WatchRules:
    rules = WatchRules()
    assert rules.take_rerun(text) == [Start(text)]
    return rules


def begin_idle(text: str = "a") -> WatchRules:
    rules = begin(text)
    assert rules.take_outcome(FAILED, text, 0) == [ShowVerdict(FAILED, None)]
    return rules


# The rules


def test_save_is_graded_and_compared_with_the_verdict_before() -> None:
    rules = begin_idle()
    assert rules.take_file("b", 0) == [Start("b")]
    assert rules.take_outcome(FAILED_AGAIN, "b", 0) == [ShowVerdict(FAILED_AGAIN, FAILED)]


def test_same_text_saved_again_is_not_graded_again() -> None:
    rules = begin("a")
    assert rules.take_file("a", 0) == []
    rules.take_outcome(FAILED, "a", 0)
    assert rules.take_file("a", 0) == []


def test_save_during_a_grade_calls_it_off_once_and_the_newest_text_is_graded() -> None:
    rules = begin("a")
    assert rules.take_file("b", 0) == [Cancel()]
    assert rules.take_file("c", 0) == []
    assert rules.take_outcome(Cancelled(), "c", 0) == [Start("c")]
    assert rules.take_outcome(FAILED, "c", 0) == [ShowVerdict(FAILED, None)]


def test_text_put_back_during_a_called_off_grade_is_graded() -> None:
    rules = begin("a")
    assert rules.take_file("b", 0) == [Cancel()]
    assert rules.take_file("a", 0) == []
    assert rules.take_outcome(Cancelled(), "a", 0) == [Start("a")]


@pytest.mark.parametrize("outcome", [PASSED, FAILED, GraderFault("died"), OSError("broken")])
def test_stale_outcome_is_never_shown_nor_does_it_end_anything(outcome: Verdict | BaseException) -> None:
    rules = begin("a")
    rules.take_file("b", 0)
    assert rules.take_outcome(outcome, "b", 0) == [Start("b")]


def test_save_that_nobody_told_of_makes_the_verdict_stale() -> None:
    assert begin("a").take_outcome(PASSED, "b", 0) == [Start("b")]


def test_pass_is_shown_and_ends_the_watch_with_0() -> None:
    assert begin("a").take_outcome(PASSED, "a", 0) == [ShowVerdict(PASSED, None), End(0)]


@pytest.mark.parametrize("nothing", [None, "", " \n"])
def test_file_that_is_gone_or_empty_for_a_moment_is_waited_for(nothing: Found) -> None:
    rules = begin_idle("a")
    assert rules.take_file(nothing, 10.0) == []
    assert rules.look_at_s == 10.0 + GRACE_S
    assert rules.take_file(nothing, 10.0 + GRACE_S / 2) == []
    assert rules.look_at_s == 10.0 + GRACE_S
    assert rules.take_file("b", 10.0 + GRACE_S / 2) == [Start("b")]
    assert rules.look_at_s is None


def test_file_that_stays_gone_is_told_once_and_its_return_too() -> None:
    rules = begin_idle("a")
    rules.take_file(None, 0)
    assert rules.take_file(None, GRACE_S) == [TellGone()]
    assert rules.take_file(None, 5) == []
    assert rules.take_file(None, 5 + GRACE_S) == []
    assert rules.take_file("a", 9) == [TellBack()]
    assert rules.take_file("b", 9) == [Start("b")]


def test_file_that_stays_empty_is_graded() -> None:
    rules = begin_idle("a")
    rules.take_file("", 0)
    assert rules.take_file("", GRACE_S) == [Start("")]


def test_grade_goes_on_while_its_file_is_gone() -> None:
    rules = begin("a")
    rules.take_file(None, 0)
    assert rules.take_file(None, GRACE_S) == [TellGone()]
    assert rules.take_outcome(FAILED, None, 3) == [ShowVerdict(FAILED, None)]


def test_unreadable_file_is_told_once_and_watched_further() -> None:
    rules = begin_idle("a")
    assert rules.take_file(UNREADABLE, 0) == [Tell(UNREADABLE)]
    assert rules.take_file(UNREADABLE, 0) == []
    other = SubmissionUnreadable("too large")
    assert rules.take_file(other, 0) == [Tell(other)]
    assert rules.take_file("b", 0) == [Start("b")]


def test_unreadable_save_calls_off_the_grade_and_the_text_before_is_graded_when_it_returns() -> None:
    rules = begin("a")
    assert rules.take_file(UNREADABLE, 0) == [Cancel(), Tell(UNREADABLE)]
    assert rules.take_outcome(PASSED, UNREADABLE, 0) == []
    assert rules.take_file("a", 0) == [Start("a")]


def test_unreadable_save_drops_the_text_that_waited() -> None:
    rules = begin("a")
    rules.take_file("b", 0)
    assert rules.take_file(UNREADABLE, 0) == [Tell(UNREADABLE)]
    assert rules.take_outcome(Cancelled(), UNREADABLE, 0) == []


def test_grader_fault_is_shown_and_nothing_is_compared_with_it() -> None:
    rules = begin_idle("a")
    rules.take_file("b", 0)
    assert rules.take_outcome(FAULT, "b", 0) == [ShowVerdict(FAULT, None)]
    rules.take_file("c", 0)
    assert rules.take_outcome(FAILED_AGAIN, "c", 0) == [ShowVerdict(FAILED_AGAIN, FAILED)]


def test_engine_that_dies_is_told_and_watching_goes_on() -> None:
    rules, fault = begin("a"), GraderFault("ended without a verdict")
    assert rules.take_outcome(fault, "a", 0) == [Tell(fault)]
    assert rules.take_file("b", 0) == [Start("b")]


@pytest.mark.parametrize("error", [UsageError("no cuda device"), KeyError("ours")])
def test_error_that_saving_would_not_mend_ends_the_watch(error: BaseException) -> None:
    assert begin("a").take_outcome(error, "a", 0) == [Fail(error)]


@pytest.mark.parametrize(
    ("key", "actions"),
    [("n", [ShowNext()]), ("h", [ShowHint()]), ("q", [End(1)]), ("\x04", [End(1)]), ("x", []), ("H", []), ("\n", [])],
)
def test_keys(key: str, actions: list[Action]) -> None:
    assert begin_idle().take_key(key, lambda: "a") == actions


def test_r_grades_the_same_text_again() -> None:
    assert begin_idle("a").take_key("r", lambda: "a") == [Start("a")]


def test_r_during_a_grade_calls_it_off_and_begins_anew() -> None:
    rules = begin("a")
    assert rules.take_key("r", lambda: "a") == [Cancel()]
    assert rules.take_outcome(Cancelled(), "a", 0) == [Start("a")]


@pytest.mark.parametrize(("found", "told"), [(None, TellGone()), (UNREADABLE, Tell(UNREADABLE))])
def test_r_says_again_why_nothing_can_be_graded(found: Found, told: Action) -> None:
    rules = begin_idle("a")
    assert rules.take_key("r", lambda: found) == [told]
    assert rules.take_key("r", lambda: found) == [told]


TEXTS = st.sampled_from(["a", "b", "c", "", None, UNREADABLE])


@given(st.lists(st.one_of(TEXTS, st.just("finish"), st.just("press r")), max_size=30))
def test_whatever_happens_one_grade_goes_on_at_most_and_the_newest_text_is_graded(events: list[Found]) -> None:
    """No order of saves, keys and ends of grades leaves the newest text ungraded or shows a stale verdict."""
    rules, now_s, lying = WatchRules(), 0.0, "a"
    going: list[str] = []
    shown: list[str] = []

    def carry_out(actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, Start):
                assert going == []
                going.append(action.text)
            elif isinstance(action, ShowVerdict):
                assert shown[-1] == lying or lying in (None, "")

    def finish() -> None:
        shown.append(going.pop())
        carry_out(rules.take_outcome(FAILED, lying, now_s))

    carry_out(rules.take_rerun(lying))
    for event in events:
        now_s += GRACE_S / 3
        if event == "finish":
            if going:
                finish()
        elif event == "press r":
            carry_out(rules.take_rerun(lying))
        else:
            lying = event
            carry_out(rules.take_file(lying, now_s))
    now_s += 2 * GRACE_S
    carry_out(rules.take_file(lying, now_s))
    now_s += 2 * GRACE_S
    carry_out(rules.take_file(lying, now_s))
    while going:
        finish()
    if isinstance(lying, str):
        assert shown[-1] == lying


# What wakes the rules


@pytest.fixture
def keys() -> Iterator[tuple[Inbox, Callable[[bytes], None]]]:
    """An inbox that reads keys from a pipe, and the function to press some."""
    read_fd, write_fd = os.pipe()
    inbox = Inbox(read_fd)

    def press(data: bytes) -> None:
        assert os.write(write_fd, data) == len(data)

    yield inbox, press
    inbox.close()
    os.close(read_fd)
    os.close(write_fd)


def take_all(inbox: Inbox) -> list[Event]:
    events = []
    while (event := inbox.take(0)) is not None:
        events.append(event)
    return events


def test_keys_come_one_by_one_without_enter(keys: tuple[Inbox, Callable[[bytes], None]]) -> None:
    inbox, press = keys
    press("nhé".encode())
    assert take_all(inbox) == [Pressed("n"), Pressed("h"), Pressed("é")]


@pytest.mark.parametrize("sent", [b"\x1b[A", b"\x1b[H", b"\x1bOq", b"\x1bq", b"\x1b[15~", b"\x1b[1;5h", b"\x1b"])
def test_letters_that_arrow_and_function_keys_send_are_no_keys(
    keys: tuple[Inbox, Callable[[bytes], None]], sent: bytes
) -> None:
    inbox, press = keys
    press(sent + b"n")
    # Escape and then a letter cannot be told from Alt and that letter.
    assert take_all(inbox) == ([] if sent == b"\x1b" else [Pressed("n")])


def test_inbox_wakes_for_an_event_of_another_thread(keys: tuple[Inbox, Callable[[bytes], None]]) -> None:
    inbox, _ = keys
    thread = threading.Timer(0.05, inbox.put, [Touched()])
    thread.start()
    assert inbox.take(30) == Touched()
    thread.join()
    assert inbox.take(0) is None


def test_closed_keyboard_is_no_longer_asked() -> None:
    read_fd, write_fd = os.pipe()
    inbox = Inbox(read_fd)
    os.close(write_fd)
    assert inbox.take(0) is None
    os.close(read_fd)
    inbox.put(Touched())
    assert inbox.take(0) == Touched()
    inbox.close()


@pytest.fixture
def folder_inbox(home: Path) -> Iterator[tuple[Path, Inbox]]:
    """A watched file, once the watch stands."""
    path = home / "study" / "f.py"
    path.parent.mkdir()
    path.write_text("a")
    inbox = Inbox(None)
    with watch_folder(path, inbox):
        assert inbox.take(30) == Touched()
        yield path, inbox
    inbox.close()


def save_by_rename(path: Path) -> None:
    beside = path.with_name(".f.py.swp")
    beside.write_text("b")
    beside.rename(path)


def save_by_backup(path: Path) -> None:
    path.rename(path.with_name("f.py~"))
    path.write_text("b")


@pytest.mark.parametrize("save", [save_by_rename, save_by_backup, lambda path: path.write_text("b"), Path.unlink])
def test_every_way_to_save_is_noticed(folder_inbox: tuple[Path, Inbox], save: Callable[[Path], object]) -> None:
    path, inbox = folder_inbox
    save(path)
    assert inbox.take(30) == Touched()


def test_other_files_are_not_noticed_and_a_folder_that_goes_is(folder_inbox: tuple[Path, Inbox]) -> None:
    path, inbox = folder_inbox
    path.with_name("f.pyc").write_text("x")
    path.with_name("g.py").write_text("x")
    path.parent.rename(path.parent.with_name("elsewhere"))
    lost = inbox.take(30)
    assert isinstance(lost, Lost)
    assert isinstance(lost.error, UsageError)
    assert (lost.error.message, lost.error.hint) == (
        "the folder study is gone",
        "put it back, then: study start f",
    )


def test_folder_that_is_replaced_is_watched_anew(folder_inbox: tuple[Path, Inbox], home: Path) -> None:
    path, inbox = folder_inbox
    new = home / "new"
    new.mkdir()
    (new / "f.py").write_text("b")
    # One step for the watch: at no moment is there no folder of that name.
    libc_swap(new, path.parent)
    assert inbox.take(30) == Touched()
    path.write_text("c")
    assert inbox.take(30) == Touched()


def libc_swap(one: Path, other: Path) -> None:
    import ctypes

    at_cwd, exchange = -100, 2
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.renameat2(at_cwd, bytes(one), at_cwd, bytes(other), exchange) == 0, os.strerror(ctypes.get_errno())
