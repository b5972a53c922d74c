"""The last twelve months: a calendar with a square for each day, and how many attempts each week had."""

from datetime import date, datetime, timedelta
from itertools import groupby

from grader.plan.effort import find_day, find_longest_streak
from grader.view.next_step import count
from grader.view.page.markup import number, scroller, table
from grader.view.page.record import PageData, write_day

_WEEKS = 53
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LEVELS = (1, 3, 6, 12)  # from how many events on a day's square grows
_CHART_WIDTH, _CHART_HEIGHT, _CHART_LEFT, _CHART_BOTTOM = 1100, 170, 34, 24


def _first_monday(today: date) -> date:
    return today - timedelta(days=today.weekday(), weeks=_WEEKS - 1)


def draw_calendar(record: PageData) -> str:
    """Return the calendar as a table, with a sentence that says what it shows."""
    today = record.now.date()
    mondays = [_first_monday(today) + timedelta(weeks=week) for week in range(_WEEKS)]
    shown = {day: n for day, n in record.days.items() if mondays[0] <= day <= today}
    months = ["<td></td>"]
    for (_, _), group in groupby(mondays, key=lambda monday: (monday.year, monday.month)):
        weeks = list(group)
        # A month of one or two weeks has no room for its name beside the next one's.
        name = f"{weeks[0]:%b}" if len(weeks) > 2 else f'<span class="vh">{weeks[0]:%b}</span>'
        months.append(f'<th scope="colgroup" colspan="{len(weeks)}">{name}</th>')
    rows = []
    for weekday, name in enumerate(_DAYS):
        cells = "".join(_draw_day(monday + timedelta(days=weekday), shown, today) for monday in mondays)
        label = name if weekday % 2 == 0 else f'<span class="vh">{name}</span>'
        rows.append(f'<tr><th scope="row">{label}</th>{cells}</tr>')
    drawn = (
        '<table class="cal"><caption class="vh">Attempts and readings on each day</caption>'
        f"<thead><tr>{''.join(months)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    legend = "".join(f'<li><i class="q l{level + 1}"></i>{low}+</li>' for level, low in enumerate(_LEVELS))
    return (
        f"<p>{_say(shown, record)}</p>{scroller('Calendar, wider than a small window', drawn)}"
        f'<ul class="key" aria-label="What the squares mean"><li><i class="q l0"></i>nothing</li>{legend}</ul>'
    )


def _draw_day(day: date, shown: dict[date, int], today: date) -> str:
    if day > today:
        return "<td></td>"
    events = shown.get(day, 0)
    level = sum(events >= low for low in _LEVELS)
    said = f'<span class="vh">{events}</span>' if events else ""
    now = " now" if day == today else ""
    return f'<td title="{write_day(day)}: {events or "nothing"}"><i class="q l{level}{now}"></i>{said}</td>'


def _say(shown: dict[date, int], record: PageData) -> str:
    if not shown:
        return "Nothing yet in the last twelve months. Each attempt and each reading will leave its mark here."
    busiest = max(shown, key=lambda day: (shown[day], day))
    longest = find_longest_streak(record.days)
    return (
        f"In the last twelve months {sum(shown.values()):,} attempts and entries on readings, "
        f"on {count(len(shown), 'day')}. The busiest was {write_day(busiest)}, with {shown[busiest]}; "
        f"the longest row was {count(longest, 'day')}."
    )


def draw_attempts(record: PageData) -> str:
    """Return a bar for each week, what passed below and what did not above, with the same as a table by month."""
    first = _first_monday(record.now.date())
    weeks = [[0, 0] for _ in range(_WEEKS)]
    months: dict[tuple[int, int], list[int]] = {}
    for attempt in record.events.attempts:
        day = find_day(attempt.at_us, record.now.tzinfo)
        if day is None or attempt.verdict == "grader_fault":
            continue
        passed = int(attempt.verdict == "passed")
        month = months.setdefault((day.year, day.month), [0, 0])
        month[passed] += 1
        week = (day - first).days // 7
        if 0 <= week < _WEEKS:
            weeks[week][passed] += 1
    if not months:
        return "<p>No attempts yet. Type <code>study next</code> for where to begin.</p>"
    newest = sorted(months, reverse=True)[:24]
    rows = [
        (f"{datetime(*month, 1):%b %Y}", str(sum(months[month])), str(months[month][1]), str(months[month][0]))
        for month in newest
    ]
    older = f"<p>{count(len(months) - 24, 'older month')} left out.</p>" if len(months) > 24 else ""
    listed = table("Attempts by month", ("Month", "Attempts", "Passed", "Not passed"), rows)
    return (
        scroller("Attempts by week, wider than a small window", _draw_weeks(weeks, first))
        + '<ul class="key"><li><i class="q ok"></i>passed</li><li><i class="q no"></i>not passed</li></ul>'
        + f"<details><summary>The same as a table, by month</summary>{listed}{older}</details>"
    )


def _draw_weeks(weeks: list[list[int]], first: date) -> str:
    most = max(map(sum, weeks)) or 1
    step: int = next(s for k in range(20) for s in (10**k, 2 * 10**k, 5 * 10**k) if most <= 4 * s)
    top = -(-most // step) * step
    height, width = _CHART_HEIGHT - _CHART_BOTTOM - 10, (_CHART_WIDTH - _CHART_LEFT) / _WEEKS

    def y(value: float) -> float:
        return 10 + height * (1 - value / top)

    parts = []
    for value in range(0, top + 1, step):
        parts.append(f'<path class="grid" d="M{_CHART_LEFT} {number(y(value))}H{_CHART_WIDTH}"/>')
        parts.append(
            f'<text class="t" x="{_CHART_LEFT - 8}" y="{number(y(value) + 4)}" text-anchor="end">{value}</text>'
        )
    for week, (failed, passed) in enumerate(weeks):
        x, bar = _CHART_LEFT + week * width + 2, number(width - 4)
        monday = first + timedelta(weeks=week)
        if passed:
            parts.append(_bar(x, y(passed), bar, height * passed / top, "ok"))
        if failed:
            parts.append(_bar(x, y(passed + failed), bar, height * failed / top, "no"))
        if monday.day <= 7:
            parts.append(f'<text class="t" x="{number(x)}" y="{_CHART_HEIGHT - 6}">{monday:%b}</text>')
    total, good = sum(map(sum, weeks)), sum(passed for _, passed in weeks)
    said = f"Attempts by week: {total} in twelve months, of which {good} passed; {most} in the busiest week"
    return (
        f'<svg class="weeks" role="img" aria-label="{said}" width="{_CHART_WIDTH}" height="{_CHART_HEIGHT}" '
        f'viewBox="0 0 {_CHART_WIDTH} {_CHART_HEIGHT}">{"".join(parts)}</svg>'
    )


def _bar(x: float, y: float, width: str, height: float, kind: str) -> str:
    return f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" width="{width}" height="{number(height)}"/>'
