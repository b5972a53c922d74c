"""Put the page together: head, figures, map, calendar, attempts, exercises, readings."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from grader.view.next_step import count
from grader.view.page.calendar import draw_attempts, draw_calendar
from grader.view.page.map import draw_map
from grader.view.page.markup import GLYPHS, STATUS_WORDS, glyph, text
from grader.view.page.readings import write_readings
from grader.view.page.record import PageData
from grader.view.page.sections import write_exercises
from grader.view.progress import count_done, hours

#: How every page of ours begins, so that one can be told from a file of the learner's.
BEGINNING = "<!doctype html>\n<!-- made by: study progress --web -->\n"
_STYLE = Path(__file__).with_name("style.css")
_PARTS = (
    ("map", "Map", "What builds on what. Each exercise leads to its section below."),
    ("calendar", "Calendar", ""),
    ("attempts", "Attempts", ""),
    ("exercises", "Exercises", "Open one for its checks, its attempts and the pictures of its last grade."),
    ("readings", "Readings", ""),
)


def write_page(record: PageData, streak: int) -> str:
    """Return the whole page.

    It needs no other file and no network, and runs no script: its policy forbids all of them, whatever a note or a
    message of the learner's may try.

    Args:
        record: The course and what the log knows of it.
        streak: Days in a row with an attempt or a reading.
    """
    style = _STYLE.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    bodies = {
        "map": _write_legend() + draw_map(record),
        "calendar": draw_calendar(record),
        "attempts": draw_attempts(record),
        "exercises": write_exercises(record),
        "readings": write_readings(record),
    }
    made = f"{record.now.day} {record.now:%b %Y, %H:%M}"
    courses = " · ".join(text(course.title) for course in record.content.courses)
    links = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title, _ in _PARTS)
    sections = "".join(
        f'<section aria-labelledby="{name}"><h2 id="{name}">{title}</h2>'
        f"{f'<p>{says}</p>' if says else ''}{bodies[name]}</section>\n"
        for name, title, says in _PARTS
    )
    figures = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in _list_figures(record, streak))
    return (
        f'{BEGINNING}<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>Progress, {made}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#main">Skip to the content</a>\n{GLYPHS}'
        f"<header><h1>Your progress</h1><p>{courses}</p><dl>{figures}</dl></header>\n"
        f'<nav aria-label="On this page"><ul>{links}</ul></nav>\n<main id="main" tabindex="-1">\n{sections}</main>\n'
        f"<footer><p>Made on {made} by <code>study progress --web</code>, which updates it. "
        "All of it is in this one file; opening it sends nothing anywhere.</p></footer>\n</body>\n</html>\n"
    )


def _write_legend() -> str:
    items = "".join(f"<li>{glyph(status)}{word}</li>" for status, word in STATUS_WORDS.items())
    return f'<ul class="key" aria-label="What the signs mean">{items}</ul>'


def _list_figures(record: PageData, streak: int) -> Iterator[tuple[str, str]]:
    exercises, readings = record.exercises, record.content.readings
    solved = sum(record.status(name) == "solved" for name in exercises)
    spent, estimated = sum(record.effort.exercises.values()), sum(e.minutes for e in exercises.values())
    done = count_done(record.progress.readings, list(readings))
    yield "exercises solved", f"{solved} <small>of {len(exercises)}</small>"
    yield "attempts", f"{record.progress.attempts:,}"
    yield "in a row", count(streak, "day").replace(" ", " <small>", 1) + "</small>"
    yield "hours on exercises", f"{hours(spent)} <small>of {hours(estimated)}</small>"
    yield "readings done", f"{done} <small>of {len(readings)}</small>"
    if record.effort.readings:
        yield "hours on readings", hours(sum(record.effort.readings.values()))
    if record.due:
        yield "due for review", str(len(record.due))
