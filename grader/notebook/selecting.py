"""Choose, among the statements of a notebook, those that define something; for every other, say what it is."""

import ast
from collections.abc import Sequence, Set
from typing import Literal, NamedTuple

from grader.notebook.names import (
    BUILTINS,
    Assignment,
    Definition,
    assigned_names,
    bound_by_import,
    is_simple,
    patched_name,
    read_at_once,
    read_names,
)

EXPERIMENT = "an experiment"
_Kind = Literal["import", "definition", "constant", "patch", "nothing", "experiment"]


class Statement(NamedTuple):
    """One statement at the top level of a cell; `row` is the line of the cell it begins on."""

    node: ast.stmt
    cell: str
    row: int
    lines: tuple[str, ...]

    @property
    def is_definition(self) -> bool:
        """Whether it is a function or a class."""
        return isinstance(self.node, Definition)

    @property
    def is_future(self) -> bool:
        """Whether it is an import that has to stand first."""
        return isinstance(self.node, ast.ImportFrom) and self.node.module == "__future__"


class Selection(NamedTuple):
    """What is graded, in order, and what is not."""

    kept: list[Statement]
    left_out: list[tuple[Statement, str]]


def select(statements: Sequence[Statement], wanted: Set[str]) -> Selection:
    """Keep functions, classes, the constants that they need or that are `wanted`, and the imports of what is used."""
    return _Selector(statements, wanted).select()


class _Selector:
    """The statements, by number, and what is known of each."""

    def __init__(self, statements: Sequence[Statement], wanted: Set[str]) -> None:
        self._statements = statements
        self._wanted = wanted
        self._kinds = [_classify(statement.node) for statement in statements]
        self._reads = [read_names(statement.node, "\n".join(statement.lines)) for statement in statements]
        self._defined = {s.node.name for s in statements if isinstance(s.node, Definition)}
        self._problems: dict[int, str] = {}

    def select(self) -> Selection:
        kept = self._close_over(self._find_usable())
        needed = self._needed_by(kept)
        for number in self._of_kind("import"):
            bound = bound_by_import(self._statements[number].node)
            if "*" in bound or bound & needed or self._statements[number].is_future:
                kept.add(number)
        left_out = [
            (statement, self._say_why(number, needed))
            for number, statement in enumerate(self._statements)
            if number not in kept and self._kinds[number] in ("experiment", "constant", "patch")
        ]
        kept -= self._find_superseded(sorted(kept))
        return Selection([self._statements[number] for number in sorted(kept)], left_out)

    def _of_kind(self, *kinds: _Kind) -> list[int]:
        return [number for number, kind in enumerate(self._kinds) if kind in kinds]

    def _needed_by(self, numbers: Set[int]) -> set[str]:
        return set(self._wanted).union(*(self._reads[number] for number in numbers))

    def _find_usable(self) -> set[int]:
        """Find the assignments that read nothing but what is above them and may be kept."""
        known, usable = set(BUILTINS), set()
        for number, statement in enumerate(self._statements):
            node = statement.node
            match self._kinds[number]:
                case "import":
                    known |= bound_by_import(node)
                case "definition":
                    assert isinstance(node, Definition)
                    known.add(node.name)
                case "patch" if patched_name(node) in self._defined & known and self._knows(number, known):
                    usable.add(number)
                case "constant":
                    names = assigned_names(node) or set()
                    if replaced := sorted(names & self._defined):
                        self._problems[number] = f"it would replace your `{replaced[0]}`"
                    elif self._knows(number, known):
                        usable.add(number)
                        known |= names
        return usable

    def _knows(self, number: int, known: Set[str]) -> bool:
        missing = sorted(self._reads[number] - known)
        if not missing or "*" in known:
            return True
        self._problems[number] = f"it needs `{missing[0]}`, which is not defined above by what is graded"
        return False

    def _close_over(self, usable: Set[int]) -> set[int]:
        """Keep all definitions, and the constants that what is kept needs, which may need further ones."""
        kept = {*self._of_kind("definition"), *(n for n in usable if self._kinds[n] == "patch")}
        needed = self._needed_by(kept)
        waiting = sorted(usable - kept, reverse=True)  # what a constant needs mostly is above it
        while True:
            more = []
            for number in waiting:
                if (assigned_names(self._statements[number].node) or set()) & needed:
                    more.append(number)
                    needed |= self._reads[number]
            if not more:
                return kept
            kept.update(more)
            waiting = [number for number in waiting if number not in kept]

    def _say_why(self, number: int, needed: Set[str]) -> str:
        names = assigned_names(self._statements[number].node) or set()
        problem = self._problems.get(number)
        if problem is None or not (hit := sorted(names & (needed | self._defined))):
            return EXPERIMENT
        return f"`{hit[0][:40]} = ...`: {problem}"

    def _find_superseded(self, kept: Sequence[int]) -> set[int]:
        """Find functions and classes that are defined again before anything uses them."""
        superseded: set[int] = set()
        last: dict[str, int] = {}
        at_once = {number: read_at_once(self._statements[number].node) for number in kept}
        for number in kept:
            node = self._statements[number].node
            if not isinstance(node, Definition):
                continue
            before = last.get(node.name)
            last[node.name] = number
            if before is None or self._decorators(before):  # a decorator may have put it somewhere
                continue
            between = [n for n in kept if before < n <= number]
            if not any(node.name in at_once[n] or self._runs_own(n, at_once[n]) for n in between):
                superseded.add(before)
        return superseded

    def _runs_own(self, number: int, at_once: Set[str]) -> bool:
        """Tell whether a statement may call a function of the learner's as soon as it runs."""
        return bool(at_once & self._defined) and (
            not self._statements[number].is_definition or bool(self._decorators(number))
        )

    def _decorators(self, number: int) -> list[ast.expr]:
        node = self._statements[number].node
        return node.decorator_list if isinstance(node, Definition) else []


def _classify(node: ast.stmt) -> _Kind:
    match node:
        case ast.Import() | ast.ImportFrom():
            return "import"
        case ast.Try() | ast.If() if _only_imports(node):
            return "import"
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None):
            return "nothing"
    if isinstance(node, Definition):
        return "definition"
    if not isinstance(node, Assignment) or not is_simple(node.value):
        return "experiment"
    if assigned_names(node) is not None:
        return "constant"
    return "patch" if patched_name(node) is not None else "experiment"


def _only_imports(node: ast.Try | ast.If) -> bool:
    """Tell whether this is an import with a way out: `try: import x`, `except ImportError: x = None`."""
    blocks = [node.body, node.orelse]
    if isinstance(node, ast.Try):
        blocks += [node.finalbody, *(handler.body for handler in node.handlers)]
    elif "TYPE_CHECKING" not in (getattr(node.test, "id", None), getattr(node.test, "attr", None)):
        return False
    inner = [statement for block in blocks for statement in block]
    plain = (ast.Import, ast.ImportFrom, ast.Pass)
    others = [statement for statement in inner if not isinstance(statement, plain)]
    constant = all(isinstance(other, ast.Assign) and isinstance(other.value, ast.Constant) for other in others)
    return constant and bool(bound_by_import(node))
