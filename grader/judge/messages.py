"""Turn what went wrong in a check into a status and a message that teaches."""

import re
import traceback

from torch import Tensor

from grader.core.source_map import SourceMap
from grader.core.verdict import Status
from grader.judge.guesses import guess_cause
from grader.judge.handle import OpaqueComparison
from grader.judge.outcomes import (
    LARGE_BYTES,
    CheckBroken,
    LearnerCrashed,
    LearnerKilled,
    LearnerOutOfMemory,
    LearnerTimedOut,
    ReplyTooLarge,
    SubmissionBroken,
    is_shortage,
)
from grader.judge.own_memory import is_limited_from_outside
from grader.judge.session import Session
from grader.testing import CheckFailure, LearnerRaised
from grader.text.printable import clean_line
from grader.text.wording import describe

#: A printed text is shown to this length; the end is where the news is.
MAX_PRINTED = 600
MAX_RAISED_TEXT = 600
#: Below the values of a message, which stand behind words of ten characters.
_INDENT = " " * 10


class Explained:
    """Status, message lines and cause of one check that did not pass."""

    def __init__(self, status: Status, lines: list[str], cause: str | None = None) -> None:
        self.status = status
        self.lines = lines
        self.cause = cause


def explain(error: BaseException, session: Session, *, source_map: SourceMap, timeout_s: float) -> Explained:
    """Say what an exception out of a check means.

    Args:
        error: What the check raised.
        session: The submission under judgement, with its calls and output.
        source_map: The learner's text, for the lines of their frames and the names of those.
        timeout_s: The budget of the check.
    """
    try:
        explained = _explain(error, session, source_map, timeout_s)
    except (MemoryError, RuntimeError) as shortage:  # in words about a large value
        if not is_shortage(shortage):
            raise
        explained = _explain_own_shortage(error, session)
    if explained.status != "grader_fault":
        explained.lines = [clean_line(line, _INDENT) for line in (*explained.lines, *_printed(session, source_map))]
    return explained


def tell_changed(names: list[str]) -> list[str]:
    """Name what the learner's file has of what the stub gives, but not as it was given."""
    if not names:
        return []
    shown = ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    verb = "differs" if len(names) == 1 else "differ"
    return [f"given     {shown} in your file {verb} from what was given; the grade uses what was given"]


def _explain(error: BaseException, session: Session, source_map: SourceMap, timeout_s: float) -> Explained:
    if isinstance(error, SubmissionBroken):
        where = f" ({source_map.place(error.line, error.column)})" if error.line else ""
        text = source_map.rename_in_error(str(error))
        return Explained(_status(error.status), [f"{text}{where}", *source_map.quote(error.line)])
    if isinstance(error, LearnerRaised):
        return _explain_raised(error, session, source_map)
    if isinstance(error, LearnerTimedOut):
        text = f"`{_last_title(session)}` did not finish: this check allows your code {timeout_s:g} s"
        return Explained("timed_out", [text, *_called(session)], "an endless loop, or far too much work per call")
    if isinstance(error, ReplyTooLarge):
        return Explained("out_of_memory", [str(error), *_called(session)])
    if isinstance(error, LearnerOutOfMemory):
        return Explained("out_of_memory", [_describe_shortage(str(error), session), *_called(session)])
    if is_shortage(error):
        return _explain_own_shortage(error, session)
    if isinstance(error, LearnerKilled) and error.machine:
        text = "this machine ran out of memory, and the kernel ended the process of your code: nothing is counted"
        allowed = f"; this exercise allows your code {session.memory_mib} MiB" if session.memory_mib else ""
        return Explained("grader_fault", [f"{text}{allowed}"])
    if isinstance(error, LearnerCrashed):
        return Explained("crashed", [f"`{_last_title(session)}` did not return: {error}", *_called(session)])
    if isinstance(error, CheckFailure):
        return _explain_failure(error, session)
    if isinstance(error, OpaqueComparison) and session.calls:
        return Explained("failed", [f"{error}, where a plain value is needed", *_called(session), *_returned(session)])
    if isinstance(error, AssertionError):
        text = str(error).strip().partition("\n")[0] or "an assertion of this check does not hold"
        return Explained("failed", [text, *_called(session), *_returned(session)])
    if session.calls and not isinstance(error, OSError | MemoryError | ImportError | OpaqueComparison | CheckBroken):
        # The check is proved to work on the solution, so what it stumbled over is the learner's value.
        text = f"what `{_last_title(session)}` returned cannot be used: {type(error).__name__}: {error}"
        return Explained("failed", [text, *_called(session), *_returned(session)])
    return Explained("grader_fault", traceback.format_exception(error))


