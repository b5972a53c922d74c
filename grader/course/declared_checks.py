"""Check the declared checks of an exercise as far as text alone tells: their expressions, names, and what they lack.

As in `links`, the trees are looked at and not the models, so that one mistake hides no other.
"""

import ast
import builtins
import difflib
import keyword
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from inspect import Signature
from pathlib import Path

from msgspec import Struct, inspect

from grader.core.expectations import COMPARING, KINDS, Expectation
from grader.course.code import CHECKS, SOLUTION, STUB
from grader.course.conform import describe_type
from grader.course.derived_stub import derive_stub
from grader.course.function_signatures import MAX_PYTHON, find_signatures, parse_python, write_signature
from grader.course.yaml_tree import Node, YamlFile
from grader.expressions import CONSTANTS, DTYPES, FUNCTIONS, ExpressionError, find_place, parse_call, parse_expression
from grader.expressions.vocabulary import OF_CORPUS

#: What a stub defines, as far as it can be known.
Stub = Mapping[str, Signature | None] | None

_FLOATS = tuple(name for name in DTYPES if "float" in name)
_EXCEPTIONS = tuple(
    name for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, Exception)
)
#: Of a check that is not declared these would have no meaning.
_ONLY_WITH_CALL = ("given", "cases", "expect", "seeds", "devices", "picture")


def check_declared(source: YamlFile, folder: Path) -> None:
    """Report what is wrong with the declared checks of an exercise, and inline code that is no Python.

    Args:
        source: Its exercise.yaml, already held against the model.
        folder: Where the files beside it lie.
    """
    for node in _inline_code(source.root):
        _check_python(source, node)
    checks = source.root.at("checks").items
    if not any(check.at("call").value is not None for check in checks):
        functions: Collection[str] = ()
        stub: Stub = None
    else:
        functions = find_signatures(_read(folder / CHECKS)) or ()
        stub = find_signatures(_read_stub(source.root, folder))
    for check in checks:
        _Declared(source, check, stub, functions).check()


def _read_stub(root: Node, folder: Path) -> str | None:
    """Return the stub: inline, in its file, or derived from the solution."""
    if (inline := root.at("stub")).value is not None:
        return inline.text
    if (folder / STUB).exists():
        return _read(folder / STUB)
    solution = root.at("solution")
    text = solution.text if solution.value is not None else _read(folder / SOLUTION)
    return text if text is None else derive_stub(text).text


def _inline_code(root: Node) -> Iterable[Node]:
    yield from (root.at("stub"), root.at("solution"))
    for key in ("mutants", "accept"):
        yield from (item.at("code") for item in root.at(key).items)


def _check_python(source: YamlFile, node: Node) -> None:
    text = _sound_text(source, node)
    if text is None:
        return
    try:
        parse_python(text)
    except SyntaxError as error:
        place = source.place_inside(node, (error.lineno or 1) - 1, max((error.offset or 1) - 1, 0))
        source.add(place, f"this is no Python: {error.msg}; correct this line")
    except (ValueError, RecursionError, MemoryError):
        source.add(node, f"this is no Python that could be read; write at most {MAX_PYTHON:,} characters")


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):  # that it is missing is reported elsewhere
        return None


def _sound_text(source: YamlFile, node: Node) -> str | None:
    """Return the text of a node, unless it has none or one that is known to be wrong."""
    return None if source.has_problem_at(node) else node.text


