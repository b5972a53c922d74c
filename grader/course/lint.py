"""Lint: every static problem of a course, beyond what keeps it from being loaded.

Nothing of the course is run. What loading reports comes first; at a place where that found something, nothing more is
said. The rules look at the YAML's nodes and not at the models, so that one bad value hides no other problem.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from grader.core.errors import ContentError, UsageError
from grader.core.models import Exercise
from grader.course import links
from grader.course.code import ACCEPT, CHECKS, EXERCISE, MUTANTS, RECORD, SOLUTION, STUB, list_python
from grader.course.conform import read_model
from grader.course.content import CURRICULUM, EXERCISES, READING_LIST, find_content_root, load_content
from grader.course.derived_stub import has_markers
from grader.course.function_signatures import find_signatures
from grader.course.lint_checks import check_checks, find_missing_checks
from grader.course.lint_code import check_imports, check_marked, check_mutant, check_stub
from grader.course.lint_text import check_text
from grader.course.python_code import Code, derive_from, read_file, read_inline
from grader.course.yaml_tree import MAX_PROBLEMS, Node, Problem, YamlFile, note_problem, parse_file

_FILES, _FOLDERS = (EXERCISE, STUB, SOLUTION, CHECKS), (MUTANTS, ACCEPT)
_CACHE, _INDEX = "__pycache__", "README.md"
_PLACE = re.compile(r"(?P<path>.*?):(?P<line>\d+):(?P<column>\d+): (?P<text>.*)", re.DOTALL)


class LintReport(Struct, frozen=True):
    """What lint found; the paths of problems are relative to `root`, and `files` is how many it looked at."""

    root: Path
    files: int
    problems: tuple[Problem, ...]


def lint(root: Path, paths: Sequence[Path] = ()) -> list[LintReport]:
    """Lint a whole course, or only some files and folders of it or of other courses.

    Args:
        root: The course to look at when no paths are given.
        paths: Each a file or folder inside a course, a course itself, or an exercise that lies in no course.

    Returns:
        One report for each course, and for each exercise outside of one.

    Raises:
        UsageError: If a path does not exist, or belongs to no course and no exercise.
    """
    if not paths:
        return [_lint_course(root, [root])]
    owners: dict[Path, list[Path]] = {}
    for path in paths:
        owners.setdefault(_find_owner(path), []).append(path.resolve())
    return [
        _lint_course(owner, chosen) if (owner / READING_LIST).is_file() else _lint_alone(owner)
        for owner, chosen in owners.items()
    ]


def _find_owner(path: Path) -> Path:
    """Return the course that a path belongs to, else the folder of the exercise."""
    if not path.exists():
        raise UsageError(f"{path} does not exist", hint="study lint   for the whole course")
    upward = [folder for folder in (path.resolve(), *path.resolve().parents) if folder.is_dir()]
    for name in (READING_LIST, EXERCISE):
        if owner := next((folder for folder in upward if (folder / name).is_file()), None):
            return owner
    hint = f"name a folder with {READING_LIST}, or with {EXERCISE}"
    raise UsageError(f"{path} belongs to no course and no exercise", hint=hint)


def _lint_course(root: Path, chosen: Sequence[Path]) -> LintReport:
    found: list[Problem] = []
    own = _is_own(root)
    exercises = sorted(path for path in (root / EXERCISES).glob("*") if _is_exercise(path))
    for folder in exercises:
        shown = f"{EXERCISES}/{folder.name}"
        found += _lint_exercise(parse_file(folder / EXERCISE, f"{shown}/{EXERCISE}"), folder, shown, own=own)
    found += _stray_beside(root / EXERCISES)
    course = [root / READING_LIST, *(root / CURRICULUM).glob("*.y*ml")]
    files = [file for file in course if file.is_file()] + [file for folder in exercises for file in _files(folder)]
    return LintReport(
        root,
        sum(_is_in(file, chosen) for file in files),
        tuple(problem for problem in _add(_loading_problems(root), found) if _is_in(root / problem.path, chosen)),
    )


def find_unusable(root: Path) -> list[Problem]:
    """Give what keeps a course from being used although it can be loaded; like all of lint, it runs nothing.

    That is Python that cannot be parsed, and checks that are not written. What else lint finds is for authors.
    """
    found: list[Problem] = []
    for folder in sorted(path for path in (root / EXERCISES).glob("*") if _is_exercise(path)):
        shown = f"{EXERCISES}/{folder.name}"
        codes = {file.name: read_file(file, f"{shown}/{file.relative_to(folder)}", found) for file in _files(folder)
                 if file.suffix == ".py"}  # fmt: skip
        if checks := codes.get(CHECKS):
            written = {name.removeprefix("test_") for name in find_signatures(checks.text) or ()}
            found += find_missing_checks(parse_file(folder / EXERCISE, f"{shown}/{EXERCISE}"), written)
    return sorted(found)


def _is_own(root: Path) -> bool:
    """Tell whether a course is the one that comes with study, of whose exercises some more is asked."""
    try:
        return root.resolve() == find_content_root()
    except UsageError:
        return False


def _is_exercise(path: Path) -> bool:
    return os.path.isdir(path) and not path.name.startswith((".", "__"))


def _is_in(file: Path, chosen: Sequence[Path]) -> bool:
    return any(path == file or path in file.parents for path in chosen)


def _lint_alone(folder: Path) -> LintReport:
    """Lint an exercise without a course; what it links to is unknown, and nothing is said about it."""
    source = parse_file(folder / EXERCISE, EXERCISE)
    read_model(source, Exercise)
    if source.whole:
        links.check_alone(source, folder)
    problems = _add(list(source.problems), _lint_exercise(source, folder, ""))
    return LintReport(folder, len(_files(folder)), tuple(problems))


def _loading_problems(root: Path) -> list[Problem]:
    try:
        load_content(root)
    except ContentError as error:
        matches = [_PLACE.fullmatch(problem) for problem in error.problems]
        return [Problem(m["path"], int(m["line"]), int(m["column"]), m["text"]) for m in matches if m]
    return []


def _words_for_learners(source: YamlFile, folder: Path) -> str:
    """Join all that says which names of the stub a learner, or a check, works with."""

    def texts(node: Node) -> Iterator[str]:
        if isinstance(node.value, dict):
            for _, inner in node.value.values():
                yield from texts(inner)
        for inner in node.items:
            yield from texts(inner)
        yield from [node.text] if node.text is not None else []

    nodes = (source.root.at(key) for key in ("statement", "hints", "checks", "questions"))
    checks = folder / CHECKS
    written = [checks.read_text(encoding="utf-8", errors="replace")] if checks.is_file() else []
    return "\n".join([*(text for node in nodes for text in texts(node)), *written])


def _add(problems: list[Problem], more: Iterable[Problem]) -> list[Problem]:
    """Join what loading found and what lint found, which does not count where loading found something already."""
    known = {(problem.path, problem.line, problem.column) for problem in problems}
    by_file: dict[str, list[Problem]] = {}
    for problem in sorted({*problems, *(p for p in more if (p.path, p.line, p.column) not in known)}):
        note_problem(by_file.setdefault(problem.path, []), problem)
    return [problem for found in by_file.values() for problem in found]


def _lint_exercise(source: YamlFile, folder: Path, shown: str, *, own: bool = False) -> list[Problem]:
    """Give what the rules of lint find in one exercise."""
    found: list[Problem] = []
    prefix = f"{shown}/" if shown else ""

    def read(name: str, node: Node) -> Code | None:
        return read_file(folder / name, prefix + name, found) if node.value is None else read_inline(source, node)

    stub, solution = read(STUB, source.root.at("stub")), read(SOLUTION, source.root.at("solution"))
    if solution is not None and stub is None and has_markers(solution.text):
        stub = derive_from(solution)
        found += check_marked(solution, stub, _words_for_learners(source, folder))
    for code in (stub, solution):
        found += check_imports(code) if code else ()
    found += check_stub(stub, solution) if stub and solution else ()
    for key, inner in (("mutants", MUTANTS), ("accept", ACCEPT)):
        for item in source.root.at(key).items:
            if re.fullmatch(r"\w{1,60}", name := item.at("id").text or ""):
                file = f"{inner}/{name}.py"
                code = read(file, item.at("code"))
                found += _check_style(source, item.at("code"), folder, prefix, file)
                found += check_mutant(code, solution) if code and key == "mutants" else ()
    found += check_checks(read_file(folder / CHECKS, prefix + CHECKS, found), source)
    found += check_text(source, stub, solution, own=own)
    found += _stray_files(folder, prefix)
    return found


def _check_style(source: YamlFile, code: Node, folder: Path, prefix: str, file: str) -> Iterator[Problem]:
    """Give code that is in the other place than its form of exercise has it in: files beside checks.py, else one file."""
    in_python = os.path.isfile(folder / CHECKS)
    if code.value is not None and in_python:
        yield Problem(source.path, code.line, code.column, f"beside {CHECKS} this is a file; move it to {file}")
    elif code.value is None and not in_python and os.path.isfile(folder / file):
        text = f"an exercise without {CHECKS} is one file; move this into {EXERCISE}, under `code:`"
        yield Problem(prefix + file, 1, 1, text)


def _files(folder: Path) -> list[Path]:
    """List the files of an exercise that lint looks at."""
    inner = [file for name in _FOLDERS for file in list_python(folder / name)]
    return [file for file in (*(folder / name for name in _FILES), *inner) if os.path.isfile(file)]


def _stray_files(folder: Path, prefix: str) -> Iterator[Problem]:
    """Give everything in an exercise's folder that nothing reads."""
    if not os.path.isfile(
        folder / EXERCISE
    ):  # what is there is no exercise; its folder may even be a link to the disk's root
        return
    reads = f"nothing reads this {{what}}; an exercise has {', '.join(_FILES)}, mutants/*.py and accept/*.py; remove it"
    for number, (path, what) in enumerate(_find_stray(folder)):
        if number == MAX_PROBLEMS:
            text = f"and so on: {MAX_PROBLEMS} things that nothing reads are shown; remove those first"
            yield Problem(prefix + path.as_posix(), 1, 1, text)
            return
        yield Problem(prefix + path.as_posix(), 1, 1, reads.format(what=what))


def _stray_beside(folder: Path) -> Iterator[Problem]:
    """Give the files that lie beside the exercises; an index of them may, and what begins with a dot."""
    for path in sorted(folder.glob("[!.]*")):
        if os.path.isfile(path) and path.name != _INDEX:
            text = "this file belongs to no exercise; put it into the folder of one, or remove it"
            yield Problem(f"{EXERCISES}/{path.name}", 1, 1, text)


def _find_stray(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files and the empty folders that nothing reads; links are not followed."""
    known = {*_files(folder), folder / RECORD}
    for place, folders, files in os.walk(folder):
        inside = Path(place).relative_to(folder)
        if not folders and not files and inside.as_posix() not in (".", *_FOLDERS):
            yield inside, "folder"
        folders[:] = sorted(name for name in folders if name != _CACHE)
        yield from ((inside / name, "file") for name in sorted(files) if Path(place, name) not in known)
