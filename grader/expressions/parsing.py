"""Parse an expression or a call, at its line and column where it is none."""

import ast
import warnings
from collections.abc import Collection
from typing import NamedTuple

from grader.expressions.checking import Checker, enumerate_words, suggest
from grader.expressions.vocabulary import ExpressionError

#: As in the models.
MAX_CHARACTERS = 1000
MAX_CHAINED_CALLS = 4


class ParsedStep(NamedTuple):
    """A call on what came back: of its method, or of itself."""

    method: str | None
    args: tuple[ast.expr, ...]
    kwargs: dict[str, ast.expr]


class ParsedCall(NamedTuple):
    """`target(*args, **kwargs)`, and one behind the other what is called on what came back; `node` is the first call."""

    target: str
    args: tuple[ast.expr, ...]
    kwargs: dict[str, ast.expr]
    then: tuple[ParsedStep, ...]
    node: ast.Call


def parse_expression(text: str, names: Collection[str]) -> ast.expr:
    """Parse and check an expression.

    Args:
        text: The expression.
        names: The variables it may use.

    Raises:
        ExpressionError: At the first thing in it that is not allowed.
    """
    tree, checker = _parse(text, names)
    checker.check(tree, checker.names, 0)
    return tree


def parse_call(text: str, names: Collection[str], defined: Collection[str]) -> ParsedCall:
    """Parse and check the call of a declared check: `f(x)`, `f(x)(y)` or `C(x).method(y)`.

    Args:
        text: The call.
        names: The variables its arguments may use.
        defined: The functions and classes that can be called.

    Raises:
        ExpressionError: At the first thing in it that is not allowed.
    """
    node, checker = _parse(text, names)
    whole, steps = node, []
    while isinstance(node, ast.Call) and not isinstance(node.func, ast.Name):
        method = node.func if isinstance(node.func, ast.Attribute) else None
        if method is not None and method.attr.startswith("_"):
            checker.fail_at_attribute(method, f"`{method.attr}` starts with _; only public methods can be called")
        steps.append(ParsedStep(method.attr if method else None, *checker.check_arguments(node)))
        node = node.func if method is None else method.value
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        checker.fail(whole, "this calls nothing of the stub; write a call such as `f(x)` or `Name(x).method(y)`")
    if len(steps) > MAX_CHAINED_CALLS:
        checker.fail(whole, f"more than {MAX_CHAINED_CALLS} calls one behind the other; test fewer things at once")
    target = node.func.id
    if target not in defined:
        instead = suggest(target, defined) or f"the stub defines {enumerate_words(sorted(defined)) or 'nothing'}"
        checker.fail(node.func, f"the stub has no function or class `{target}`; {instead}")
    return ParsedCall(target, *checker.check_arguments(node), tuple(reversed(steps)), node)


def find_place(text: str, node: ast.expr) -> tuple[int, int]:
    """Return the line and the character, counted from 0, at which a node of a parsed expression is in its text."""
    _, checker = _prepare(text, ())
    error = checker.error_at(node, "")
    return error.line, error.column


def _parse(text: str, names: Collection[str]) -> tuple[ast.expr, Checker]:
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"the expression has {len(text)} characters; write at most {MAX_CHARACTERS}")
    bare, checker = _prepare(text, names)
    if not bare:
        raise ExpressionError("the expression is empty; write one such as `result.shape == x.shape`")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as an escape that is none
            return ast.parse(bare, mode="eval").body, checker
    except SyntaxError as error:
        said = (error.msg or "invalid syntax").rstrip(".")
        # Where the text ends too early, Python gives no column.
        line, column = (error.lineno or 1) - 1, (error.offset or MAX_CHARACTERS) - 1
        raise checker.error(line, max(column, 0), f"cannot be read as an expression: {said}") from None
    except (ValueError, RecursionError, MemoryError, OverflowError, Warning):
        raise ExpressionError("cannot be read as an expression; shorten it") from None


def _prepare(text: str, names: Collection[str]) -> tuple[str, Checker]:
    """Leave out the space before a text, which is no indentation; the checker counts it."""
    bare = text.lstrip()
    skipped = text[: len(text) - len(bare)]
    return bare, Checker(bare, frozenset(names), skipped.count("\n"), len(skipped) - (skipped.rfind("\n") + 1))
