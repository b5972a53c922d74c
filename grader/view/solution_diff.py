"""Compare two solutions of one exercise, definition by definition, so that the same functions stand beside each other.

Docstrings are left out: the stub's are long, and they are no part of what was solved. Pure.
"""

import ast
import difflib
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

Mark = Literal["same", "changed", "yours", "ours"]
#: Lines times lines of one definition; above this, matching them takes longer than a glance and shows little.
_MOST_PAIRS = 4_000_000
#: How many equal lines are shown around those that differ.
_CONTEXT = 3
#: In characters. How long Python takes to parse a text grows with the square of what is in it; so many take a second.
MAX_PARSED = 50_000


class Part(Struct, frozen=True):
    """A definition at the top of a file, or what is between them (`name` is empty): its lines."""

    name: str
    lines: tuple[str, ...]


class DiffRow(Struct, frozen=True):
    """Two lines that belong together; None on the side that has none."""

    mark: Mark
    yours: str | None
    ours: str | None


class Comparison(Struct, frozen=True):
    """One definition in both solutions: no lines where a side lacks it."""

    name: str
    yours: tuple[str, ...]
    ours: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether both are equal, line by line."""
        return self.yours == self.ours


def compare(yours: str, ours: str) -> list[Comparison]:
    """Align two texts by their definitions, in our order; what only the learner has comes last.

    A text that is no Python is one part without a name.
    """
    left, right = ({part.name: part.lines for part in split_parts(text)} for text in (yours, ours))
    names = [*right, *(name for name in left if name not in right)]
    return [Comparison(name, left.get(name, ()), right.get(name, ())) for name in names]


def split_parts(source: str) -> list[Part]:
    """Split a text into its definitions at the top level; all else is joined to the part without a name, the first."""
    rows = source.expandtabs(4).split("\n")
    if len(source) > MAX_PARSED:
        return [Part("", _strip(rows))]
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [Part("", _strip(rows))]
    left_out = {number for start, end in _docstrings(tree) for number in range(start, end + 1)}
    between, named, done = list[str](), dict[str, list[str]](), 0
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        while first - 1 > done and rows[first - 2].startswith("#"):
            first -= 1  # a comment right above belongs to it
        between += _take(rows, done + 1, first - 1, left_out)
        done = max(done, node.end_lineno or node.lineno)
        # A name that is defined twice: the last one counts, and both are shown.
        named.setdefault(node.name, []).extend(_take(rows, first, done, left_out))
    between += _take(rows, done + 1, len(rows), left_out)
    parts = [Part("", _strip(between)), *(Part(name, _strip(lines)) for name, lines in named.items())]
    return [part for part in parts if part.lines]


def _take(rows: Sequence[str], first: int, last: int, left_out: set[int]) -> list[str]:
    return [rows[number - 1].rstrip() for number in range(first, last + 1) if number not in left_out]


def _strip(rows: Sequence[str]) -> tuple[str, ...]:
    """Leave out empty lines at both ends, and all but one of several in a row."""
    kept = list[str]()
    for row in rows:
        if row.strip() or (kept and kept[-1]):
            kept.append(row.rstrip())
    return tuple(kept[:-1] if kept and not kept[-1] else kept)


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Give the lines of each docstring that has lines of its own and is not all there is."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        first = node.body[0] if node.body else None
        alone = len(node.body) == 1 and not isinstance(node, ast.Module)
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and not alone:
            head = 0 if isinstance(node, ast.Module) else node.lineno
            following = node.body[1].lineno if len(node.body) > 1 else first.lineno + 10**9
            end = first.end_lineno or first.lineno
            if isinstance(first.value.value, str) and first.lineno > head and following > end:
                yield first.lineno, end


def pair_lines(found: Comparison) -> list[DiffRow]:
    """Set the lines of both sides beside each other."""
    yours, ours = found.yours, found.ours
    rows: list[DiffRow] = []
    for tag, a, b, c, d in _match(yours, ours):
        if tag == "equal":
            rows += [DiffRow("same", yours[a + i], ours[c + i]) for i in range(b - a)]
            continue
        for i in range(max(b - a, d - c)):
            left = yours[a + i] if a + i < b else None
            right = ours[c + i] if c + i < d else None
            mark: Mark = "ours" if left is None else "yours" if right is None else "changed"
            rows.append(DiffRow(mark, left, right))
    return rows


def _match(yours: Sequence[str], ours: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    if len(yours) * len(ours) > _MOST_PAIRS:
        return [("replace", 0, len(yours), 0, len(ours))]
    return difflib.SequenceMatcher(None, yours, ours, autojunk=False).get_opcodes()


def unify_part(found: Comparison) -> list[DiffRow]:
    """List the lines of a definition one below the other, what was taken away before what was added."""
    rows: list[DiffRow] = []
    for tag, a, b, c, d in _match(found.yours, found.ours):
        if tag == "equal":
            rows += [DiffRow("same", text, text) for text in found.yours[a:b]]
        else:
            rows += [DiffRow("yours", text, None) for text in found.yours[a:b]]
            rows += [DiffRow("ours", None, text) for text in found.ours[c:d]]
    return rows


def write_unified(found: Sequence[Comparison]) -> str:
    """Write the difference as a unified diff of the aligned texts; empty where there is none."""
    rows = [row for part in found for row in (*unify_part(part), DiffRow("same", "", ""))][:-1]
    shown: list[str] = []
    for start, end in find_hunks(rows):
        hunk = rows[start:end]
        before = [sum(row.yours is not None for row in part) for part in (rows[:start], hunk)]
        after = [sum(row.ours is not None for row in part) for part in (rows[:start], hunk)]
        shown.append(f"@@ -{_range(*before)} +{_range(*after)} @@")
        shown += [_SIGNS[row.mark] + (row.yours if row.yours is not None else row.ours or "") for row in hunk]
    return "".join(f"{row}\n" for row in ("--- yours", "+++ ours", *shown)) if shown else ""


_SIGNS = {"same": " ", "yours": "-", "ours": "+", "changed": "-"}


def _range(before: int, lines: int) -> str:
    start = before + 1 if lines else before
    return f"{start}" if lines == 1 else f"{start},{lines}"


def find_hunks(rows: Sequence[DiffRow]) -> list[tuple[int, int]]:
    """Give (start, end) of the spans of rows that hold a difference, with the equal lines around them."""
    hunks: list[tuple[int, int]] = []
    for number, row in enumerate(rows):
        if row.mark == "same":
            continue
        start, end = max(0, number - _CONTEXT), min(len(rows), number + _CONTEXT + 1)
        if hunks and start <= hunks[-1][1]:
            hunks[-1] = (hunks[-1][0], end)
        else:
            hunks.append((start, end))
    return hunks
