"""The map of the course: each unit a band, its exercises from left to right, what builds on what as lines."""

import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from grader.core.models import Unit
from grader.view.next_step import count
from grader.view.page.markup import STATUS_WORDS, number, scroller, text
from grader.view.page.record import MAX_LISTED, PageData

_WIDTH, _HEIGHT = 136, 52  # of a node, in pixels; seven columns of them fit a page
_GAP_X, _GAP_Y = 20, 16
_BAND_TOP, _BAND_BOTTOM = 34, 26
_LINE_CHARACTERS = 16  # fit a node at the size of its letters


#: Lines that share a gap between two columns run beside each other, by the exercise they come from.
_LANES = (-5.0, -1.5, 2.0, 5.5)
_BEND = 6


class _Place(NamedTuple):
    x: float
    y: float
    column: int
    unit: str


def draw_map(record: PageData) -> str:
    """Return the map as HTML; each node links to the section of its exercise."""
    places: dict[str, _Place] = {}
    bands: list[str] = []
    height, widest, left_out = 0.0, 0, 0
    for unit in record.content.units:
        if not unit.exercises:
            continue
        if left_out or len(places) + len(unit.exercises) > MAX_LISTED:
            left_out += len(unit.exercises)
            continue
        placed = _lay_out(record, unit, height + _BAND_TOP)
        places |= placed
        bands.append(f'<text class="u" x="{_GAP_X}" y="{number(height + 18)}">{text(unit.title, 90)}</text>')
        height = max(place.y for place in placed.values()) + _HEIGHT + _BAND_BOTTOM
        widest = max(widest, *(round(place.x) + _WIDTH for place in placed.values()))
    if not places:
        return "<p>This course has no exercises yet.</p>"
    edges = "".join(_draw_edges(record, places))
    nodes = "".join(_draw_node(record, name, place) for name, place in places.items())
    svg = (
        f'<svg class="map" role="group" aria-label="Map of the exercises" width="{widest + 4}" height="{round(height)}" '
        f'viewBox="-2 0 {widest + 4} {round(height)}">{edges}{"".join(bands)}{nodes}</svg>'
    )
    more = (
        f"<p>{count(left_out, 'further exercise')} do not fit the map; it shows the first units.</p>"
        if left_out
        else ""
    )
    return scroller("Map of the exercises, wider than a small window", svg) + more


def _lay_out(record: PageData, unit: Unit, top: float) -> dict[str, _Place]:
    """Place a unit's exercises: as many columns from the left as exercises of the unit come before it."""
    depths: dict[str, int] = {}

    def depth(name: str) -> int:
        if name not in depths:
            before = [other for other in record.exercises[name].prerequisites if other in members]
            depths[name] = 1 + max(map(depth, before), default=-1)
        return depths[name]

    members = set(unit.exercises)
    filled: dict[int, int] = {}
    places: dict[str, _Place] = {}
    for name in unit.exercises:
        column = depth(name)
        row = filled.get(column, 0)
        filled[column] = row + 1
        places[name] = _Place(_GAP_X + column * (_WIDTH + _GAP_X), top + row * (_HEIGHT + _GAP_Y), column, unit.id)
    return places


def _draw_edges(record: PageData, places: dict[str, _Place]) -> Iterator[str]:
    lanes: dict[str, int] = {}
    for name, place in places.items():
        for before in record.exercises[name].prerequisites:
            if before in places:
                lane = _LANES[lanes.setdefault(before, len(lanes)) % len(_LANES)]
                done = " d" if record.status(before) == "solved" else ""
                yield f'<path class="e{done}" d="{_route(places[before], place, lane)}"/>'


def _route(start: _Place, end: _Place, lane: float) -> str:
    """Lead a line from one node to another where no third one lies: all bands have the same columns.

    To the next column of the same unit it is a curve; else it runs below the row of its start, and then down the gap
    before the column of its end.
    """
    to_y = end.y + _HEIGHT / 2
    if start.unit == end.unit and end.column == start.column + 1:
        x, y, half = start.x + _WIDTH, start.y + _HEIGHT / 2, _GAP_X / 2
        middle = number(x + half)
        return f"M{number(x)} {number(y)}C{middle} {number(y)} {middle} {number(to_y)} {number(end.x)} {number(to_y)}"
    x, y = start.x + _WIDTH / 2 + 3 * lane, start.y + _HEIGHT
    down, across = y + _GAP_Y / 2 + lane / 2, end.x - _GAP_X / 2 + lane
    side = _BEND if across > x else -_BEND
    turn = _BEND if to_y > down else -_BEND
    return (
        f"M{number(x)} {number(y)}V{number(down - 3)}q0 3 {number(side / 2)} 3H{number(across - side)}"
        f"q{side} 0 {side} {turn}V{number(to_y - turn)}q0 {turn} {_BEND / 2:.0f} {turn}H{number(end.x)}"
    )


def _draw_node(record: PageData, name: str, place: _Place) -> str:
    exercise, status = record.exercises[name], record.status(name)
    so_far = record.progress.exercises.get(name)
    due = name in record.due
    words = STATUS_WORDS[status] + (", due for review" if due else "")
    below = "builds on " + (", ".join(exercise.prerequisites) or "nothing")
    lines = _wrap(_short(name))
    first = 18 if len(lines) == 2 else 24
    label = "".join(
        f'<text class="n" x="28" y="{first + 13 * row}">{text(part)}</text>' for row, part in enumerate(lines)
    )
    tries = count(so_far.attempts, "try").replace("trys", "tries") if so_far and so_far.attempts else ""
    small = "due for review" if due else " · ".join(part for part in (STATUS_WORDS[status], tries) if part)
    return (
        f'<a href="#ex-{text(name)}" class="{status}" aria-label="{text(f"{exercise.title}: {words}; {below}")}">'
        f'<g transform="translate({number(place.x)} {number(place.y)})"><rect width="{_WIDTH}" height="{_HEIGHT}" rx="9"/>'
        f'<svg class="g {status}" x="8" y="8" width="14" height="14"><use href="#g-{status}"/></svg>{label}'
        f'<text class="s" x="28" y="{first + 13 * len(lines) + 1}">{small}</text>'
        f"<title>{text(exercise.title)} ({words})</title></g></a>"
    )


def _short(name: str) -> str:
    """Leave the number of an id away, which in the map only takes room."""
    first, _, rest = name.partition("_")
    return (rest if rest and first[-1].isdigit() else name).replace("_", " ")


def _wrap(label: str) -> list[str]:
    lines = textwrap.wrap(label, _LINE_CHARACTERS)
    return lines if len(lines) <= 2 else [lines[0], lines[1][: _LINE_CHARACTERS - 1] + "…"]
