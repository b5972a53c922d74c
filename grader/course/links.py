"""Check what a single file cannot know: ids that lead nowhere, circles, doubles, missing files.

Everything here looks at the trees of the files, not at the models, so that an unknown key or a bad value
somewhere hides none of these problems. Where something is wrong already, nothing more is said about it.
"""

import difflib
import itertools
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from grader.course.code import ACCEPT, CHECKS, MUTANTS, SOLUTION, STUB, list_python
from grader.course.declared_checks import check_declared
from grader.course.derived_stub import has_markers
from grader.course.yaml_tree import Node, YamlFile

#: The ids of readings, each with the starts of its chapters, or None where one of those is unusable.
Starts = Mapping[str, Sequence[int] | None]


def check_links(listed: YamlFile, courses: Sequence[YamlFile], exercises: Mapping[Path, YamlFile]) -> None:
    """Report every link that leads nowhere, is there twice or runs in a circle.

    Args:
        listed: The reading list.
        courses: The files of curriculum/.
        exercises: The exercise.yaml of each exercise folder.
    """
    readings = _check_readings(listed)
    known = {name for folder, source in exercises.items() for name in (folder.name, source.root.at("id").text) if name}
    whole = {folder: source for folder, source in exercises.items() if source.whole}
    for folder, source in whole.items():
        _check_exercise(source, folder, readings, known)
    _check_circles({folder.name: source for folder, source in whole.items()})
    meant = _check_courses(courses, readings, known)
    if all(source.root.at("units").items for source in courses):
        _check_all_placed(
            listed, whole.values(), {*meant, *(name for source in courses for name in _mentions(source.root))}
        )


def _check_readings(source: YamlFile) -> Starts | None:
    """Report doubled ids and impossible chapters; returns None unless every reading has an id."""
    found: dict[str, list[int] | None] = {}
    complete = True
    for reading in source.root.at("readings").items:
        name = reading.at("id")
        complete &= _sound_text(source, name) is not None
        if name.text in found:
            source.add(name, f"the reading `{name.text}` exists already; choose another id")
        chapters = reading.at("chapters")
        starts = [(node, int(node.value)) for node in (c.at("t") for c in chapters.items) if _is_number(source, node)]
        for (_, before), (node, after) in itertools.pairwise(starts):
            if after <= before:
                source.add(node, f"chapter starts have to rise, found {after} after {before}; order them by time")
        video, url = reading.at("video_id"), reading.at("url")
        if chapters.items and video.value is None:
            source.add(chapters, "chapters need a video; add `video_id`, or leave the chapters out")
        shown = _sound_text(source, video)
        if shown is not None and url.text and shown not in url.text:
            source.add(video, f"`{shown}` is not the video of `url`; correct one of them")
        usable = len(starts) == len(chapters.items) and not source.has_problem_at(chapters)
        found.setdefault(name.text or "", [start for _, start in starts] if usable else None)
    return found if found and complete else None


def _sound_text(source: YamlFile, node: Node) -> str | None:
    """Return the text of a node, unless it has none or one that is known to be wrong."""
    return None if source.has_problem_at(node) else node.text


def _is_number(source: YamlFile, node: Node) -> bool:
    return (_sound_text(source, node) or "").isdecimal()


def _check_courses(courses: Iterable[YamlFile], readings: Starts | None, exercises: Collection[str]) -> set[str]:
    """Report ids of units that lead nowhere or are there twice; returns the ids that were probably meant."""
    seen: dict[tuple[str, str], str] = {}
    meant: set[str | None] = set()

    def claim(source: YamlFile, node: Node, kind: str) -> None:
        name = _sound_text(source, node)
        if name is None:
            return
        if (kind, name) in seen:
            source.add(node, f"the {kind} `{name}` is in {seen[kind, name]} already; keep one of them")
        seen[kind, name] = f"{source.path}:{node.line}"

    for source in courses:
        claim(source, source.root.at("id"), "course")
        for unit in source.root.at("units").items:
            claim(source, unit.at("id"), "unit")
            for node in unit.at("readings").items:
                meant.add(_require_known(source, node, "reading", readings, "add it to reading_list.yaml"))
                claim(source, node, "reading")
            for node in unit.at("exercises").items:
                instead = f"add exercises/{node.text}/exercise.yaml"
                meant.add(_require_known(source, node, "exercise", exercises, instead))
                claim(source, node, "exercise")
    return {name for name in meant if name is not None}


