"""What every command works with, each part loaded only when it is asked for."""

import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.core.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from grader.core.models import Exercise, Reading
    from grader.corpus import Corpus, CorpusSettings
    from grader.course import Content, FoundCourse
    from grader.course.packs import Pack
    from grader.files.workspace import Workspace
    from grader.progress import Activity, Progress, ProgressStore
    from grader.progress.events import Events


class Context:
    """The course, the workspace and the progress of the person who runs the command."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    @cached_property
    def cache_dir(self) -> Path:
        """Where things lie that can be made again."""
        from grader.files.cache import find_cache_dir

        return find_cache_dir()

    @cached_property
    def content(self) -> "Content":
        """The course that is seen from here; if that is the installed one, with the packs that can be used."""
        packs = self.packs if self.course.found_by == "installation" else ()
        if not packs:
            return self.main_course
        from grader.course.packs import join_courses

        content, left_out = join_courses(self.main_course, packs, self.cache_dir)
        for one in left_out:
            self.say(f"the course `{one.pack.name}` is left out: {_shorten(one.problems)}   (study course list)")
        return content

    @cached_property
    def course(self) -> "FoundCourse":
        """The course STUDY_COURSE, else the one around this folder, which is then said, else the installed one.

        A course that was added to the workspace is seen in its own folder as everywhere: its ids stay what they are.
        """
        from grader.course import FoundCourse, find_content_root, find_course

        found = find_course(os.environ.get("STUDY_COURSE"), Path.cwd())
        if found.found_by == "folder":
            if str(found.root) in (pack.path for pack in self.packs):
                return FoundCourse(find_content_root(), "installation")
            self.say(f"study: this folder is in the course {found.root}, which is used here")
        return found

    @cached_property
    def main_course(self) -> "Content":
        """The course that is seen from here, without packs; what is invalid in it is said, and left out."""
        from grader.course import load_content

        content = load_content(self.course.root, self.cache_dir, leave_out=True)
        for name, problems in content.left_out.items():
            self.say(f"the exercise `{name}` is left out: {_shorten(problems)}   (study lint)")
        return content

    @cached_property
    def base_course(self) -> "Content":
        """The course that packs are put beside: STUDY_COURSE, else the installed one."""
        from grader.course import find_content_root, load_content

        return load_content(find_content_root(os.environ.get("STUDY_COURSE")), self.cache_dir)

    @property
    def packs(self) -> "tuple[Pack, ...]":
        """The courses beside the main one, whether they can be used or not."""
        from grader.course.installed import find_offers, find_package_folders

        added = self.workspace.load_settings().courses
        offers = find_offers(find_package_folders(), self.cache_dir)
        if not added and not offers:
            return ()
        from grader.course.packs import list_packs

        return list_packs([(course.name, course.path) for course in added], offers)

    @cached_property
    def workspace(self) -> "Workspace":
        """The learner's folder; it may not exist yet."""
        from grader.files.workspace import find_workspace

        return find_workspace(Path.cwd(), os.environ)

    @cached_property
    def store(self) -> "ProgressStore":
        """The progress log; makes the workspace if there is none, and says so."""
        import click

        from grader.progress import ProgressStore

        if self.workspace.create():
            self.say(f"made the workspace {self.workspace.root} ({self.workspace.found_by})")
        store = ProgressStore.open(self._database())
        context = click.get_current_context(silent=True)
        if context is not None:  # so that no -wal lies beside the file once the command is done
            context.call_on_close(self._close_store)
        return store

    def _close_store(self) -> None:
        """Close the log, and tell what its backup has met; the result has been shown by now."""
        told = self.store.notices
        self.store.close()
        for notice in self.store.notices[len(told) :]:
            self.say(notice)

    def has_progress(self) -> bool:
        """Tell whether there can be a progress log; without a workspace there is none, and none is made for a look."""
        return self.workspace.exists() or "STUDY_DATABASE" in os.environ

    def load_progress(self) -> "Progress":
        """Read the progress without making anything: no workspace means no progress."""
        from grader.progress.records import Progress

        if not self.has_progress():
            return Progress(exercises={}, readings={}, last_started=None, attempts=0)
        return self.store.load_progress()

    def load_events(self) -> "Events":
        """Read when everything happened, without making anything: no workspace means that nothing did."""
        if not self.has_progress():
            from grader.progress.events import Events

            return Events()
        return self.store.load_events()

    def load_activity(self) -> "Activity":
        """Read how much time was put in, and when, without making anything."""
        from grader.progress.records import Activity

        if not self.has_progress():
            return Activity(exercises={}, readings={}, slots={})
        return self.store.load_activity()

    def _pass_on_notices(self) -> None:
        """Tell, once a command is done, where a damaged log was put; any call of the store may find one."""
        if "store" in self.__dict__:
            for notice in self.store.notices:
                self.say(notice)

    def _database(self) -> Path | str:
        chosen = os.environ.get("STUDY_DATABASE") or self.workspace.load_settings().database
        return chosen or self.workspace.marker / "study.db"

    def settle_server(self) -> None:
        """Let the workspace's setting decide, unless STUDY_SERVER does, whether a grading server is used.

        Raises:
            UsageError: If a variable for the server cannot be used.
        """
        from grader.engine.server.settings import SWITCH, check_settings

        if SWITCH not in os.environ and not self.workspace.load_settings().server:
            os.environ[SWITCH] = "off"
        check_settings()

    def warm_up(self) -> None:
        """Start the grading server in the background, where a person sits who is likely to grade soon."""
        if "CI" in os.environ or not sys.stderr.isatty():
            return
        from grader.engine.server.client import start_in_background

        try:
            self.settle_server()
            start_in_background()
        except UsageError as error:  # what was asked for is done; the next grade refuses
            self.say(f"study: no grading server is started: {error.message}\nnext: {error.hint}")

    def find_exercise(self, typed: str | None) -> "Exercise":
        """Return the exercise that was meant; if nothing was typed, the one started last.

        Raises:
            UsageError: If none or several fit, or none has been started.
            ContentError: If it is invalid.
        """
        from grader.course import explain_left_out

        left_out = self.content.left_out
        if typed is None:
            last = self.load_progress().last_started
            if last is not None and last in left_out:
                raise explain_left_out(left_out[last])
            if last is None or last not in self.content.exercises:
                raise UsageError("no exercise has been started yet", hint="study next")
            return self.content.exercises[last]
        from grader.plan.choose_id import resolve_id

        typed, content = self.content.complete(typed), self.content
        try:
            name = resolve_id(typed, [*content.exercises, *left_out], "exercise", content.units)
            if name in left_out:
                raise explain_left_out(left_out[name])
            return content.exercises[name]
        except UsageError:
            if typed in content.readings:
                raise UsageError(f"`{typed}` is a reading, not an exercise", hint=f"study read {typed}") from None
            raise

    def find_reading(self, typed: str) -> "Reading":
        """Return the reading that was meant.

        Raises:
            UsageError: If none or several fit.
        """
        from grader.plan.choose_id import resolve_id

        content = self.content
        try:
            return content.readings[resolve_id(typed, content.readings, "reading")]
        except UsageError:
            exercise_id = content.complete(typed)
            if exercise_id in content.exercises:
                text = f"`{typed}` is an exercise, not a reading"
                raise UsageError(text, hint=f"study show {exercise_id}") from None
            raise

    def name_next(self, exercise_id: str) -> str:
        """Return the command that goes on with an exercise that is not solved: start it, or grade its file."""
        there = self.workspace.find_submissions(exercise_id)
        return f"study {'grade' if there else 'start'} {exercise_id}"

    def corpus_settings(self) -> "CorpusSettings":
        """Say where the names are looked for."""
        from grader.corpus import corpus_settings

        saved = self.workspace.load_settings().names_file
        return corpus_settings(os.environ, Path(saved) if saved else None, self.cache_dir)

    def load_corpus(self, exercise: "Exercise") -> "Corpus | None":
        """Return the corpus for an exercise that uses one."""
        from grader.corpus import resolve_corpus

        return resolve_corpus(self.corpus_settings(), report=self.say) if exercise.corpus else None

    @cached_property
    def console(self) -> "Console":
        """Where results are shown."""
        from grader.text.console import make_console

        return make_console()

    def show(self, render: "Callable[[], RenderableType]", data: Callable[[], Any]) -> None:
        """Print a result: with --json as one object, else as the view has it."""
        if self.as_json:
            import json

            print(json.dumps(data()))
        else:
            self.console.print(render())
        self._pass_on_notices()

    def say(self, text: str) -> None:
        """Tell the user something beside the result."""
        from grader.text.columns import columns_of, fold
        from grader.text.printable import clean

        print(fold(clean(text), columns_of(sys.stderr)), file=sys.stderr)


def _shorten(problems: Sequence[str]) -> str:
    first = problems[0].replace("\n", " ")
    return first + (f", and {len(problems) - 1} more" if len(problems) > 1 else "")


def write_data(text: str) -> None:
    """Write what another program reads: as UTF-8 to the last byte, whatever the terminal can show."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    sys.stdout.buffer.flush()


def read_clock() -> datetime:
    """Return the moment, in the zone whose days the learner counts."""
    return datetime.now().astimezone()


def short_path(path: Path) -> str:
    """Write a path the shortest way it can be typed from here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, FileNotFoundError):  # elsewhere, or the folder we are in is gone
        pass
    home = os.environ.get("HOME")
    text = str(path)
    return "~" + text[len(home) :] if home and home != "/" and text.startswith(home + "/") else text
