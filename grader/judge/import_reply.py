"""What a worker says of the learner's file once it has tried to import it, and of what was raised there or later."""

import time
from typing import Any, NamedTuple

from grader import wire
from grader.judge.link import Worker
from grader.judge.outcomes import LearnerCrashed, LearnerKilled, LearnerTimedOut, ReplyTooLarge, SubmissionBroken
from grader.testing import LearnerRaised

#: A worker may claim an exception of any size; ours send fewer classes and frames than this.
MAX_KINDS = 50
MAX_FRAMES = 50
MAX_LINE = 10**7


class Imported(NamedTuple):
    """What the learner's file defines: the kind of each name, and which given definitions it changes."""

    kinds: dict[str, str]
    changed: tuple[str, ...]


def read_import_reply(worker: Worker, timeout_s: float) -> Imported | None:
    """Read what came of importing the learner's file.

    Returns:
        What the file defines; None if the worker tells it later.

    Raises:
        SubmissionBroken: If the import failed, took too long, or ended the process.
        LearnerKilled: If the process was killed meanwhile.
    """
    try:
        deadline_s = time.monotonic() + timeout_s
        reply = wire.decode_reply(worker.receive(deadline_s), deadline_s=worker.extend(deadline_s))
    except (LearnerTimedOut, wire.DecodingTimedOut):
        text = (
            f"importing the file took longer than {timeout_s:g} s; keep experiments out of the top "
            'level, or put them under `if __name__ == "__main__":`'
        )
        raise SubmissionBroken("timed_out", text) from None
    except LearnerKilled:
        raise
    except ReplyTooLarge as error:
        raise SubmissionBroken("out_of_memory", f"the file could not be imported: {error}") from None
    except (LearnerCrashed, wire.ProtocolError) as error:
        status = "out_of_memory" if isinstance(error, LearnerCrashed) and error.over_memory else "crashed"
        raise SubmissionBroken(status, f"the file could not be imported: {error}") from None
    match reply:
        case ("ready", None):
            return None
        case ("ready", dict() as kinds, list(changed)):
            names = tuple(name[:200] for name in changed[:MAX_KINDS] if type(name) is str)
            return Imported({str(name): str(kind) for name, kind in kinds.items()}, names)
        case ("syntax", str(kind), str(text), int(line), int(column)):
            raise SubmissionBroken("errored", f"{kind[:200]}: {text[: wire.MAX_TEXT]}", line, column)
        case ("forbidden", list([(str(rule), int(line), int(column)), *_])):
            text = f"`{rule[:200]}` may not be used here: writing it yourself is the exercise"
            raise SubmissionBroken("failed", text, line, column)
        case ("raised", list(kinds), str(text), list(frames)):
            raised = make_raised(kinds, text, frames)
            last_line = raised.frames[-1][0] if raised.frames else None
            raise SubmissionBroken("errored", f"importing the file raised {raised}", last_line)
        case _:
            raise SubmissionBroken("crashed", "the worker sent no readable reply after the import")


def make_raised(kinds: list[Any], text: str, frames: list[Any]) -> LearnerRaised:
    """Make the exception that a worker tells of, which may claim anything."""
    return LearnerRaised(_kinds(kinds), text[: wire.MAX_TEXT], _frames(frames))


def _kinds(kinds: list[Any]) -> tuple[str, ...]:
    return tuple(kind[:200] for kind in kinds[:MAX_KINDS] if type(kind) is str) or ("?",)


def _frames(frames: list[Any]) -> tuple[tuple[int, str], ...]:
    kept = []
    for frame in frames[:MAX_FRAMES]:
        match frame:
            case (int(line), str(function)) if 0 < line < MAX_LINE:
                kept.append((line, function[:200]))
    return tuple(kept)