class _Declared:
    """One check of an exercise.

    Args:
        source: The exercise's file.
        check: The check in it.
        stub: The functions and classes that can be called.
        functions: What checks.py defines.
    """

    def __init__(self, source: YamlFile, check: Node, stub: Stub, functions: Collection[str]) -> None:
        self._source, self._check, self._stub, self._functions = source, check, stub, functions

    def check(self) -> None:
        call = self._check.at("call")
        if call.value is None:
            self._refuse_rest()
            return
        name = self._check.at("id").text
        if f"test_{name}" in self._functions:
            self._add(call, f"{CHECKS} has test_{name} as well; keep one of them")
        inputs = self._check_inputs()
        if (text := _sound_text(self._source, call)) is not None:
            self._check_call(call, text, inputs)
        expect = self._check.at("expect")
        if expect.value in (None, []) and not self._source.has_problem_at(expect):
            self._add(call, "nothing is expected of this call; add `expect: [{equals: reference}]`")
        for item in expect.items:
            if isinstance(item.value, dict) and not self._is_torn(item.value):
                self._check_expectation(item, inputs)
        picture = self._check.at("picture")
        lines = picture.at("lines").value
        if lines == {}:
            self._add(picture.at("lines"), "`lines` draws nothing; add a line such as `loss: result`")
        for node in (picture.at("x"), *(line for _, line in (lines if isinstance(lines, dict) else {}).values())):
            self._check_expression(node, [*inputs, "result", "reference"])

    def _add(self, node: Node, text: str) -> None:
        self._source.add(node, text)

    def _refuse_rest(self) -> None:
        """Report what a check in Python cannot have."""
        value = self._check.value if isinstance(self._check.value, dict) else {}
        there = [key for key in _ONLY_WITH_CALL if key in value]
        if there:
            words = ", ".join(f"`{key}`" for key in there)
            self._add(value[there[0]][0], f"{words} without a `call`; add one such as `call: f(x)`, or leave it out")

    def _check_inputs(self) -> list[str]:
        """Check `given` and `cases`; returns the inputs."""
        given = self._check.at("given")
        entries = given.value if isinstance(given.value, dict) else {}
        for name, (key, _) in entries.items():
            if not self._source.has_problem_at(key):
                self._check_input_name(key, name)
        inputs = list(entries)
        cases = [case.value for case in self._check.at("cases").items if isinstance(case.value, dict)]
        for values in (entries, *cases):
            if self._is_torn(values):
                continue
            for name, (key, value) in values.items():
                self._require_input(key, inputs)
                later = inputs[inputs.index(name) :] if name in inputs else ()
                self._check_expression(value, inputs, later)
        return inputs

    def _is_torn(self, values: Mapping[str, tuple[Node, Node]]) -> bool:
        """Tell whether a `{ }` was split at the comma of an expression; that is reported at what is left over."""
        return any(value.value == "" and self._source.has_problem_at(key) for key, value in values.values())

    def _check_input_name(self, key: Node, name: str) -> None:
        kind = "a function" if name in FUNCTIONS else "a constant" if name in CONSTANTS else None
        if name in ("result", "reference"):
            self._add(key, f"`{name}` is what came back of the call; choose another name for this input")
        elif keyword.iskeyword(name):
            self._add(key, f"`{name}` is a word of Python; choose another name for this input")
        elif kind:
            self._add(key, f"`{name}` is {kind} of expressions; choose another name for this input")

    def _require_input(self, node: Node, inputs: Sequence[str]) -> None:
        name = _sound_text(self._source, node)
        if name is not None and name not in inputs:
            near = difflib.get_close_matches(name, inputs, 1)
            instead = f"did you mean `{near[0]}`?" if near else "add it there"
            self._add(node, f"`{name}` is not an input of `given`; {instead}")

    def _check_expression(self, node: Node, names: Collection[str], later: Collection[str] = ()) -> None:
        text = _sound_text(self._source, node)
        if text is None:
            return
        try:
            tree = parse_expression(text, names)
        except ExpressionError as error:
            self._add(self._source.place_inside(node, error.line, error.column), error.message)
        else:
            self._require_corpus(node, text, [tree])
            for inner in ast.walk(tree):
                if isinstance(inner, ast.Name) and inner.id in later:
                    place = self._source.place_inside(node, *find_place(text, inner))
                    self._add(place, f"`{inner.id}` has no value yet; an input can use those above it in `given`")

    def _check_call(self, node: Node, text: str, inputs: Collection[str]) -> None:
        # Where the stub cannot be read, any name will do.
        defined = self._stub if self._stub is not None else re.findall(r"\w+", text)
        try:
            call = parse_call(text, inputs, defined)
        except ExpressionError as error:
            self._add(self._source.place_inside(node, error.line, error.column), error.message)
            return
        if signature := (self._stub or {}).get(call.target):
            try:
                signature.bind(*call.args, **call.kwargs)
            except TypeError as error:
                place = self._source.place_inside(node, *find_place(text, call.node))
                is_called = write_signature(call.target, signature)
                self._add(place, f"`{call.target}` cannot be called so: {error}; the stub has {is_called}")
        trees = [*call.args, *call.kwargs.values()]
        trees += [tree for step in call.then for tree in (*step.args, *step.kwargs.values())]
        self._require_corpus(node, text, trees)

    def _require_corpus(self, node: Node, text: str, trees: Iterable[ast.expr]) -> None:
        if self._source.root.at("corpus").text == "true":
            return
        for inner in (inner for tree in trees for inner in ast.walk(tree)):
            if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id in OF_CORPUS:
                place = self._source.place_inside(node, *find_place(text, inner))
                self._add(place, f"`{inner.func.id}` needs a corpus; add `corpus: true` to the exercise")

    def _check_expectation(self, item: Node, inputs: Sequence[str]) -> None:
        there = [kind for kind in KINDS if kind in item.value]
        if not there and not any(self._source.has_problem_at(key) for key, _ in item.value.values()):
            self._add(item, f"an expectation needs one of {', '.join(KINDS)}; add one such as `equals: reference`")
        for kind in there[1:]:
            self._add(item.value[kind][0], f"`{there[0]}` is beside it; write `- {kind}:` as an item of its own")
        for field in _fields(Expectation):
            self._check_value(item.at(field.name), field.type, field.name, inputs)
        if "message" in item.value and "raises" not in item.value:
            self._add(item.value["message"][0], "`message` is what an exception says; add `raises:`, or leave it out")
        self._check_tolerance(item, there)

    def _check_value(self, node: Node, expected: inspect.Type, key: str, inputs: Sequence[str]) -> None:
        """Check what the type of a key in the model says of its value, and of every value in it."""
        while isinstance(expected, inspect.Metadata | inspect.UnionType):
            if isinstance(expected, inspect.UnionType):  # X | None
                expected = next(one for one in expected.types if not isinstance(one, inspect.NoneType))
            elif check := TEXTS.get((expected.extra or {}).get("is", "")):
                check(self, node, inputs)
                return
            else:
                expected = expected.type
        if isinstance(expected, inspect.VarTupleType):
            if node.value == []:
                self._add(node, f"`{key}` names nothing; add a name, or leave it out")
            for item in node.items:
                self._check_value(item, expected.item_type, key, inputs)
        elif isinstance(expected, inspect.BoolType):
            if node.text == "false":
                self._add(node, f"`{key}: false` expects nothing; leave it out")
        elif isinstance(expected, inspect.StructType):
            if node.value == {} and not any(field.required for field in expected.fields):
                *first, last = (field.name for field in expected.fields)
                self._add(node, f"`{key}` sets no limit; add {', '.join(first)} or {last}")
            for field in expected.fields:
                self._check_value(node.at(field.name), field.type, field.name, inputs)

    def _check_of_result(self, node: Node, inputs: Sequence[str]) -> None:
        self._check_expression(node, [*inputs, "result", "reference"])

    def _check_threshold(self, node: Node, inputs: Sequence[str]) -> None:
        thresholds, name = self._source.root.at("thresholds"), _sound_text(self._source, node)
        known = list(thresholds.value) if isinstance(thresholds.value, dict) else []
        if name is not None and name not in known and not self._source.has_problem_at(thresholds):
            near = difflib.get_close_matches(name, known, 1)
            instead = f"did you mean `{near[0]}`?" if near else "add it to `thresholds:` of the exercise"
            self._add(node, f"`{name}` is not a threshold; {instead}")

    def _check_exception(self, node: Node, inputs: Sequence[str]) -> None:
        name = _sound_text(self._source, node)
        if name == "NotImplementedError":
            self._add(node, "the unsolved stub raises NotImplementedError too; expect another exception")
        elif name is not None and name not in (*_EXCEPTIONS, *(self._stub or ())):
            near = difflib.get_close_matches(name, _EXCEPTIONS, 1, cutoff=0.8)
            if near:
                self._add(node, f"`{name}` is not a Python exception; did you mean `{near[0]}`?")

    def _check_pattern(self, node: Node, inputs: Sequence[str]) -> None:
        text = _sound_text(self._source, node)
        try:
            re.compile(text or "")
        except (re.error, OverflowError, RecursionError) as error:
            place = self._source.place_inside(node, *_find_line(text or "", getattr(error, "pos", None) or 0))
            said = getattr(error, "msg", "too large")
            self._add(place, f"`message` is not a regular expression: {said}; put a \\ before what is meant literally")

    def _check_tolerance(self, item: Node, there: Sequence[str]) -> None:
        tolerance = item.at("tolerance")
        compares = any(kind in COMPARING for kind in there)
        if "tolerance" in item.value and there and not compares:
            key = item.value["tolerance"][0]
            self._add(key, f"`{there[0]}` compares no numbers; leave `tolerance` out")
        elif tolerance.value == {}:
            self._add(tolerance, "`tolerance` names no dtype; write {float32: 1e-5}, or leave it out")
        for name, (key, _) in tolerance.value.items() if isinstance(tolerance.value, dict) else ():
            if name not in _FLOATS:
                near = difflib.get_close_matches(name, _FLOATS, 1)
                instead = f"did you mean `{near[0]}`?" if near else f"write one of {', '.join(_FLOATS)}"
                exact = "is compared exactly" if name in DTYPES else "is not a dtype"
                self._add(key, f"`{name}` {exact}; {instead}")
        if "because" in item.value and there and "holds" not in there and "tolerance" not in item.value:
            key = item.value["because"][0]
            self._add(key, "`because` goes with `holds` or a `tolerance`; leave it out")


#: What a text of an expectation has to be, by the `is` of its type in `grader.core.keys`.
TEXTS: Mapping[str, Callable[[_Declared, Node, Sequence[str]], None]] = {
    "expression": _Declared._check_of_result,
    "input": _Declared._require_input,
    "exception": _Declared._check_exception,
    "pattern": _Declared._check_pattern,
    "threshold": _Declared._check_threshold,
}


def _fields(model: type[Struct]) -> tuple[inspect.Field, ...]:
    described = describe_type(model)
    assert isinstance(described, inspect.StructType)
    return described.fields


def _find_line(text: str, position: int) -> tuple[int, int]:
    """Return the line and column, from 0, of a position in a text."""
    before = text[:position]
    return before.count("\n"), len(before) - (before.rfind("\n") + 1)
