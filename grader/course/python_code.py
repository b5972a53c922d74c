"""Read the Python of an exercise without running it, whether it lies in a file or inside the YAML."""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from grader.course.derived_stub import derive_stub
from grader.course.function_signatures import MAX_PYTHON, parse_python
from grader.course.yaml_tree import Node, Problem, YamlFile

FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


class Code(Struct):
    """One piece of Python: its text and tree, and in which file it stands; inside a YAML file, under which node."""

    path: str
    text: str
    tree: ast.Module
    source: YamlFile | None = None
    node: Node | None = None
    #: Where each line of the text comes from, from 1, if it was derived from another text.
    lines: tuple[int, ...] | None = None

    def problem(self, node: ast.AST | None, text: str) -> Problem:
        """Make a problem at a node of the tree; None stands for the first line."""
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        shown = self.text.split("\n")[line - 1].encode()[:column].decode(errors="replace")
        return self.problem_at(line, len(shown), text)

    def problem_at(self, line: int, column: int, text: str) -> Problem:
        """Make a problem at a line, from 1, and a column, from 0, of the text."""
        line = line if self.lines is None else self.lines[line - 1]
        if self.source is None or self.node is None:
            return Problem(self.path, line, column + 1, text)
        place = self.source.place_inside(self.node, line - 1, column)
        return Problem(self.path, place.line, place.column, text)

    def comment_lines(self) -> set[int]:
        """Return the lines, from 1, that hold a comment."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return {token.start[0] for token in tokens if token.type == tokenize.COMMENT}


def read_file(file: Path, shown: str, problems: list[Problem]) -> Code | None:
    """Parse a Python file; one that is missing gives None, one that cannot be parsed a problem as well."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", errors="replace")
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        problems.append(Problem(shown, *place, "this byte is not UTF-8; save the file as UTF-8"))
        return None
    except OSError as error:
        problems.append(Problem(shown, 1, 1, f"cannot be read: {error.strerror}; correct its permissions"))
        return None
    return _parse(Code(shown, text.replace("\r\n", "\n").replace("\r", "\n"), ast.Module([], [])), problems)


def read_inline(source: YamlFile, node: Node) -> Code | None:
    """Parse the Python under a key of a YAML file; what cannot be parsed is reported when the course is loaded."""
    if node.text is None or source.has_problem_at(node):
        return None
    return _parse(Code(source.path, node.text, ast.Module([], []), source, node), [])


def derive_from(solution: Code) -> Code | None:
    """Parse the stub that is derived from a solution; its problems are reported at the solution's lines."""
    derived = derive_stub(solution.text)
    stub = Code(solution.path, derived.text, ast.Module([], []), solution.source, solution.node, derived.lines)
    return _parse(stub, [])


def _parse(code: Code, problems: list[Problem]) -> Code | None:
    try:
        code.tree = parse_python(code.text)
    except SyntaxError as error:
        line = min(error.lineno or 1, code.text.count("\n") + 1)
        shown = code.text.split("\n")[line - 1]
        column = max((error.offset or 1) - 1, 0)
        if isinstance(error, IndentationError):  # Pythons differ in what they count
            column = len(shown) - len(shown.lstrip())
        text = f"this is no Python: {error.msg}; correct this line"
        problems.append(code.problem_at(line, min(column, len(shown)), text))
        return None
    except (ValueError, RecursionError, MemoryError):
        problems.append(
            code.problem_at(1, 0, f"this is no Python that could be read; write at most {MAX_PYTHON:,} characters")
        )
        return None
    return code


def top_level(tree: ast.Module) -> dict[str, ast.stmt]:
    """Return every name that a file defines, imports or assigns, with the statement that does so last."""
    found: dict[str, ast.stmt] = {}
    for statement in _flat(tree.body):
        if isinstance(statement, FunctionDef | ast.ClassDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            found.update((alias.asname or alias.name.split(".")[0], statement) for alias in statement.names)
        else:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    found[node.id] = statement
    return found


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the statements of a file, also those under an `if` or a `try`."""
    for statement in body:
        if isinstance(statement, ast.If | ast.Try | ast.With):
            inner = [part for name in ("body", "orelse", "finalbody") for part in getattr(statement, name, [])]
            handled = [part for handler in getattr(statement, "handlers", []) for part in handler.body]
            yield from _flat(inner + handled)
        else:
            yield statement


def is_public(name: str) -> bool:
    """Tell whether a name is meant for others: no underscore in front, or one such as `__call__`."""
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))


def methods(owner: ast.ClassDef) -> dict[str, FunctionDef]:
    """Return the methods that a class defines itself."""
    return {node.name: node for node in owner.body if isinstance(node, FunctionDef)}


def same_code(one: ast.AST, other: ast.AST, *, typed: bool = True) -> bool:
    """Tell whether two pieces of code differ in nothing but docstrings, comments and layout, and types unless `typed`."""
    return ast.dump(_bare(one, typed=typed)) == ast.dump(_bare(other, typed=typed))


def _bare(tree: ast.AST, *, typed: bool) -> ast.AST:
    copy = ast.parse(ast.unparse(tree))
    for node in ast.walk(copy):
        if isinstance(node, FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
        if isinstance(node, FunctionDef) and not typed:
            node.returns = None
        if isinstance(node, ast.arg) and not typed:
            node.annotation = None
    return copy


def signature(function: FunctionDef) -> str:
    """Write a signature out, the same for the same parameters, defaults and annotations."""
    result = f" -> {ast.unparse(function.returns)}" if function.returns else ""
    return f"{function.name}({ast.unparse(function.args)}){result}"


def parameters(function: FunctionDef) -> list[ast.arg]:
    """Return the parameters in their order, with * and ** among them."""
    args = function.args
    starred = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *starred]


def dotted_name(node: ast.expr, imported: dict[str, str]) -> str | None:
    """Return what a name such as `np.random.rand` stands for, such as numpy.random.rand, or None."""
    if isinstance(node, ast.Attribute):
        owner = dotted_name(node.value, imported)
        return f"{owner}.{node.attr}" if owner else None
    return imported.get(node.id) if isinstance(node, ast.Name) else None


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Return the dotted name behind each name that a file imports."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update((a.asname, a.name) if a.asname else (a.name.split(".")[0],) * 2 for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.update((a.asname or a.name, f"{node.module}.{a.name}") for a in node.names)
    return found
