"""Inside Jupyter: `%study ARGS` runs a command, `%%study ID` runs a cell and grades what it defines.

The cell runs in the kernel, for its author to go on with. What is graded is its text, in the same isolated process as
any submission: what the kernel holds beside it, such as a patched torch, does not count.
"""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from grader.cli.context import Context, short_path
from grader.core.errors import UsageError
from grader.core.package import PACKAGE

if TYPE_CHECKING:
    from grader.core.models import Exercise
    from grader.core.verdict import Verdict
    from grader.grading import SubmissionText
    from grader.notebook.reading import Cell

#: Stands for a file where there is none; the cells' own names say the rest.
_PATH = Path("Jupyter")
#: With these a kernel asks for colours although its output is not a terminal.
_COLOUR_SETTINGS = {"FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}
#: Options of `grade` for which there is no rich verdict.
_PLAIN = ("regrade", "as_json", "jobs")


def register(shell: Any) -> None:
    """Register the magics with an IPython shell; once more is as good as once."""
    shell.register_magic_function(_StudyMagic(shell).run, magic_kind="line_cell", magic_name="study")


class _QuietContext(Context):
    """Keeps what it is told beside a result, to be shown below the verdict."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []

    def say(self, text: str) -> None:
        self.notes.append(text)


class _RanCell(NamedTuple):
    """A `%%study` cell that ran, and the id its front end gave it."""

    cell_id: str | None
    cell: "Cell"

    def is_replaced_by(self, other: "_RanCell") -> bool:
        """Tell whether it is the same cell, run again: what is no longer in it counts no longer."""
        return self.cell.text == other.cell.text or (self.cell_id is not None and self.cell_id == other.cell_id)


class _StudyMagic:
    """The magic of one shell, with the `%%study` cells that ran in it."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._cells: dict[str, list[_RanCell]] = {}

    def run(self, line: str, cell: str | None = None) -> None:
        """Run a study command; as a cell magic run the cell, then grade it."""
        from grader.cli.main import explain_errors

        explain_errors(lambda: self._run(line, cell), as_json=False)

    def _run(self, line: str, cell: str | None) -> int:
        try:
            arguments = shlex.split(line)
        except ValueError as error:
            raise UsageError(f"`%study {line}`: {error}", hint="%study --help") from None
        if cell is not None:
            return self._grade_cell(arguments, cell)
        if arguments[:1] == ["grade"] and (asked := _parse_grade(arguments[1:])) is not None:
            return self._grade_file(asked)
        return _run_command(arguments)

    # --- grading ---

    def _grade_cell(self, arguments: list[str], body: str) -> int:
        from grader.course.code import read_stub
        from grader.grading.submission import SubmissionText, describe_left_out
        from grader.notebook.bounded import gather
        from grader.notebook.gathering import names_of
        from grader.notebook.reading import Cell

        if not arguments or (asked := _parse_grade(arguments)) is None or asked["submission"] is not None:
            raise UsageError(
                "%%study grades its own cell: it takes an ID and the options of a grade", hint="%%study ID"
            )
        context = _QuietContext()
        exercise = context.find_exercise(asked["exercise_id"] or "")
        if not self._run_body(body).success:
            raise UsageError("the cell raised an error, so it was not graded", hint="correct it, then run it again")
        number = len(self._shell.history_manager.input_hist_raw) - 1  # execution_count is that of the next one already
        # Line 1 of the cell is the magic itself.
        cell = Cell(f"In [{number}]", body.replace("\r\n", "\n"), row=2)
        ran = _RanCell(self._find_cell_id(), cell)
        before = [one for one in self._cells.get(exercise.id, []) if not one.is_replaced_by(ran)]
        self._cells[exercise.id] = [*before, ran]
        stub = read_stub(exercise, context.content.folder(exercise.id))
        gathered = gather([one.cell for one in self._cells[exercise.id]], exercise.id, names_of(stub))
        text = SubmissionText(gathered.source, gathered.spans, gathered.left_out)
        if text.left_out:
            context.say(describe_left_out(text.left_out))
        return self._grade(context, exercise, _PATH, text, asked)

    def _run_body(self, body: str) -> Any:
        """Run the body of a cell in its author's names, and return IPython's result; it may `await`."""
        text = self._shell.transform_cell(body)
        if not self._shell.should_run_async(body, transformed_cell=text):
            return self._shell.run_cell(body)
        # The kernel's own loop is running this magic, and so cannot wait for what the body awaits.
        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        coroutine = self._shell.run_cell_async(body, transformed_cell=text)
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, coroutine).result()

    def _find_cell_id(self) -> str | None:
        """Return the id of the cell that runs, where the front end tells it (JupyterLab and VS Code do)."""
        parent: object = getattr(self._shell, "get_parent", dict)()
        metadata = parent.get("metadata") if isinstance(parent, dict) else None
        found = metadata.get("cellId") if isinstance(metadata, dict) else None
        return found if isinstance(found, str) else None

    def _grade_file(self, asked: dict[str, Any]) -> int:
        from grader.cli.grade.submission import find_own_file, tell_left_out
        from grader.grading import read_learner_file

        context = _QuietContext()
        exercise = context.find_exercise(asked["exercise_id"])
        path: Path = asked["submission"] or find_own_file(context, exercise)
        text = read_learner_file(exercise, context.content.folder(exercise.id), path)
        if text.spans:
            tell_left_out(context, path, text)
            self._compare_with_kernel(context, exercise, path, text)
        return self._grade(context, exercise, path, text, asked)

    def _compare_with_kernel(
        self, context: _QuietContext, exercise: "Exercise", path: Path, text: "SubmissionText"
    ) -> None:
        """Tell if what was run last is not what is saved: the saved text is what is graded."""
        from grader.notebook.unsaved import find_unsaved

        if names := find_unsaved(self._shell.history_manager.input_hist_raw, text.source, exercise.id):
            shown = ", ".join(f"`{name}`" for name in names[:3])
            context.say(
                f"{shown}: what you ran last is not what {path.name} holds; the saved text was graded"
                " (save the notebook, then run this again)"
            )

    def _grade(
        self, context: _QuietContext, exercise: "Exercise", path: Path, text: "SubmissionText", asked: dict[str, Any]
    ) -> int:
        from grader.cli.grade.one_file import EXIT_CODES, record_verdict
        from grader.cli.interrupts import put_off_interrupt
        from grader.grading import GradeOptions, GradeRun, make_job

        options = GradeOptions(asked["device"], asked["seed"], asked["isolation"])
        context.settle_server()
        corpus = context.load_corpus(exercise)
        job = make_job(context.content, exercise, text, short_path(path.absolute()), options, corpus)
        verdict = GradeRun(job).finish()
        with put_off_interrupt():  # what is recorded is shown too
            unlogged = record_verdict(context, verdict, text.source, path)
            self._show(context, exercise, verdict)
        if "CI" not in os.environ:  # a person sits here, and the next grade need not load torch
            from grader.engine.server.client import start_in_background

            start_in_background()
        if unlogged is not None:
            raise unlogged
        return EXIT_CODES[verdict.verdict]

    def _show(self, context: _QuietContext, exercise: "Exercise", verdict: "Verdict") -> None:
        from grader.cli.grade.outcome import find_after_pass
        from grader.view.html_verdict import VerdictCard

        after = find_after_pass(context, exercise, verdict)
        if verdict.verdict == "passed":
            following = f'%study answer {exercise.id} --text "..."' if after and after.question else "%study next"
        else:
            following = f"%study hint {exercise.id}"
        card = VerdictCard(verdict, exercise.title, context.notes, after, following)
        self._shell.display_pub.publish(data={"text/plain": card.to_text(), "text/html": card.to_html()}, metadata={})


