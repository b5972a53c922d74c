"""Gather from cells what an exercise is about: imports, functions, classes, and the constants that these need.

Magics, shell lines, cells that are set apart and experiments at the top level are left out, and named. Everything is
decided from the syntax tree; nothing is run. The result is a plain source, with the cell of each of its lines.
"""

import ast
import warnings
from collections.abc import Iterable, Sequence, Set

from msgspec import Struct

from grader.core.errors import SubmissionUnreadable
from grader.core.source_map import Span
from grader.notebook.ipython_lines import find_cell_magic, take_out_magics
from grader.notebook.names import Definition, assigned_names, bound_by_import
from grader.notebook.reading import Cell
from grader.notebook.selecting import Statement, select

#: Far more than a learner writes for an exercise; how they depend on one another takes time to find out.
MAX_STATEMENTS = 3000
#: Of ours, in every notebook that `study start` writes.
_OWN_MAGICS = {"%load_ext grader", "%study"}


class UngradedCode(Struct, frozen=True):
    """Something that is not graded: the cell, and what it is."""

    cell: str
    what: str


class Gathered(Struct, frozen=True):
    """What is graded of a notebook."""

    source: str
    spans: tuple[Span, ...]
    left_out: tuple[UngradedCode, ...]


def gather_here(cells: Sequence[Cell], exercise_id: str, wanted: Set[str]) -> Gathered:
    """Gather as `bounded.gather` does, in this process, however long that takes."""
    left_out: list[UngradedCode] = []
    statements: list[Statement] = []
    broken: Cell | None = None
    for cell in cells:
        taken = _enter_cell(cell, exercise_id, left_out)
        if taken is None:
            continue
        text = _take_out(taken, left_out)
        tree = _parse(text)
        if tree is None:
            broken = Cell(taken.name, text, row=taken.row)
            break
        statements += _split(tree, taken, text)
        if len(statements) > MAX_STATEMENTS:
            raise SubmissionUnreadable(
                f"the code cells hold more than {MAX_STATEMENTS:,} statements (up to {cell.name})",
                hint="move what is not needed for this exercise into another notebook",
            )
    chosen = select(statements, wanted)
    left_out += [UngradedCode(statement.cell, what) for statement, what in chosen.left_out]
    source, spans = _write([*chosen.kept, *([_as_statement(broken)] if broken else [])])
    order = {cell.name: number for number, cell in enumerate(cells)}
    return Gathered(source, spans, tuple(sorted(dict.fromkeys(left_out), key=lambda out: order[out.cell])))


def _enter_cell(cell: Cell, exercise_id: str, left_out: list[UngradedCode]) -> Cell | None:
    """Return the part of a cell that may hold definitions, if there is one."""
    if cell.scratch:
        if not _is_blank(cell.text):
            left_out.append(UngradedCode(cell.name, "scratch"))
        return None
    magic = find_cell_magic(cell.text)
    if magic is None:
        return cell
    name, arguments, row = magic
    if name == "study":
        meant = (arguments.split() or [""])[0].lower()
        if meant and meant in exercise_id:
            body = cell.text.split("\n")[row:]
            return Cell(cell.name, "\n".join(body), row=cell.row + row)
        left_out.append(UngradedCode(cell.name, f"%%study {meant[:40]}".rstrip()))
        return None
    left_out.append(UngradedCode(cell.name, f"%%{name[:40]}"))
    return None


def _is_blank(text: str) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.split("\n"))


def _take_out(cell: Cell, left_out: list[UngradedCode]) -> str:
    if _parse(cell.text) is not None:
        return cell.text
    text, magics = take_out_magics(cell.text)
    lines = cell.text.split("\n")
    for magic in magics:
        line = lines[magic.row - 1].strip()
        if not any(line == own or line.startswith(f"{own} ") for own in _OWN_MAGICS):
            left_out.append(UngradedCode(cell.name, magic.name[:40]))
    return text


def _parse(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():  # of an invalid escape, say: the grade is the place for it
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _split(tree: ast.Module, cell: Cell, text: str) -> list[Statement]:
    """Cut a cell into its statements; one that shares a line with others gets its own part of it."""
    lines = text.split("\n")
    found: list[Statement] = []
    for number, node in enumerate(tree.body):
        decorators = node.decorator_list if isinstance(node, Definition) else []
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        last = node.end_lineno or node.lineno
        part = lines[first - 1 : last]
        following = tree.body[number + 1] if number + 1 < len(tree.body) else None
        if following is not None and following.lineno == last:
            part[-1] = part[-1].encode()[: node.end_col_offset].decode()
        if node.col_offset and first == node.lineno:
            part[0] = part[0].encode()[node.col_offset :].decode()
        found.append(Statement(node, cell.name, cell.row + first - 1, tuple(part)))
    return found


def _as_statement(cell: Cell) -> Statement:
    return Statement(ast.Pass(), cell.name, cell.row, tuple(cell.text.split("\n")))


def _write(statements: Iterable[Statement]) -> tuple[str, tuple[Span, ...]]:
    """Write statements one below the other, those of `__future__` first as Python wants it."""
    lines: list[str] = []
    spans: list[Span] = []
    ordered = sorted(statements, key=lambda statement: not statement.is_future)
    before: Statement | None = None
    for statement in ordered:
        if before is not None:
            gap = 2 if statement.is_definition or before.is_definition else statement.cell != before.cell
            lines += [""] * gap
        spans.append(Span(len(lines) + 1, statement.cell, statement.row))
        lines += statement.lines
        before = statement
    return "\n".join(lines) + ("\n" if lines else ""), tuple(spans)


def names_of(stub: str) -> frozenset[str]:
    """Return the top-level names of a stub: what an exercise asks for."""
    names: set[str] = set()
    for node in ast.parse(stub).body:
        if isinstance(node, Definition):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= bound_by_import(node)
        else:
            names |= assigned_names(node) or set()
    return frozenset(names)
