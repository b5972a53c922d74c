"""The one error tree: every failure that `study` explains instead of crashing on.

    StudyError
    ├── UsageError             exit 2: a wrong id, a missing file, an unusable option
    │   ├── SubmissionUnreadable   the file to grade is missing, too large, not text ...
    │   ├── WorkspaceError         the workspace cannot be found, read or written
    │   ├── CorpusError            the names corpus is missing or is not what it should be
    │   └── ImportUnusable         a file to import is damaged, too large, or not what can be imported
    ├── ContentError           exit 3: the course itself is invalid (all problems at once)
    └── GraderFault            exit 4: our own fault, never counted against the learner
        └── ProgressError          the progress log cannot be read or written
            └── ProgressUnusable       exit 2: it is not writable, out of reach, or of a newer version

A message says what and where; `hint` says what to type next.
"""

#: Of a command that Ctrl-C has stopped.
EXIT_INTERRUPTED = 130


class StudyError(Exception):
    """Something `study` explains to the person at the keyboard, with an exit code of its own."""

    exit_code = 4

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(StudyError):
    """What was typed cannot be done."""

    exit_code = 2


class SubmissionUnreadable(UsageError):
    """The learner's file cannot be read as Python text."""


class WorkspaceError(UsageError):
    """The workspace folder cannot be found, read or written."""


class CorpusError(UsageError):
    """The names corpus is missing, damaged or not the file it should be."""


class ImportUnusable(UsageError):
    """A file to import is damaged, too large, or not what can be imported; nothing of it was taken over."""


class ContentError(StudyError):
    """The course content is invalid; `problems` holds every one of them, ready to print."""

    exit_code = 3

    def __init__(self, problems: list[str], *, hint: str | None = None) -> None:
        super().__init__("\n".join(problems), hint=hint)
        self.problems = problems


class GraderFault(StudyError):
    """A failure of the grader itself; never counted against the learner."""


class ProgressError(GraderFault):
    """The progress log cannot be read or written."""


class ProgressUnusable(ProgressError):
    """The log cannot be used where it is, and no fault of ours: not writable, out of reach, or of a newer version."""

    exit_code = 2
