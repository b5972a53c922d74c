"""Check what a single file cannot know: ids that lead nowhere, circles, doubles, missing files."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.course.source import Node, Source
from grader.models import Course, Exercise, Reading, ReadingList

Parsed = tuple[Source, object]
STUB, SOLUTION, CHECKS, MUTANTS = "stub.py", "solution.py", "checks.py", "mutants"


def check_readings(source: Source, listed: ReadingList) -> dict[str, Reading]:
    """Report doubled ids and impossible chapters; returns the readings by id."""
    found: dict[str, Reading] = {}
    for i, reading in enumerate(listed.readings):
        if reading.id in found:
            source.add(
                source.find("readings", i, "id"), f"the reading `{reading.id}` exists already; choose another id"
            )
        found[reading.id] = reading
        starts = [chapter.t for chapter in reading.chapters]
        for k, (before, after) in enumerate(zip(starts, starts[1:], strict=False)):
            if after <= before:
                node = source.find("readings", i, "chapters", k + 1, "t")
                source.add(node, f"chapter starts have to rise, found {after} after {before}; order them by time")
        if reading.chapters and not reading.video_id:
            node = source.find("readings", i, "chapters")
            source.add(node, "chapters need a video; add `video_id`, or leave the chapters out")
        if reading.video_id and reading.url and reading.video_id not in reading.url:
            node = source.find("readings", i, "video_id")
            source.add(node, f"`{reading.video_id}` is not the video of `url`; correct one of them")
    return found


def check_courses(
    courses: Iterable[tuple[Source, Course]], readings: Mapping[str, Reading], exercises: Mapping[str, Exercise]
) -> None:
    """Report ids of units that lead nowhere or stand twice."""
    seen: dict[tuple[str, str], str] = {}

    def claim(source: Source, node: Node, kind: str, name: str) -> None:
        if (kind, name) in seen:
            source.add(node, f"the {kind} `{name}` stands in {seen[kind, name]} already; keep one of them")
        seen[kind, name] = f"{source.path}:{node.line}"

    for source, course in courses:
        claim(source, source.find("id"), "course", course.id)
        for i, unit in enumerate(course.units):
            claim(source, source.find("units", i, "id"), "unit", unit.id)
            for k, name in enumerate(unit.readings):
                node = source.find("units", i, "readings", k)
                _require_known(source, node, "reading", name, readings, "add it to reading_list.yaml")
                claim(source, node, "reading", name)
            for k, name in enumerate(unit.exercises):
                node = source.find("units", i, "exercises", k)
                _require_known(source, node, "exercise", name, exercises, f"add exercises/{name}/exercise.yaml")
                claim(source, node, "exercise", name)


def check_all_placed(
    listed: Source,
    readings: Mapping[str, Reading],
    exercises: Mapping[str, tuple[Source, Exercise]],
    courses: Iterable[Course],
) -> None:
    """Report readings and exercises that no unit leads to: nobody would ever meet them."""
    units = [unit for course in courses for unit in course.units]
    placed = {name for unit in units for name in (*unit.readings, *unit.exercises)}
    for i, name in enumerate(readings):
        if name not in placed:
            text = f"no unit holds the reading `{name}`; add it to `readings:` of a unit in curriculum/"
            listed.add(listed.find("readings", i, "id"), text)
    for name, (source, _) in exercises.items():
        if name not in placed:
            text = f"no unit holds the exercise `{name}`; add it to `exercises:` of a unit in curriculum/"
            source.add(source.find("id"), text)


def check_exercise(
    source: Source, exercise: Exercise, folder: Path, readings: Mapping[str, Reading], exercises: Mapping[str, Exercise]
) -> None:
    """Report links of one exercise that lead nowhere, and files that are missing or too many."""
    if exercise.id != folder.name:
        source.add(source.find("id"), f"the id differs from its folder `{folder.name}`; make them the same")
    for i, ref in enumerate(exercise.readings):
        node = source.find("readings", i, "id")
        _require_known(source, node, "reading", ref.id, readings, "add it to reading_list.yaml")
        starts = [chapter.t for chapter in readings[ref.id].chapters] if ref.id in readings else []
        if ref.chapter is not None and ref.id in readings and ref.chapter not in starts:
            near = min(starts, key=lambda t: abs(t - (ref.chapter or 0)), default=None)
            instead = f"the nearest starts at {near}" if near is not None else "it has none, so leave `chapter` out"
            source.add(
                source.find("readings", i, "chapter"), f"no chapter of `{ref.id}` starts at {ref.chapter}; {instead}"
            )
    for i, name in enumerate(exercise.prerequisites):
        node = source.find("prerequisites", i)
        _require_known(source, node, "exercise", name, exercises, "leave it out or add the exercise")
    _check_checks(source, exercise)
    _check_mutants(source, exercise, folder)
    for name in (STUB, SOLUTION, CHECKS):
        if not (folder / name).is_file():
            source.add(source.root, f"{name} is missing beside this file; create {folder.name}/{name}")


def _check_checks(source: Source, exercise: Exercise) -> None:
    before: list[str] = []
    for i, check in enumerate(exercise.checks):
        if check.id in before:
            source.add(source.find("checks", i, "id"), f"the check `{check.id}` exists already; choose another id")
        for k, name in enumerate(check.needs):
            if name not in before:
                node = source.find("checks", i, "needs", k)
                _require_known(source, node, "check", name, before, "name a check that stands above this one")
        if check.continues is not None and _chain_end(exercise, i) != check.continues:
            node = source.find("checks", i, "continues")
            text = f"`{check.continues}` is not the check this one can continue; name the first check of the run of checks right above"
            source.add(node, text)
        before.append(check.id)


def _chain_end(exercise: Exercise, position: int) -> str | None:
    """Return the check whose process is still open just before `position`."""
    if position == 0:
        return None
    above = exercise.checks[position - 1]
    return above.continues or above.id


def _check_mutants(source: Source, exercise: Exercise, folder: Path) -> None:
    seen: list[str] = []
    check_ids = [check.id for check in exercise.checks]
    for i, mutant in enumerate(exercise.mutants):
        if mutant.id in seen:
            source.add(source.find("mutants", i, "id"), f"the mutant `{mutant.id}` exists already; choose another id")
        seen.append(mutant.id)
        node = source.find("mutants", i, "caught_by")
        _require_known(source, node, "check", mutant.caught_by, check_ids, "name a check of this exercise")
        if not (folder / MUTANTS / f"{mutant.id}.py").is_file():
            text = f"mutants/{mutant.id}.py is missing; create it or leave the mutant out"
            source.add(source.find("mutants", i, "id"), text)
    for file in sorted((folder / MUTANTS).glob("*.py")):
        if file.stem not in seen:
            source.add(
                source.find("mutants"), f"mutants/{file.name} is not declared; add it with `says` and `caught_by`"
            )


def check_circles(exercises: Mapping[str, tuple[Source, Exercise]]) -> None:
    """Report exercises that are prerequisites of themselves, each circle once."""
    done: set[str] = set()
    for start in exercises:
        trail: list[str] = []
        _walk(start, trail, done, exercises)


def _walk(name: str, trail: list[str], done: set[str], exercises: Mapping[str, tuple[Source, Exercise]]) -> None:
    stack: list[tuple[str, int]] = [(name, 0)]
    while stack:
        name, k = stack.pop()
        if k == 0:
            if name in done or name not in exercises:
                continue
            trail.append(name)
        source, exercise = exercises[name]
        if k < len(exercise.prerequisites):
            stack.append((name, k + 1))
            following = exercise.prerequisites[k]
            if following in trail:
                circle = " -> ".join([*trail[trail.index(following) :], following])
                source.add(
                    source.find("prerequisites", k), f"a circle of prerequisites: {circle}; leave one of them out"
                )
            else:
                stack.append((following, 0))
        else:
            trail.pop()
            done.add(name)


def _require_known(source: Source, node: Node, kind: str, name: str, known: Iterable[str], instead: str) -> None:
    names = list(known)
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        article = "an" if kind[0] in "aeiou" else "a"
        source.add(node, f"`{name}` is not {article} {kind}; " + (f"did you mean `{near[0]}`?" if near else instead))