def _check_all_placed(listed: YamlFile, exercises: Iterable[YamlFile], placed: Collection[str]) -> None:
    """Report readings and exercises that no unit leads to: a learner would never meet them."""
    for reading in listed.root.at("readings").items:
        name = reading.at("id")
        if (shown := _sound_text(listed, name)) is not None and shown not in placed:
            text = f"no unit holds the reading `{shown}`; add it to `readings:` of a unit in curriculum/"
            listed.add(name, text)
    for source in exercises:
        name = source.root.at("id")
        if (shown := _sound_text(source, name)) is not None and shown not in placed:
            text = f"no unit holds the exercise `{shown}`; add it to `exercises:` of a unit in curriculum/"
            source.add(name, text)


def _mentions(root: Node) -> Iterable[str]:
    """Give all texts that may be meant as ids in a course, also where a key is misspelt or a list is none."""
    remaining = [root]
    while remaining:
        node = remaining.pop()
        remaining += node.items
        if node.text is not None:
            yield node.text
        if isinstance(node.value, dict):
            yield from node.value
            remaining += [value for key, (_, value) in node.value.items() if key not in ("id", "title", "summary")]


def check_alone(source: YamlFile, folder: Path) -> None:
    """Report what can be said of an exercise without the course around it: nothing on readings and prerequisites."""
    _check_exercise(source, folder, None, None)


def _check_exercise(source: YamlFile, folder: Path, readings: Starts | None, exercises: Collection[str] | None) -> None:
    """Report links of one exercise that lead nowhere, and files that are missing or too many."""
    name = source.root.at("id")
    if _sound_text(source, name) not in (None, folder.name):
        source.add(name, f"the id differs from its folder `{folder.name}`; make them the same")
    for ref in source.root.at("readings").items:
        _require_known(source, ref.at("id"), "reading", readings, "add it to reading_list.yaml")
        _check_chapter(source, ref.at("chapter"), ref.at("id").text or "", readings or {})
    for node in source.root.at("prerequisites").items:
        _require_known(source, node, "exercise", exercises, "leave it out or add the exercise")
    _check_checks(source)
    _check_mutants(source, folder)
    _check_alternatives(source, folder)
    _check_questions(source)
    _check_code(source, folder)
    check_declared(source, folder)


def _check_chapter(source: YamlFile, node: Node, reading: str, readings: Starts) -> None:
    if reading not in readings or not _is_number(source, node):
        return
    starts, start = readings[reading], int(node.value)
    if starts is not None and start not in starts:
        near = min(starts, key=lambda t: abs(t - start), default=None)
        instead = f"the nearest starts at {near}" if near is not None else "it has none, so leave `chapter` out"
        source.add(node, f"no chapter of `{reading}` starts at {start}; {instead}")


def _check_checks(source: YamlFile) -> None:
    above: list[str] = []
    below = [check.at("id").text for check in source.root.at("checks").items]
    chain: str | None = None  # the check whose worker process is still open
    for check in source.root.at("checks").items:
        name, continued = check.at("id"), check.at("continues")
        if name.text in above:
            source.add(name, f"the check `{name.text}` exists already; choose another id")
        for node in check.at("needs").items:
            if node.text in below and node.text not in above:
                source.add(node, f"`{node.text}` is not above this check; order the checks so that it is")
            else:
                _require_known(source, node, "check", above, "name a check above this one")
        if _sound_text(source, continued) not in (None, chain):
            text = (
                f"`{continued.text}` is not the check this one can continue; "
                "name the first check of the run of checks right above"
            )
            source.add(continued, text)
        chain = chain if chain is not None and continued.text == chain else name.text
        above += [name.text] if name.text else []
        below = below[1:]


def _check_mutants(source: YamlFile, folder: Path) -> None:
    mutants = source.root.at("mutants")
    named = [check.at("id").text for check in source.root.at("checks").items]
    checks = [name for name in named if name] if named and all(named) else None
    seen: list[str] = []
    complete = bool(mutants.items)
    for mutant in mutants.items:
        name = mutant.at("id")
        sound = _sound_text(source, name) is not None
        complete &= sound
        if name.text in seen:
            source.add(name, f"the mutant `{name.text}` exists already; choose another id")
        _require_known(source, mutant.at("caught_by"), "check", checks, "name a check of this exercise")
        if sound:
            _check_one_place(source, mutant, folder / MUTANTS / f"{name.text}.py", "leave the mutant out")
        seen += [name.text] if name.text else []
    for file in list_python(folder / MUTANTS):
        if complete and file.stem not in seen:
            source.add(mutants, f"mutants/{file.name} is not declared; add it with `says` and `caught_by`")


