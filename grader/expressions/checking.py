"""Refuse all of Python that does not belong in an expression, at its line and column."""

import ast
import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from grader.expressions.evaluation import evaluate
from grader.expressions.vocabulary import (
    ATTRIBUTES,
    CONSTANTS,
    METHODS,
    VOCABULARY,
    ExpressionError,
    Function,
)

#: No expression that a person would read nests deeper; and the walk over it is recursive.
MAX_DEPTH = 40
#: What fits into 64 bits is what a tensor can hold.
MAX_INT = 2**63 - 1

#: What an author used to Python may write before a name.
_MODULES = ("torch", "np", "numpy", "math", "F", "nn", "random")
_LISTED = "docs/authoring.md lists what there is"

_OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult, ast.BitAnd, ast.BitOr),
    *(ast.USub, ast.UAdd, ast.Not, ast.Invert, ast.And, ast.Or),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In, ast.NotIn),
)
_NODES = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Call, ast.List, ast.Tuple, ast.Dict),
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.ListComp, ast.GeneratorExp),
)
_NUMERIC = (ast.Constant, ast.List, ast.Tuple, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Load)
_SIGNS: Mapping[type[ast.AST], str] = {ast.LShift: "<<", ast.RShift: ">>", ast.BitXor: "^"}
_REFUSED: Mapping[type[ast.AST], str] = {
    ast.Lambda: "a lambda cannot be used in an expression; write the value out",
    ast.NamedExpr: "`:=` cannot be used in an expression; write the value out",
    ast.JoinedStr: "an f-string cannot be used in an expression; write the text out",
    ast.Set: "a set cannot be used in an expression; write a list or a tuple",
    ast.SetComp: "a set cannot be used in an expression; write a list",
    ast.DictComp: "a dict comprehension cannot be used in an expression; write the dict out",
    ast.Starred: "`*` before an argument cannot be used in an expression; write the arguments out",
    ast.Await: "`await` cannot be used in an expression; leave it out",
    ast.Yield: "`yield` cannot be used in an expression; leave it out",
    ast.YieldFrom: "`yield` cannot be used in an expression; leave it out",
}