def _explain_own_shortage(error: BaseException, session: Session) -> Explained:
    """Say that the judge's memory is used up.

    Its own limit leaves room for the check on right answers. Only where a lower limit was set from outside can a small
    reply find too little.
    """
    needed_bytes = LARGE_BYTES if is_limited_from_outside() else 1
    if session.largest_bytes < needed_bytes:
        return Explained("grader_fault", [f"the grader ran out of memory: {clean_line(str(error), _INDENT)[:200]}"])
    amount = f"{session.largest_bytes >> 20} MiB" if session.largest_bytes >= LARGE_BYTES else "a value"
    text = f"{amount} came back, and to compare it takes more memory than the grader may use"
    return Explained("out_of_memory", [text, *_called(session)])


def _status(name: str) -> Status:
    found: dict[str, Status] = {
        "errored": "errored",
        "failed": "failed",
        "timed_out": "timed_out",
        "out_of_memory": "out_of_memory",
    }
    return found.get(name, "crashed")


def _explain_failure(error: CheckFailure, session: Session) -> Explained:
    lines = [error.headline, *_called(session)]
    if error.got is not None:
        lines.append(f"got       {error.got}")
    if error.expected is not None:
        lines.append(f"expected  {error.expected}")
    cause = None
    if error.actual_tensor is not None and error.expected_tensor is not None:
        inputs = [value for value in session.calls[-1].inputs if isinstance(value, Tensor)] if session.calls else []
        cause = guess_cause(error.actual_tensor, error.expected_tensor, inputs)
    return Explained("failed", lines, cause)


def _explain_raised(error: LearnerRaised, session: Session, source_map: SourceMap) -> Explained:
    kind = error.kinds[0]
    text = error.text if len(error.text) <= MAX_RAISED_TEXT else error.text[:MAX_RAISED_TEXT] + "…"
    title = _last_title(session)
    if "NotImplementedError" in error.kinds:
        lines = [f"`{title}` is not written yet: it raises NotImplementedError"]
        cause = None
    elif kind == "ForbiddenOperator":
        lines, cause = [text, *_called(session)], None
    else:
        lines = [f"`{title}` raised {kind}" + (f": {text}" if text else ""), *_called(session)]
        cause = _guess_from_exception(error, session)
    for line, function in list(dict.fromkeys(error.frames))[-3:]:
        lines.append(f"at        {source_map.place(line)} in {function}")
        lines += source_map.quote(line)
    return Explained("failed" if kind == "ForbiddenOperator" else "errored", lines, cause)


def _guess_from_exception(error: LearnerRaised, session: Session) -> str | None:
    kinds, text = set(error.kinds), error.text
    signature = session.signatures.get(session.calls[-1].title) if session.calls else None
    if "TypeError" in kinds and "argument" in text and not error.frames and signature:
        return f"it has to be callable as the stub has it: {signature.call}"
    if "RecursionError" in kinds:
        return "a recursion without an end: is there a case that stops it?"
    patterns = (
        (r"same device|on (cuda|cpu|mps).*(cuda|cpu|mps)", "tensors made inside need the device of the input"),
        (r"expected .*dtype|same dtype|must match|but found (Double|Float)", "sizes or dtypes of two tensors differ"),
        (r"mat1 and mat2 shapes", "the inner sizes of a matrix product differ: is one of them transposed?"),
        (r"does not require grad", "the graph was cut: by .detach(), .item(), torch.no_grad() or a new tensor"),
        (r"in-?place", "a tensor that autograd still needs was changed in place"),
        (r"out of (range|bounds)", "an index is too large: are sizes and vocabulary the ones that were given?"),
        (r"NoneType", "a value is None there: an optional argument, or a function that does not return"),
    )
    return next((cause for pattern, cause in patterns if re.search(pattern, text)), None)


def _describe_shortage(text: str, session: Session) -> str:
    asked = re.search(r"tried to allocate ([0-9]+) bytes", text)
    amount = f": it asked for {int(asked[1]) / 2**30:,.1f} GiB at once" if asked else ""
    allowed = f"; this exercise allows {session.memory_mib} MiB" if session.memory_mib else ""
    return f"`{_last_title(session)}` ran out of memory{amount}{allowed}"


def _last_title(session: Session) -> str:
    return session.calls[-1].title if session.calls else "the submission"


def _called(session: Session) -> list[str]:
    if not session.calls:
        return []
    call = session.calls[-1]
    return [f"called    {call.title}({call.arguments})"]


def _returned(session: Session) -> list[str]:
    if session.calls and session.calls[-1].returned:
        return [f"got       {describe(session.calls[-1].reply)}"]
    return []


def _printed(session: Session, source_map: SourceMap) -> list[str]:
    text = source_map.rename_in_traceback(session.output.text().strip("\n"))
    if not text.strip():
        return []
    if len(text) > MAX_PRINTED:
        text = "…" + text[-MAX_PRINTED:]
    total = session.output.total_bytes
    size = f" ({total} bytes in all)" if total > MAX_PRINTED else ""
    return [f"printed{size}:", *(f"          {line}" for line in text.splitlines())]