def _check_alternatives(source: YamlFile, folder: Path) -> None:
    seen: list[str] = []
    for alternative in source.root.at("accept").items:
        name = alternative.at("id")
        if name.text in seen:
            source.add(name, f"the alternative `{name.text}` exists already; choose another id")
        if _sound_text(source, name) is not None:
            _check_one_place(source, alternative, folder / ACCEPT / f"{name.text}.py", "leave the alternative out")
        seen += [name.text] if name.text else []
    for file in list_python(folder / ACCEPT):
        if file.stem not in seen:
            source.add(source.root, f"accept/{file.name} is not declared; add it to `accept:`")


def _check_questions(source: YamlFile) -> None:
    seen: list[str] = []
    for question in source.root.at("questions").items:
        name = question.at("id")
        if name.text in seen:
            source.add(name, f"the question `{name.text}` exists already; choose another id")
        seen += [name.text] if name.text else []
        number, within = question.at("number"), question.at("within")
        if (number.value is None) != (within.value is None):
            there, missing = (number, "within") if within.value is None else (within, "number")
            source.add(there, f"`number` and `within` belong together; add `{missing}`, or leave both out")


def _check_one_place(source: YamlFile, owner: Node, file: Path, otherwise: str) -> None:
    """Report code that is nowhere, or both in the YAML and in a file."""
    inline, shown = owner.at("code").value is not None, f"{file.parent.name}/{file.name}"
    if not inline and not os.path.isfile(file):
        source.add(owner.at("id"), f"{shown} is missing; create it, write it here under `code:`, or {otherwise}")
    elif inline and os.path.isfile(file):
        source.add(owner.at("code"), f"{shown} has code for it as well; keep one of them")


def _check_code(source: YamlFile, folder: Path) -> None:
    marked = _is_solution_marked(source, folder)
    for key, name in (("stub", STUB), ("solution", SOLUTION)):
        node = source.root.at(key)
        there = os.path.isfile(folder / name)
        if node.value is None and not there:
            if key == "stub" and marked is not False:  # derived, or reported with the solution
                continue
            instead = " or mark what the learner writes in the solution (`# solution: begin`, `# solution: end`)"
            text = f"{name} is missing beside this file; create {folder.name}/{name}, or write it here under `{key}:`"
            source.add(source.root, text + ("," + instead if key == "stub" else ""))
        elif key == "stub" and marked:
            place = node if node.value is not None else source.root
            text = "the solution has markers, from which the stub is derived; remove the stub, or the markers"
            source.add(place, text)
        elif node.value is not None and there:
            source.add(node, f"{folder.name}/{name} is there as well; keep one of them")
    in_python = [check for check in source.root.at("checks").items if check.at("call").value is None]
    if in_python and not os.path.isfile(folder / CHECKS):
        source.add(source.root, f"{CHECKS} is missing beside this file; create {folder.name}/{CHECKS}")


def _is_solution_marked(source: YamlFile, folder: Path) -> bool | None:
    """Tell whether the stub is derived from the solution; None where there is no solution to read."""
    node = source.root.at("solution")
    if node.value is not None:
        return None if node.text is None else has_markers(node.text)
    try:
        return has_markers((folder / SOLUTION).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):  # lint reports what it is
        return False


def _check_circles(exercises: Mapping[str, YamlFile]) -> None:
    """Report exercises that are prerequisites of themselves, each circle once."""
    done: set[str] = set()
    for start in exercises:
        _walk(start, done, exercises)


def _walk(start: str, done: set[str], exercises: Mapping[str, YamlFile]) -> None:
    trail: list[str] = []
    stack: list[tuple[str, int]] = [(start, 0)]
    while stack:
        name, k = stack.pop()
        if k == 0:
            if name in done or name not in exercises:
                continue
            trail.append(name)
        source = exercises[name]
        nodes = [node for node in source.root.at("prerequisites").items if node.text is not None]
        if k < len(nodes):
            stack.append((name, k + 1))
            following = nodes[k].text or ""
            if following in trail:
                circle = " -> ".join([*trail[trail.index(following) :], following])
                source.add(nodes[k], f"a circle of prerequisites: {circle}; leave one of them out")
            else:
                stack.append((following, 0))
        else:
            trail.pop()
            done.add(name)


def _require_known(source: YamlFile, node: Node, kind: str, known: Collection[str] | None, instead: str) -> str | None:
    """Report an id that nothing has, and return the one that was probably meant.

    Without a list of known ids nothing is reported: the file that holds them is itself in need of repair.
    """
    name = _sound_text(source, node)
    if known is None or name is None or name in known:
        return None
    near = difflib.get_close_matches(name, sorted(known), 1)
    article = "an" if kind == "exercise" else "a"
    source.add(node, f"`{name}` is not {article} {kind}; " + (f"did you mean `{near[0]}`?" if near else instead))
    return near[0] if near else None
