"""The stub of an exercise, derived from its solution: what is between two markers is left to the learner.

    def mean(x: Tensor) -> Tensor:
        \"\"\"Return the mean of x (B, C) over B: (C,).\"\"\"
        # solution: begin
        return x.sum(0) / len(x)
        # solution: end

In a function the marked part becomes `raise NotImplementedError`; at the level of the module or of a class, where only
the solution needs it, it is left out. Only lines are looked at, so that a grade need not parse the solution for its stub.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_MARKER = re.compile(r"([ \t]*)# solution: (begin|end)[ \t]*")
#: Comments that are meant as markers, however they are spelled.
_MEANT = re.compile(r"[ \t]*#\s*solution\b", re.IGNORECASE)
_OPENS = re.compile(r"([ \t]*)(?:async[ \t]+)?(def|class)\b")
UNWRITTEN = "raise NotImplementedError"


class MarkerProblem(NamedTuple):
    """A marker that cannot be meant: its line, from 1, and what is wrong with it."""

    line: int
    text: str


class DerivedStub(NamedTuple):
    """A stub, and for each of its lines the line of the solution that it comes from, from 1."""

    text: str
    lines: tuple[int, ...]


class _Region(NamedTuple):
    """The lines of two markers, from 0, and their indentation."""

    begin: int
    end: int
    indent: str


def has_markers(solution: str) -> bool:
    """Tell whether a stub is derived from a solution."""
    return any(_MARKER.fullmatch(line) for line in solution.split("\n"))


def strip_markers(solution: str) -> str:
    """Return a solution without its markers."""
    if "# solution:" not in solution:
        return solution
    return "\n".join(line for line in solution.split("\n") if not _MARKER.fullmatch(line))


def derive_stub(solution: str) -> DerivedStub:
    """Derive the stub; markers that do not fit together, which `check_markers` reports, are taken as far as they go."""
    lines = solution.split("\n")
    kept: list[tuple[str, int]] = []
    after = 0
    for region in _find_regions(lines):
        kept += [(line, number) for number, line in enumerate(lines[after : region.begin], after + 1)]
        after = region.end + 1
        if _is_in_function(lines, region):
            kept.append((region.indent + UNWRITTEN, region.begin + 1))
        elif after == len(lines) or not lines[after].strip():
            while kept and not kept[-1][0].strip():  # blank lines below it part its neighbours as well
                kept.pop()
    kept += [(line, number) for number, line in enumerate(lines[after:], after + 1)]
    return DerivedStub("\n".join(line for line, _ in kept), tuple(number for _, number in kept))


def check_markers(solution: str) -> Iterator[MarkerProblem]:
    """Give what is wrong with the markers of a solution."""
    opened: tuple[int, str] | None = None
    lines = solution.split("\n")
    for number, line in enumerate(lines, 1):
        found = _MARKER.fullmatch(line)
        if found is None:
            if _MEANT.match(line):
                yield MarkerProblem(number, "this is not a marker; write `# solution: begin` or `# solution: end`")
        elif found[2] == "begin":
            if opened is not None:
                yield MarkerProblem(number, f"the part that begins in line {opened[0]} has no end yet; end it first")
            opened = (number, found[1])
        elif opened is None:
            yield MarkerProblem(number, "nothing was begun here; write `# solution: begin` above, or remove this line")
        else:
            if found[1] != opened[1]:
                yield MarkerProblem(number, f"indent this like the `# solution: begin` of line {opened[0]}")
            if not any(part.strip() for part in lines[opened[0] : number - 1]):
                yield MarkerProblem(
                    number, f"nothing is between this and line {opened[0]}; mark what the learner writes"
                )
            opened = None
    if opened is not None:
        yield MarkerProblem(opened[0], "this part has no end; write `# solution: end` below it")


def _find_regions(lines: list[str]) -> Iterator[_Region]:
    begin: tuple[int, str] | None = None
    for number, line in enumerate(lines):
        if (found := _MARKER.fullmatch(line)) is None:
            continue
        if found[2] == "begin" and begin is None:
            begin = (number, found[1])
        elif found[2] == "end" and begin is not None:
            yield _Region(begin[0], number, begin[1])
            begin = None


def _is_in_function(lines: list[str], region: _Region) -> bool:
    """Tell whether the nearest `def` or `class` that a region is indented below is a function."""
    for line in reversed(lines[: region.begin]):
        opened = _OPENS.match(line)
        if opened is not None and len(opened[1].expandtabs()) < len(region.indent.expandtabs()):
            return opened[2] == "def"
    return False
