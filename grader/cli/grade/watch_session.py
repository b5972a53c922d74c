"""Watch one file: carry out what the rules say, with one grade at a time in a thread of its own."""

import gc
import os
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import to_builtins
from rich.console import Group, RenderableType
from rich.text import Text

from grader.cli.context import Context, short_path
from grader.cli.exercise.hint import show_hint
from grader.cli.exercise.next import show_next
from grader.cli.grade.one_file import record_verdict
from grader.cli.grade.outcome import find_after_pass, next_steps, render_after, render_outcome
from grader.cli.grade.submission import tell_left_out
from grader.cli.grade.watch_events import Event, GradeEnded, Inbox, Lost, Pressed, Touched, open_keyboard, watch_folder
from grader.cli.grade.watch_rules import (
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
from grader.core.errors import ProgressError, StudyError, SubmissionUnreadable
from grader.core.models import Exercise
from grader.core.verdict import Verdict
from grader.grading.job import GradeOptions, make_job
from grader.grading.run import GradeRun
from grader.grading.submission import SubmissionText, read_learner_file
from grader.plan.after_pass import AfterPass
from grader.text.console import line
from grader.view.verdict import compare_verdicts, render_changes
from grader.view.watching import GradeLine

if TYPE_CHECKING:
    from grader.corpus import Corpus

EXIT_NOT_SOLVED = 1
_KEYS = "waiting for a save   n next   h hint   r rerun   q quit"


class WatchSession:
    """The thread that reads keys, looks at the file, records and prints; it never waits for a grade."""

    def __init__(self, context: Context, exercise: Exercise, path: Path, options: GradeOptions) -> None:
        self._context = context
        self._exercise = exercise
        self._path = path
        self._options = options
        self._rules = WatchRules()
        self._corpus: Corpus | None = None
        self._texts: dict[str, SubmissionText] = {}  # what was read, by what is graded of it
        self._run: GradeRun | None = None
        self._thread: threading.Thread | None = None
        self._line: GradeLine | None = None
        self._has_keys = False
        self._unlogged: ProgressError | None = None

    def run(self) -> int:
        """Watch until a pass, q or Ctrl-C; returns the exit code.

        Raises:
            StudyError: If nothing can be graded here, or the folder is gone.
        """
        gc.enable()  # unlike other commands this one may live for hours
        _ = self._context.store
        self._context.warm_up()  # for the second save; the first grade need not wait for it
        self._corpus = self._context.load_corpus(self._exercise)
        try:
            with open_keyboard(wanted=not self._context.as_json) as keys_fd:
                self._has_keys = keys_fd is not None
                inbox = Inbox(keys_fd)
                try:
                    with watch_folder(self._path, inbox):
                        code = self._follow(inbox)
                finally:
                    self._stop_grade()
                    inbox.close()
        except KeyboardInterrupt:
            code = EXIT_NOT_SOLVED
        if code != 0:
            self._context.say(f"stopped watching {short_path(self._path)}\nnext: study watch {self._exercise.id}")
        elif self._unlogged is not None:
            raise self._unlogged
        return code

    def _follow(self, inbox: Inbox) -> int:
        self._context.say(f"watching {short_path(self._path)}: every save is graded")
        code = self._carry_out(self._rules.take_rerun(self._look()), inbox)
        while code is None:
            look_at_s = self._rules.look_at_s
            event = inbox.take(None if look_at_s is None else max(0.0, look_at_s - time.monotonic()))
            code = self._carry_out(self._decide(event), inbox)
        return code

    def _decide(self, event: Event | None) -> list[Action]:
        match event:
            case Pressed(key):
                return self._rules.take_key(key, self._look)
            case GradeEnded(outcome):
                self._end_line()
                return self._rules.take_outcome(outcome, self._look(), time.monotonic())
            case Lost(error):
                raise error
            case Touched() | None:
                return self._rules.take_file(self._look(), time.monotonic())

    def _look(self) -> Found:
        try:
            text = read_learner_file(self._exercise, self._context.content.folder(self._exercise.id), self._path)
            self._texts[text.source] = text
            return text.source
        except SubmissionUnreadable as error:
            return error if os.path.lexists(self._path) else None

    def _carry_out(self, actions: list[Action], inbox: Inbox) -> int | None:
        """Do what the rules say; returns the exit code once they say that this is the end."""
        for action in actions:
            match action:
                case Start(text):
                    self._start_grade(text, inbox)
                case Cancel():
                    assert self._run is not None
                    self._run.cancel()
                case End(code):
                    return code
                case Fail(error):
                    raise error
                case _:
                    self._print(action)
        if actions and self._has_keys and self._line is None:
            self._context.say(_KEYS)
        return None

    def _start_grade(self, text: str, inbox: Inbox) -> None:
        if self._thread is not None:
            self._thread.join()  # it has put its outcome: nothing is left to do in it
        read = self._texts[text]
        self._texts = {text: read}
        content, name = self._context.content, short_path(self._path.absolute())
        self._run = GradeRun(make_job(content, self._exercise, read, name, self._options, self._corpus))
        tell_left_out(self._context, self._path, read)
        self._line = GradeLine(self._exercise, quiet=self._context.as_json)
        work = partial(_finish, self._run, self._line, inbox)
        self._thread = threading.Thread(target=work, name="grade", daemon=True)
        self._thread.start()
        self._line.show()

    def _stop_grade(self) -> None:
        self._end_line()
        if self._run is not None and self._thread is not None:
            self._run.cancel()
            self._thread.join()

    def _end_line(self) -> None:
        if self._line is not None:
            self._line.hide()
            self._line = None

    def _print(self, action: Action) -> None:
        """Print beside the live line; what cannot be shown or recorded is told, and watching goes on."""
        if self._line is not None:
            self._line.hide()
        try:
            match action:
                case ShowVerdict(verdict, before):
                    self._show_verdict(verdict, before)
                case ShowNext():
                    show_next(self._context)
                case ShowHint():
                    show_hint(self._context, self._exercise)
                case Tell(problem):
                    self._tell(problem)
                case TellGone():
                    self._context.say(f"{short_path(self._path)} is gone; waiting for it to come back")
                case TellBack():
                    self._context.say(f"{short_path(self._path)} is back, and as it was when it was graded")
        except StudyError as error:
            self._tell(error)
        sys.stdout.flush()
        if self._line is not None:
            self._line.show()

    def _show_verdict(self, verdict: Verdict, before: Verdict | None) -> None:
        assert self._run is not None
        self._unlogged = record_verdict(self._context, verdict, self._run.job.submission, self._path)
        changes = compare_verdicts(before, verdict) if before is not None else None
        parts: list[RenderableType] = [Text(), render_outcome(self._context, self._exercise, verdict, self._path)]
        if changes is not None:
            parts.append(render_changes(changes, width=self._context.console.width))
        after = find_after_pass(self._context, self._exercise, verdict)
        parts += render_after(after)
        if verdict.verdict == "passed" or not self._has_keys:
            parts.append(line(("next: ", "bold"), (self._next_steps(verdict, after), "green")))
        named = {kind: [check.id for check in checks] for kind, checks in changes.items()} if changes else None
        told = {"changes": named} | ({"after": to_builtins(after)} if after else {})
        self._context.show(lambda: Group(*parts), lambda: to_builtins(verdict) | told)
        if self._unlogged is not None and verdict.verdict != "passed":  # after a pass it ends the watch
            self._tell(self._unlogged)

    def _next_steps(self, verdict: Verdict, after: AfterPass | None) -> str:
        if verdict.verdict == "passed":
            return next_steps(verdict, after)
        return f"save {short_path(self._path)}   (stuck: study hint {self._exercise.id})"

    def _tell(self, error: StudyError) -> None:
        self._context.say(f"study: {error.message}" + (f"\nnext: {error.hint}" if error.hint else ""))


def _finish(run: GradeRun, grade_line: GradeLine, inbox: Inbox) -> None:
    """Grade in this thread, and put whatever comes of it."""
    try:
        outcome: Verdict | BaseException = run.finish(grade_line.take)
    except BaseException as error:
        outcome = error
    inbox.put(GradeEnded(outcome))
