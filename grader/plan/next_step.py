"""What to do next: pure functions of the course and the progress, with the reasons spelled out."""

from msgspec import Struct

from grader.core.models import Chapter, Exercise, Reading, Unit
from grader.course import Content
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
    """Propose the next step: an exercise that was begun, else the first that is ready, else a reading.

    What was begun is proposed even if exercises it builds on are open: finishing it is what the learner is at.
    """
    solved = {name for name, p in progress.exercises.items() if p.status == "solved"}
    open_ones = [(unit, name) for unit in content.units for name in unit.exercises if name not in solved]
    begun = [(unit, name) for unit, name in open_ones if name in progress.exercises]
    begun.sort(key=lambda pair: pair[1] != progress.last_started)
    # A generator: of a large course only the exercises up to the first that is ready are decoded.
    ready = (
        (unit, name) for unit, name in open_ones if all(p in solved for p in content.exercises[name].prerequisites)
    )
    if chosen := next(iter(begun), None) or next(ready, None):
        unit, name = chosen
        first_open = next(name for name in unit.exercises if name not in solved)
        return _propose_exercise(content, progress, unit, content.exercises[name], first=name == first_open)
    every = "every exercise that is not left out" if content.left_out else "every exercise"
    for unit in content.units:
        for name in unit.readings:
            if _state(progress, name) != "done":
                step = describe_reading(content.readings[name], None, _state(progress, name))
                reasons = (f"{every} is solved; this is the first open reading of “{unit.title}”",)
                return NextStep(unit, None, step, reasons, f"study read {name} --done")
    return NextStep(None, None, None, (f"{every} is solved and every reading is done",), None)


def _propose_exercise(content: Content, progress: Progress, unit: Unit, exercise: Exercise, *, first: bool) -> NextStep:
    so_far = progress.exercises.get(exercise.id)
    if so_far is None:
        where = f"open exercise of “{unit.title}”" if first else f"exercise of “{unit.title}” that you are ready for"
        reasons = [f"it is the first {where}"]
        command = f"study start {exercise.id}"
    else:
        grades = f", and graded it {so_far.attempts} time{'s' if so_far.attempts != 1 else ''}"
        reasons = [f"you have begun it{grades if so_far.attempts else ''}"]
        command = f"study grade {exercise.id}"
    reasons.append(_describe_prerequisites(exercise, progress))
    reasons.append(f"about {exercise.minutes} minutes, difficulty {exercise.difficulty} of 5")
    ref = exercise.readings[0]
    reading = content.readings[ref.id]
    step = describe_reading(reading, ref.chapter, _state(progress, ref.id))
    return NextStep(unit, exercise, step, tuple(reasons), command)


def _describe_prerequisites(exercise: Exercise, progress: Progress) -> str:
    if not exercise.prerequisites:
        return "it builds on no other exercise"
    all_so_far = {name: progress.exercises.get(name) for name in exercise.prerequisites}
    missing = [name for name, so_far in all_so_far.items() if so_far is None or so_far.status != "solved"]
    if missing:
        return f"it builds on exercises not solved yet: {', '.join(missing)}"
    return f"what it builds on is solved: {', '.join(exercise.prerequisites)}"


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