class Checker:
    """Looks at every node of a tree before anything is done with it."""

    def __init__(self, text: str, names: frozenset[str], line: int, column: int) -> None:
        self.names = names
        self._lines = text.split("\n")
        self._line, self._column = line, column  # where the text starts in what the author wrote

    def error(self, line: int, column: int, message: str) -> ExpressionError:
        """Make an error at a line and character of the parsed text."""
        line = min(line, len(self._lines) - 1)
        column = min(column, len(self._lines[line]))
        return ExpressionError(message, line + self._line, column + (self._column if line == 0 else 0))

    def error_at(self, node: ast.expr | ast.keyword, message: str) -> ExpressionError:
        line = node.lineno - 1
        return self.error(line, self._characters(line, node.col_offset), message)

    def fail(self, node: ast.expr | ast.keyword, message: str) -> NoReturn:
        raise self.error_at(node, message)

    def fail_at_attribute(self, node: ast.Attribute, message: str) -> NoReturn:
        """Fail at the name behind the point."""
        line = (node.end_lineno or node.lineno) - 1
        column = self._characters(line, node.end_col_offset or 0) - len(node.attr)
        raise self.error(line, max(column, 0), message)

    def _characters(self, line: int, utf8_bytes: int) -> int:
        written = self._lines[line] if line < len(self._lines) else ""
        return len(written.encode("utf-8", "replace")[:utf8_bytes].decode("utf-8", "replace"))

    def check(self, node: ast.expr, names: frozenset[str], depth: int) -> None:
        if depth > MAX_DEPTH:
            self.fail(node, f"nested deeper than {MAX_DEPTH}; split it into several expectations")
        for operator in _operators(node):
            if not isinstance(operator, _OPERATORS):
                self.fail(node, f"the operator {_SIGNS[type(operator)]} cannot be used in an expression; leave it out")
        match node:
            case ast.Constant():
                self._check_constant(node)
            case ast.Name():
                self._check_name(node, names)
            case ast.Attribute() | ast.Call(func=ast.Attribute()) if (module := _find_module(node)) not in (
                None,
                *names,
            ):
                self.fail(node, f"expressions know no `{module}`; {_instead_of_module(node)}")
            case ast.Attribute():
                self._check_attribute(node)
            case ast.Call():
                self._check_call(node, names, depth)
            case ast.ListComp() | ast.GeneratorExp():
                self._check_comprehension(node, names, depth)
            case ast.Dict() if None in node.keys:
                self.fail(node, "`**` in a dict cannot be used in an expression; write the keys out")
            case _ if not isinstance(node, _NODES):
                self.fail(node, _REFUSED.get(type(node), "this cannot be used in an expression; write the value out"))
        if not isinstance(node, ast.Call | ast.ListComp | ast.GeneratorExp):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.check(child, names, depth + 1)
        if isinstance(node, ast.BinOp) and all(isinstance(inner, _NUMERIC) for inner in ast.walk(node)):
            self._try_out(node)

    def _try_out(self, node: ast.BinOp) -> None:
        """Work out what needs no variable, so that what is too large is found now."""
        try:
            evaluate(node, {}, {})
        except ExpressionError as error:
            self.fail(node, error.message)

    def check_arguments(
        self, node: ast.Call, names: frozenset[str] | None = None, depth: int = 0
    ) -> tuple[tuple[ast.expr, ...], dict[str, ast.expr]]:
        """Check and return the arguments of a call, by place and by name."""
        named: dict[str, ast.expr] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                self.fail(keyword, "`**` before an argument cannot be used in an expression; write the arguments out")
            if keyword.arg in named:
                self.fail(keyword, f"`{keyword.arg}=` is here twice; keep one of them")
            named[keyword.arg] = keyword.value
        for argument in (*node.args, *named.values()):
            self.check(argument, self.names if names is None else names, depth + 1)
        return tuple(node.args), named

    def _check_constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, int) and node.value > MAX_INT:
            self.fail(node, "this number has more than 64 bits; write a smaller one, or a float such as 1e30")
        if isinstance(node.value, bytes | complex):
            kind = "bytes" if isinstance(node.value, bytes) else "a complex number"
            self.fail(node, f"{kind} cannot be used in an expression; write a number or a text")

    def _check_name(self, node: ast.Name, names: frozenset[str]) -> None:
        if node.id in names or node.id in CONSTANTS:
            return
        if node.id in VOCABULARY:
            self.fail(node, f"`{node.id}` is a function; call it: {VOCABULARY[node.id].call}")
        known = enumerate_words(sorted(names))
        instead = suggest(node.id, [*names, *CONSTANTS]) or (f"there are {known}" if known else "there are none")
        self.fail(node, f"`{node.id}` is not a variable here; {instead}")

    def _check_attribute(self, node: ast.Attribute) -> None:
        if node.attr in ATTRIBUTES:
            return
        if node.attr in METHODS:
            self.fail_at_attribute(node, f"`.{node.attr}` is a method; call it: .{node.attr}()")
        instead = suggest(node.attr, [*ATTRIBUTES, *METHODS], ".") or f"there are .{', .'.join(ATTRIBUTES)}"
        self.fail_at_attribute(node, f"`.{node.attr}` cannot be asked for in an expression; {instead}")

    def _check_call(self, node: ast.Call, names: frozenset[str], depth: int) -> None:
        if isinstance(node.func, ast.Attribute):
            self._check_method(node.func)
            self.check(node.func.value, names, depth + 1)
        elif not isinstance(node.func, ast.Name):
            self.fail(node.func, "only functions and methods can be called in an expression; name one")
        elif node.func.id not in VOCABULARY:
            name = node.func.id
            if name in names or name in CONSTANTS:
                self.fail(node.func, f"`{name}` is not a function; leave the brackets behind it out")
            near = difflib.get_close_matches(name, VOCABULARY, 1, cutoff=0.7)
            instead = f"did you mean `{near[0]}`?" if near else _LISTED
            self.fail(node.func, f"`{name}` is not a function for expressions; {instead}")
        self.check_arguments(node, names, depth)
        if isinstance(node.func, ast.Name):
            self._check_parameters(node, VOCABULARY[node.func.id])

    def _check_method(self, node: ast.Attribute) -> None:
        if node.attr in METHODS:
            return
        if node.attr in ATTRIBUTES:
            self.fail_at_attribute(node, f"`.{node.attr}` is not a method; leave the brackets behind it out")
        if node.attr in VOCABULARY:
            instead = f"write {VOCABULARY[node.attr].call}"
        else:
            instead = suggest(node.attr, METHODS, ".") or _LISTED
        self.fail_at_attribute(node, f"the method `.{node.attr}` cannot be called in an expression; {instead}")

    def _check_parameters(self, node: ast.Call, function: Function) -> None:
        for keyword in node.keywords:
            if keyword.arg not in function.optional:
                self.fail(keyword, f"`{function.name}` takes no `{keyword.arg}=`; it is called {function.call}")
        places = len(node.args)
        if places < function.required or (function.most is not None and places > function.most):
            plural = "" if places == 1 else "s"
            self.fail(node, f"`{function.name}` cannot take {places} argument{plural}; it is called {function.call}")

    def _check_comprehension(self, node: ast.ListComp | ast.GeneratorExp, names: frozenset[str], depth: int) -> None:
        for generator in node.generators:
            if generator.is_async:
                self.fail(node, "`async` cannot be used in an expression; leave it out")
            self.check(generator.iter, names, depth + 1)
            targets = generator.target.elts if isinstance(generator.target, ast.Tuple) else [generator.target]
            for target in targets:
                if not isinstance(target, ast.Name) or target.id.startswith("_"):
                    self.fail(target, "a loop needs a plain variable here; write a name that does not start with _")
                if target.id in names or target.id in CONSTANTS or target.id in VOCABULARY:
                    self.fail(target, f"`{target.id}` has a meaning already; choose another name")
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
            for condition in generator.ifs:
                self.check(condition, names, depth + 1)
        self.check(node.elt, names, depth + 1)


def _find_module(node: ast.expr) -> str | None:
    """Return the `torch` of `torch.randn` or `torch.nn.functional.softmax(x)`."""
    inner = node.func if isinstance(node, ast.Call) else node
    while isinstance(inner, ast.Attribute):
        inner = inner.value
    return inner.id if isinstance(inner, ast.Name) and inner.id in _MODULES else None


def _instead_of_module(node: ast.expr) -> str:
    last = node.func if isinstance(node, ast.Call) else node
    name = last.attr if isinstance(last, ast.Attribute) else ""
    if name in VOCABULARY or name in CONSTANTS:
        return f"write `{name}` alone"
    return suggest(name, [*VOCABULARY, *CONSTANTS]) or _LISTED


def _operators(node: ast.expr) -> Sequence[ast.AST]:
    match node:
        case ast.BinOp() | ast.UnaryOp() | ast.BoolOp():
            return [node.op]
        case ast.Compare():
            return node.ops
    return []


def suggest(word: str, known: Iterable[str], before: str = "") -> str | None:
    near = difflib.get_close_matches(word, sorted(known), 1)
    return f"did you mean `{before}{near[0]}`?" if near else None


def enumerate_words(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
