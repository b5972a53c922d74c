"""Show the course: what is next, the list of exercises, one exercise, readings."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from grader.core.models import Exercise, Reading
from grader.core.verdict import name_check
from grader.course import Content
from grader.plan.next_step import NextStep, ReadingStep, describe_reading, link_to
from grader.progress.records import Progress
from grader.text.console import line, link, prose

_MARKS = {"solved": ("✓", "green"), "tried": ("·", "yellow"), "started": ("·", "yellow"), "open": (" ", "dim")}


def clock(seconds: int) -> str:
    """Write a place in a video: 1:00:50."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def count(number: int, what: str) -> str:
    """Write a number of things: 1 attempt, 2 attempts."""
    return f"{number} {what}" + ("" if number == 1 else "s")


def status_of(progress: Progress, exercise_id: str) -> str:
    """Return solved, tried, started or open."""
    so_far = progress.exercises.get(exercise_id)
    return so_far.status if so_far else "open"


def render_next(step: NextStep) -> RenderableType:
    """Show the proposed step: reading, exercise, reasons, command."""
    lines: list[Text] = []
    if step.reading is not None:
        lines += _render_reading_step(step.reading)
    if step.exercise is not None:
        lines.append(line(("Solve  ", "bold"), (step.exercise.id, "bold cyan"), f"  {step.exercise.title}"))
    lines += [line("       ", (reason, "dim")) for reason in step.reasons]
    if step.command:
        lines.append(line(("Type   ", "bold"), (step.command, "bold green")))
    return Group(*lines)


def _render_reading_step(step: ReadingStep) -> Iterator[Text]:
    verb = "Watch  " if step.reading.kind in ("lecture", "video") else "Read   "
    about = f"  ({step.state})" if step.state != "new" else ""
    yield line((verb, "bold"), step.reading.title, (about, "dim"))
    if step.chapter is not None:
        yield line(f"       from {clock(step.chapter.t)}: “{step.chapter.title}”")
    if step.url:
        yield line("       ").append_text(link(step.url))
    elif step.reading.note:
        yield line("       ", (step.reading.note, "dim"))


def render_list(content: Content, progress: Progress, unit_part: str | None, status: str | None) -> RenderableType:
    """Show the exercises by unit, with their status; units without a match are left out."""
    lines: list[Text] = []
    for unit in content.units:
        if unit_part and unit_part not in unit.id:
            continue
        rows = [content.exercises[name] for name in unit.exercises]
        rows = [e for e in rows if status is None or status_of(progress, e.id) == status]
        if not rows:
            continue
        lines.append(line((unit.title, "bold"), (f"  [{unit.id}]", "dim")))
        for exercise in rows:
            state = status_of(progress, exercise.id)
            mark, style = _MARKS[state]
            effort = f"{exercise.minutes} min, difficulty {exercise.difficulty}" + (f", {state}" * (state != "open"))
            lines.append(line((f"  {mark} ", style), f"{exercise.id:<28} {exercise.title}  ", (effort, "dim")))
    return Group(*lines) if lines else line("no exercise fits; `study list` shows all of them")


def state_of(progress: Progress, reading_id: str) -> str:
    """Return done, reading, queued or new."""
    known = progress.readings.get(reading_id)
    return (known.state if known else None) or "new"


def render_readings(
    content: Content, progress: Progress, unit_part: str | None, only: str | None = None
) -> RenderableType:
    """Show the readings by unit, with their state; of one state `only`, units without a match are left out."""
    lines: list[Text] = []
    for unit in content.units:
        if unit_part and unit_part not in unit.id:
            continue
        names = [name for name in unit.readings if only is None or state_of(progress, name) == only]
        if only is None or names:
            lines.append(line((unit.title, "bold"), (f"  [{unit.id}]", "dim")))
        for name in names:
            state = state_of(progress, name)
            mark, style = ("✓", "green") if state == "done" else (" ", "dim") if state == "new" else ("·", "yellow")
            said = ("" if state == "new" else f"  {state}", "dim")
            lines.append(line((f"  {mark} ", style), f"{name:<40} {content.readings[name].title}", said))
    if not lines and only is not None:
        return line("no reading fits; `study list --readings` shows all of them")
    return Group(*lines) if lines else line("no unit fits; `study list --readings` shows all of them")


def render_exercise(content: Content, exercise: Exercise, status: str, path: str) -> RenderableType:
    """Show one exercise: statement, readings, checks."""
    lines = [
        line((exercise.id, "bold cyan"), f"  {exercise.title}"),
        line((f"{exercise.minutes} min, difficulty {exercise.difficulty} of 5, {status}", "dim")),
        Text(),
        *prose(exercise.statement),
        Text(),
        line(("To read", "bold")),
    ]
    for ref in exercise.readings:
        step = describe_reading(content.readings[ref.id], ref.chapter, "")
        place = f", from {clock(step.chapter.t)}: “{step.chapter.title}”" if step.chapter else ""
        lines.append(line(f"  {step.reading.title}{place}"))
        if step.url:
            lines.append(line("  ").append_text(link(step.url)))
    lines += [Text(), line(("Checks", "bold"))]
    for check in exercise.checks:
        lines.append(line(f"  {name_check(check)}  ", (f"({count(check.points, 'point')})", "dim")))
    if exercise.questions and status == "solved":
        lines += [Text(), line(("Questions", "bold"))]
        lines += [line(f"  {question.asks}  ", (f"[{question.id}]", "dim")) for question in exercise.questions]
    lines += [Text(), line(("Your file  ", "bold"), path)]
    return Group(*lines)


def render_reading(reading: Reading, progress: Progress) -> RenderableType:
    """Show one reading: what it is, where it is, its chapters, your state and notes."""
    known = progress.readings.get(reading.id)
    about = ", ".join([reading.kind, *([str(reading.year)] if reading.year else []), f"about {reading.minutes} min"])
    lines = [line((reading.id, "bold cyan"), f"  {reading.title}"), line((about, "dim"))]
    if reading.authors:
        lines.append(line(", ".join(reading.authors)))
    if reading.url:
        lines.append(link(reading.url))
    if reading.note:
        lines.append(line((reading.note, "dim")))
    for chapter in reading.chapters:
        url = link_to(reading, chapter)
        lines.append(line(f"  {clock(chapter.t):>8}  {chapter.title}  ").append_text(link(url) if url else Text()))
    if known:
        spent = f", {known.minutes} min spent" if known.minutes else ""
        lines.append(line(("you: ", "bold"), f"{known.state or 'noted'}{spent}"))
        lines += [line("  - " + note.replace("\n", "\n    ")) for note in known.notes]
    return Group(*lines)
