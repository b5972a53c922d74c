"""What watching does about each thing that happens: pure rules, without threads, files or a terminal."""

from collections.abc import Callable

from msgspec import Struct

from grader.core.errors import GraderFault, StudyError, SubmissionUnreadable
from grader.core.verdict import Verdict

#: A file that is gone or empty is believed to be so after this long: editors remove or empty it, then write.
GRACE_S = 1.0

#: What lies at the learner's place: the text, the reason why it cannot be read, or nothing.
Found = str | SubmissionUnreadable | None


class Start(Struct, frozen=True):
    """Start to grade this text."""

    text: str


class Cancel(Struct, frozen=True):
    """Call off the grade that is going on."""


class ShowVerdict(Struct, frozen=True):
    """Record and show this verdict, and what has changed since the one `before`."""

    verdict: Verdict
    before: Verdict | None


class Tell(Struct, frozen=True):
    """Say why there is no verdict; watching goes on."""

    problem: StudyError


class TellGone(Struct, frozen=True):
    """Say that the file is gone and waited for."""


class TellBack(Struct, frozen=True):
    """Say that the file can be read again and is what it was."""


class ShowNext(Struct, frozen=True):
    """Show what `study next` shows."""


class ShowHint(Struct, frozen=True):
    """Show what `study hint` shows."""


class Fail(Struct, frozen=True):
    """End with an error that saving again would not mend."""

    error: BaseException


class End(Struct, frozen=True):
    """End the watch."""

    exit_code: int


Action = Start | Cancel | ShowVerdict | Tell | TellGone | TellBack | ShowNext | ShowHint | Fail | End


class WatchRules:
    """Remembers what was graded and what is going on; each `take_` returns what is to be done about an event.

    At most one grade goes on. A save during it calls it off, and the newest text is graded once it is gone.
    """

    def __init__(self) -> None:
        #: When to look at the file again although no event says that it changed.
        self.look_at_s: float | None = None
        self._running = False
        self._stale = False  # the grade going on was called off
        self._waiting: str | None = None  # to be graded when the stale grade is gone
        self._newest: str | None = None  # graded last, being graded, or waiting
        self._trouble: str | None = None  # told last, and not over yet
        self._last: Verdict | None = None

    def take_file(self, found: Found, now_s: float) -> list[Action]:
        """Take what lies at the learner's place after a change."""
        if found is None or (isinstance(found, str) and not found.strip()):
            if self.look_at_s is None:
                self.look_at_s = now_s + GRACE_S
            if now_s < self.look_at_s:
                return []
        self.look_at_s = None
        trouble = _name_trouble(found)
        was_told, self._trouble = self._trouble, trouble
        if not isinstance(found, str):
            return [*self._drop(found), *(_tell(found) if trouble != was_told else [])]
        if found == self._newest:
            return [TellBack()] if was_told is not None else []
        return self._grade(found)

    def take_rerun(self, found: Found) -> list[Action]:
        """Grade what lies there, changed or not."""
        self.look_at_s = None
        self._trouble = _name_trouble(found)
        return self._grade(found) if isinstance(found, str) else [*self._drop(found), *_tell(found)]

    def take_key(self, key: str, look: Callable[[], Found]) -> list[Action]:
        """Take a key; `look` reads the file. A key without a meaning does nothing."""
        match key:
            case "n":
                return [ShowNext()]
            case "h":
                return [ShowHint()]
            case "r":
                return self.take_rerun(look())
            case "q" | "\x04":  # Ctrl-D
                return [End(1)]
        return []

    def take_outcome(self, outcome: Verdict | BaseException, found: Found, now_s: float) -> list[Action]:
        """Take the end of a grade.

        Args:
            outcome: The verdict, or what `finish` raised.
            found: What lies at the learner's place now: it may have been saved without our knowing yet.
        """
        actions = [action for action in self.take_file(found, now_s) if not isinstance(action, Cancel)]
        self._running = False
        if self._stale:
            self._stale = False
            text, self._waiting = self._waiting, None
            return [*actions, *(self._grade(text) if text is not None else [])]
        if isinstance(outcome, GraderFault):
            return [*actions, Tell(outcome)]
        if isinstance(outcome, BaseException):
            return [*actions, Fail(outcome)]
        before = self._last
        if outcome.verdict == "grader_fault":  # it says nothing about the learner's code
            return [*actions, ShowVerdict(outcome, None)]
        self._last = outcome
        end = [End(0)] if outcome.verdict == "passed" else []
        return [*actions, ShowVerdict(outcome, before), *end]

    def _grade(self, text: str) -> list[Action]:
        """Grade a text: now, or when the grade going on has been called off and is gone."""
        self._newest = text
        if self._running:
            self._waiting = text
            return self._call_off()
        self._running = True
        return [Start(text)]

    def _drop(self, found: SubmissionUnreadable | None) -> list[Action]:
        """Call off the grade of a text that was replaced by something unreadable; one merely gone may come back."""
        if found is None or not self._running:
            return []
        self._waiting = self._newest = None
        return self._call_off()

    def _call_off(self) -> list[Action]:
        if self._stale:
            return []
        self._stale = True
        return [Cancel()]


def _name_trouble(found: Found) -> str | None:
    if found is None:
        return "gone"
    return found.message if isinstance(found, SubmissionUnreadable) else None


def _tell(found: SubmissionUnreadable | None) -> list[Action]:
    return [TellGone()] if found is None else [Tell(found)]
