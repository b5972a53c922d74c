"""The exercises, unit by unit: the status of each, its attempts, each check's history and the pictures of its last grade."""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from grader.core.models import Exercise, Unit
from grader.core.pictures import Picture
from grader.core.verdict import STATUSES, Status, Tone, VerdictName
from grader.plan.next_step import link_to
from grader.progress.events import AttemptChecks, AttemptEvent
from grader.progress.records import ExerciseProgress
from grader.view.next_step import clock, count
from grader.view.page.drawing import draw
from grader.view.page.markup import STATUS_WORDS, glyph, number, scroller, table, text
from grader.view.page.record import PageData
from grader.view.progress import UnitProgress, hours, sum_up_units

#: So many of an exercise's newest attempts are listed, and so many have their checks shown.
LISTED, CHECKED = 8, 16
#: So many exercises, those worked on last, are shown in full: more would make the page heavy.
MAX_FULL = 150
#: Of all pictures together; the longest of them is a twelfth of it.
MAX_PICTURE_BYTES = 360_000
#: Classes of the style sheet.
_KINDS: Mapping[Tone, str] = {"good": "y", "bad": "z", "dim": "o", "warning": "o"}
_VERDICTS: Mapping[VerdictName, str] = {
    "passed": "✓ passed",
    "failed": "✗ not passed",
    "grader_fault": "! a fault of ours",
}


def write_exercises(record: PageData) -> str:
    """Return a part for each unit that has exercises."""
    full, figures = _choose_full(record), _draw_pictures(record)
    parts = []
    for unit, so_far in zip(
        record.content.units, sum_up_units(record.content, record.progress, record.effort), strict=True
    ):
        if unit.exercises:
            members = "".join(
                _write_exercise(record, record.exercises[name], figures.get(name, ""), full=name in full)
                for name in unit.exercises
                if name in record.listed
            )
            if members:
                parts.append(f'<section class="unit">{_write_unit_head(unit, so_far)}{members}</section>')
    left_out = len(record.exercises) - len(record.listed)
    if left_out:
        parts.append(f'<p class="note">{count(left_out, "further exercise")} not begun: <code>study list</code></p>')
    gone = sorted(set(record.attempts) - set(record.exercises))
    if gone:
        shown = ", ".join(text(name, 60) for name in gone[:10]) + (", …" if len(gone) > 10 else "")
        parts.append(
            f'<p class="note">The log also has {count(len(gone), "exercise")} not in this course: {shown}.</p>'
        )
    return "".join(parts)


def _write_unit_head(unit: Unit, so_far: UnitProgress) -> str:
    done = number(100 * so_far.solved / so_far.exercises)
    time = f"{hours(so_far.minutes_spent)} of about {hours(so_far.minutes_estimated)} h"
    return (
        f'<h3>{text(unit.title)}</h3><p class="bar"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="all" width="100" height="6"/><rect class="f" width="{done}" height="6"/></svg>'
        f"<span>{so_far.solved} of {so_far.exercises} solved · {time}</span></p>"
        f'<p class="note">{text(unit.summary, 400)}</p>'
    )


def _choose_full(record: PageData) -> set[str]:
    begun = [name for name in record.exercises if name in record.attempts]
    return set(sorted(begun, key=lambda name: record.attempts[name][-1].at_us, reverse=True)[:MAX_FULL])


def _draw_pictures(record: PageData) -> dict[str, str]:
    """Draw the pictures of the exercises worked on last, while there is room; of the others say where they are."""
    room = MAX_PICTURE_BYTES
    drawn: dict[str, str] = {}
    latest = {name: attempts[-1].at_us for name, attempts in record.attempts.items()}
    for name in sorted(record.pictures, key=lambda name: latest.get(name, 0), reverse=True):
        pictures = record.pictures[name]
        if isinstance(pictures, str):
            drawn[name] = f'<p class="note">Its pictures are not shown: {text(pictures)}</p>'
            continue
        figures = _fit(pictures, room)
        room -= sum(len(figure.encode()) for figure in figures)
        left_out = len(pictures) - len(figures)
        more = (
            f'<p class="note">{count(left_out, "picture")} left out, to keep this page light: '
            f"<code>study show {text(name)} --plot</code></p>"
            if left_out
            else ""
        )
        drawn[name] = f'<h5>Pictures of the last grade</h5><div class="figures">{"".join(figures)}</div>{more}'
    return drawn


def _fit(pictures: Sequence[Picture], room: int) -> list[str]:
    figures: list[str] = []
    for picture in pictures:
        figure = draw(picture) if room > 0 else ""
        room -= len(figure.encode())
        if room <= 0:
            break
        figures.append(figure)
    return figures