def _parse_grade(arguments: list[str]) -> dict[str, Any] | None:
    """Return the parameters of `study grade`; None if they ask for what is shown as plain text."""
    from grader.cli.grade.grade import grade

    if {"--help", "-h"} & set(arguments):
        return None
    with grade.make_context("%study grade", list(arguments)) as context:
        known = {"exercise_id", "submission", "device", "seed", "isolation", *_PLAIN}
        given = {name for name in context.params if context.get_parameter_source(name).name != "DEFAULT"}  # type: ignore[union-attr]
        plain = any(context.params[name] for name in _PLAIN) or given - known
        return None if plain else dict(context.params)


def _run_command(arguments: list[str]) -> int:
    """Run `study` in a process of its own, which nothing in the kernel can disturb, and which cannot ask anything."""
    search = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    # Plain text: of a terminal's escape codes notebooks know the colours but not the links.
    kept = {name: value for name, value in os.environ.items() if name not in _COLOUR_SETTINGS}
    fixed = {"PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1", "COLUMNS": "100"}
    environ = kept | fixed | {"PYTHONPATH": os.pathsep.join(search)}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "grader", *arguments],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,  # an interrupt reaches us alone, and we pass it on
    )
    assert process.stdout is not None
    with process:
        try:
            for row in process.stdout:
                print(row, end="")
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            print(process.stdout.read(), end="")
    return process.returncode
