"""What to do next: pure functions of the course and the progress, with the reasons spelled out."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from grader.course import Content
from grader.errors import UsageError
from grader.models import Chapter, Exercise, Reading, Unit
from grader.progress.records import Progress


class ReadingStep(Struct, frozen=True):
    """A reading to take up, with the chapter to watch where one is known, and its address."""

    reading: Reading
    chapter: Chapter | None
    url: str | None
    state: str


class NextStep(Struct, frozen=True):
    """What `study next` proposes: an exercise with its reading, or only a reading, or nothing (all done)."""

    unit: Unit | None
    exercise: Exercise | None
    reading: ReadingStep | None
    reasons: tuple[str, ...]
    command: str | None


def plan_next(content: Content, progress: Progress) -> NextStep:
    """Propose the next step: an exercise that was begun, else the first that is ready, else a reading."""
    solved = {name for name, p in progress.exercises.items() if p.status == "solved"}
    placed = [(unit, content.exercises[name]) for unit in content.units for name in unit.exercises]
    open_ones = [(unit, exercise) for unit, exercise in placed if exercise.id not in solved]
    ready = [(u, e) for u, e in open_ones if all(p in solved for p in e.prerequisites)]
    begun = [(u, e) for u, e in ready if e.id in progress.exercises]
    begun.sort(key=lambda pair: pair[1].id != progress.last_started)
    if begun or ready:
        unit, exercise = (begun or ready)[0]
        first_open = next(e for u, e in open_ones if u == unit)
        return _propose_exercise(content, progress, unit, exercise, first=exercise == first_open)
    for unit in content.units:
        for name in unit.readings:
            if _state(progress, name) != "done":
                step = describe_reading(content.readings[name], None, _state(progress, name))
                reasons = (f"every exercise is solved; this is the first open reading of “{unit.title}”",)
                return NextStep(unit, None, step, reasons, f"study read {name} --done")
    return NextStep(None, None, None, ("every exercise is solved and every reading is done",), None)


def _propose_exercise(content: Content, progress: Progress, unit: Unit, exercise: Exercise, *, first: bool) -> NextStep:
    standing = progress.exercises.get(exercise.id)
    if standing is None:
        where = f"open exercise of “{unit.title}”" if first else f"exercise of “{unit.title}” that you are ready for"
        reasons = [f"it is the first {where}"]
        command = f"study start {exercise.id}"
    else:
        grades = f", and graded it {standing.attempts} time{'s' if standing.attempts != 1 else ''}"
        reasons = [f"you have begun it{grades if standing.attempts else ''}"]
        command = f"study grade {exercise.id}"
    if exercise.prerequisites:
        reasons.append(f"what it builds on is solved: {', '.join(exercise.prerequisites)}")
    else:
        reasons.append("it builds on no other exercise")
    reasons.append(f"about {exercise.minutes} minutes, difficulty {exercise.difficulty} of 5")
    ref = exercise.readings[0]
    reading = content.readings[ref.id]
    step = describe_reading(reading, ref.chapter, _state(progress, ref.id))
    return NextStep(unit, exercise, step, tuple(reasons), command)


def _state(progress: Progress, reading_id: str) -> str:
    known = progress.readings.get(reading_id)
    return (known.state if known else None) or "new"


def describe_reading(reading: Reading, chapter_start: int | None, state: str) -> ReadingStep:
    """Pick the chapter that starts at `chapter_start`, and the address that leads right to it."""
    chapter = next((c for c in reading.chapters if c.t == chapter_start), None)
    return ReadingStep(reading, chapter, link_to(reading, chapter), state)


def link_to(reading: Reading, chapter: Chapter | None) -> str | None:
    """Return the address of a reading; for a chapter of a video, the second it starts at."""
    if reading.video_id and chapter is not None and chapter.t > 0:
        return f"https://www.youtube.com/watch?v={reading.video_id}&t={chapter.t}s"
    return reading.url


def resolve_id(typed: str, known: Iterable[str], kind: str) -> str:
    """Return the id that was meant: the id itself, or a part that only one id has.

    Raises:
        UsageError: If none or several fit; the message names the nearest.
    """
    ids = list(known)
    if typed in ids:
        return typed
    part = typed.lower().removesuffix(".py").rpartition("/")[2]
    fitting = [name for name in ids if part and part in name]
    fitting = [name for name in fitting if name == part] or fitting
    if len(fitting) == 1:
        return fitting[0]
    listing = "study list" if kind == "exercise" else "study list --readings"
    if fitting:
        shown = ", ".join(fitting[:8]) + (", …" if len(fitting) > 8 else "")
        raise UsageError(f"`{typed}` fits {len(fitting)} {kind}s: {shown}", hint="type more of the id")
    near = _nearest(part, ids)
    text = f"there is no {kind} `{typed}`" + (f"; the nearest: {', '.join(near)}" if near else "")
    raise UsageError(text, hint=listing)


def _nearest(part: str, ids: Sequence[str]) -> list[str]:
    import difflib

    near = difflib.get_close_matches(part, ids, 3, 0.5)
    by_word = [i for i in ids if difflib.get_close_matches(part, i.replace("-", "_").split("_"), 1, 0.75)]
    return list(dict.fromkeys([*near, *by_word]))[:3]