def _write_exercise(record: PageData, exercise: Exercise, figures: str, *, full: bool) -> str:
    status, so_far = record.status(exercise.id), record.progress.exercises.get(exercise.id)
    due = '<b class="due">due for review</b>' if exercise.id in record.due else ""
    words = ", ".join(_say_progress(record, exercise, so_far))
    body = [f'<p class="note">{_say_place(record, exercise)}</p>']
    attempts = record.attempts.get(exercise.id, [])
    if full:
        body.append(_write_checks(record.history.get(exercise.id, ()), attempts) + _write_attempts(record, attempts))
    elif attempts:
        body.append(
            '<p class="note">Its attempts are left out, to keep this page light: it is long since the last.</p>'
        )
    else:
        body.append(f"<p><code>study start {exercise.id}</code></p>")
    body.append(figures)
    return (
        f'<details class="fold"><summary>{glyph(status)}<h4>{text(exercise.title)}</h4>{due}'
        f'<span class="note">{STATUS_WORDS[status]}{", " + words if words else ""}</span></summary>'
        f'<div class="body" id="ex-{exercise.id}">{"".join(body)}</div></details>'
    )


def _say_progress(record: PageData, exercise: Exercise, so_far: ExerciseProgress | None) -> Iterator[str]:
    if so_far is not None:
        if so_far.attempts:
            yield count(so_far.attempts, "attempt")
        if so_far.status == "tried":
            yield f"best {so_far.best_score} of {so_far.max_score} points"
        if so_far.hints_shown:
            yield count(so_far.hints_shown, "hint")
        if so_far.revealed == "gave_up":
            yield "solution looked up"
    spent = record.effort.exercises.get(exercise.id, 0.0)
    yield (
        f"{hours(spent)} of about {hours(exercise.minutes)} h" if spent >= 0.5 else f"about {hours(exercise.minutes)} h"
    )


def _say_place(record: PageData, exercise: Exercise) -> str:
    parts = [f"<code>{exercise.id}</code>, difficulty {exercise.difficulty} of 5"]
    if any(name in record.listed for name in exercise.prerequisites):
        links = (
            f'<a href="#ex-{name}">{text(record.exercises[name].title)}</a>'
            for name in exercise.prerequisites
            if name in record.listed
        )
        parts.append(f"builds on {', '.join(links)}")
    for ref in exercise.readings:
        reading = record.content.readings[ref.id]
        chapter = next((chapter for chapter in reading.chapters if chapter.t == ref.chapter), None)
        title = text(reading.title) + (f", from {clock(chapter.t)}" if chapter else "")
        url = link_to(reading, chapter)
        parts.append(
            f'belongs to <a href="{text(url, 600)}" rel="noreferrer">{title}</a>' if url else f"belongs to {title}"
        )
    return "; ".join(parts)


def _write_checks(history: Sequence[AttemptChecks], attempts: Sequence[AttemptEvent]) -> str:
    """Return a row for each check of the last attempt, with a sign for each of the newest attempts."""
    if not history:
        return ""
    numbers = {attempt.attempt_id: place for place, attempt in enumerate(attempts, 1)}
    columns = [f'<th scope="col">{numbers.get(one.attempt_id, "")}</th>' for one in history]
    outcomes = [{outcome.check_id: outcome.status for outcome in one.outcomes} for one in history]
    last = history[-1].outcomes[:100]
    rows = []
    for check in last:
        cells = "".join(_mark(found.get(check.check_id)) for found in outcomes)
        rows.append(f'<tr><th scope="row">{text(check.title, 120)}</th>{cells}</tr>')
    passed = sum(check.status == "passed" for check in last)
    older = len(attempts) - len(history)
    said = f"The last attempt passed {passed} of {count(len(last), 'check')}. ✓ passed, ✗ not passed, · not run."
    said += f" The {count(older, 'older attempt')} are left out." if older > 1 else ""
    drawn = (
        '<table class="checks"><caption class="vh">How each check came out, by number of the attempt</caption>'
        f'<thead><tr><th scope="col">Check</th>{"".join(columns)}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )
    return (
        f'<h5>Checks, attempt by attempt</h5><p class="note">{said}</p>{scroller("Checks, attempt by attempt", drawn)}'
    )


def _mark(status: str | None) -> str:
    if status is None:
        return "<td></td>"
    facts = STATUSES.get(cast("Status", status))
    if facts is None:  # a newer study-grader wrote it into the log
        return '<td class="o">?</td>'
    return f'<td class="{_KINDS[facts.tone]}">{facts.mark}</td>'


def _write_attempts(record: PageData, attempts: Sequence[AttemptEvent]) -> str:
    newest = list(reversed(attempts[-LISTED:]))
    rows = [
        (
            record.moment(one.at_us),
            _VERDICTS.get(one.verdict, "?"),
            f"{one.score} of {one.max_score}",
            f"{one.elapsed_s:.1f} s",
        )
        for one in newest
    ]
    older = attempts[:-LISTED]
    summary = ""
    if older:
        passed = sum(one.verdict == "passed" for one in older)
        summary = (
            f'<p class="note">And {count(len(older), "older attempt")}, from {record.moment(older[0].at_us)} on: '
            f"{passed} passed, {len(older) - passed} not.</p>"
        )
    listed = table("The newest attempts", ("When", "Verdict", "Points", "Took"), rows)
    return f"<h5>Attempts</h5>{scroller('Attempts', listed)}{summary}"
