"""What lint says about the words of an exercise: statement, hints, the sentences of mutants, reasons."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from grader.course.formulas import find_fault
from grader.course.lint_checks import LOOSE
from grader.course.python_code import Code
from grader.course.yaml_tree import Node, Problem, YamlFile
from grader.text.numbers import find_numbers

#: Shorter texts say nothing to a learner who is stuck.
FEWEST_CHARACTERS = 40
#: What fits on two or three lines below a failed check.
MOST_CHARACTERS = 250
#: What an exercise taught is read in passing, between the score and what to type next.
MOST_TAUGHT_CHARACTERS, MOST_TAUGHT_SENTENCES = 400, 3
#: Shorter statements, such as `n = len(x)`, are too common to give a solution away.
TELLING_CHARACTERS = 20
#: What a function returns decides it, however short; of a part of an expression so many names and signs do.
TELLING_TOKENS, TELLING_PART_TOKENS = 3, 8

_SOURCE = re.compile(r"\bSource:\s*\S|https?://|\barXiv:\s*\d|\bdoi\b|\b10\.\d{4,}/", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[.!?][)\"'`”’]?$")
_SENTENCE_ENDS = re.compile(r"[.!?][)\"'`”’]?(?=\s|$)")


def check_text(source: YamlFile, stub: Code | None, solution: Code | None, *, own: bool = False) -> Iterator[Problem]:
    """Give what is wrong with the words of one exercise; `own` is one of the course that comes with study."""
    yield from _check_statement(source)
    yield from _check_formulas(source)
    yield from _check_hints(source, stub, solution)
    yield from _check_sentences(source)
    yield from _check_taught(source, own=own)
    for check in source.root.at("checks").items:
        for expectation in check.at("expect").items:
            yield from _check_tolerance(source, expectation)


def _at(source: YamlFile, node: Node, text: str) -> Problem:
    return Problem(source.path, node.line, node.column, text)


def _check_statement(source: YamlFile) -> Iterator[Problem]:
    node = source.root.at("statement")
    if node.text is None:
        return
    if len(node.text.strip()) < FEWEST_CHARACTERS:
        text = f"the statement has fewer than {FEWEST_CHARACTERS} characters; say what to write and what counts"
        yield _at(source, node, text)
    if not _SOURCE.search(node.text):
        yield _at(source, node, "the statement names no source; end it with a line `Source: ...`")


def _check_formulas(source: YamlFile) -> Iterator[Problem]:
    for node in source.root.at("formulas").items:
        if node.text is not None and (fault := find_fault(node.text)):
            yield _at(source, node, f"the formula cannot be shown: {fault}")


def _check_hints(source: YamlFile, stub: Code | None, solution: Code | None) -> Iterator[Problem]:
    known = _join_tokens((source.root.at("statement").text or "") + " \n " + (stub.text if stub else ""))
    told = [part for part in _telling_parts(solution.tree) if part.tokens not in known] if solution else []
    seen: dict[str, int] = {}
    hints = source.root.at("hints").items
    for number, hint in enumerate(hints, 1):
        if hint.text is None:
            continue
        if len(hint.text.strip()) < FEWEST_CHARACTERS:
            text = f"the hint has fewer than {FEWEST_CHARACTERS} characters; say what to look at, and why"
            yield _at(source, hint, text)
        key = " ".join(hint.text.casefold().split())
        if key in seen:
            yield _at(source, hint, f"the hint is the same as the one in line {seen[key]}; say more, or leave it out")
        seen.setdefault(key, hint.line)
        tokens, is_last = _join_tokens(hint.text), number == len(hints) > 1
        found = (part for part in told if part.tokens in tokens and not (part.is_inner and is_last))
        if part := next(found, None):
            yield _at(source, hint, f"the hint gives the solution's own code away ({part.code}); say it in words")


class _Part(NamedTuple):
    """A piece of a solution: its code, the same as `_join_tokens` writes it, and whether it is a part of a value."""

    code: str
    tokens: str
    is_inner: bool


def _telling_parts(tree: ast.Module) -> list[_Part]:
    """Give what a hint must not hold, the longest first; the last hint may hold the inner parts."""
    found: dict[str, _Part] = {}

    def add(node: ast.AST, least_tokens: int, least_characters: int, *, is_inner: bool = False) -> None:
        code = ast.unparse(node)
        tokens = _join_tokens(code)
        if tokens.count("\0") > least_tokens and len(re.sub(r"\s", "", code)) >= least_characters:
            found.setdefault(tokens, _Part(code, tokens, is_inner))

    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Expr) and (
            value := node.value
        ):
            if not isinstance(value, ast.Constant):
                add(node, 0, TELLING_CHARACTERS)
                add(value, 0, TELLING_CHARACTERS)
            if isinstance(node, ast.Return) and _computes(value):
                add(value, TELLING_TOKENS, 0)
    for node in ast.walk(tree):  # behind all whole values, which no hint may hold
        if _computes(node):
            add(node, TELLING_PART_TOKENS, 0, is_inner=True)
    return sorted(found.values(), key=lambda part: (-len(part.tokens), part.tokens))


def _computes(node: ast.AST) -> bool:
    """Tell whether an expression does something, and not only names it."""
    kinds = ast.BinOp | ast.BoolOp | ast.Compare | ast.UnaryOp | ast.Subscript | ast.IfExp | ast.Lambda
    loops = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    return isinstance(node, kinds | loops) or (isinstance(node, ast.Call) and bool(node.args or node.keywords))


def _join_tokens(text: str) -> str:
    """Write out the names and signs of a text, so that code is found in a sentence whatever its spaces and quotes."""
    tokens = re.findall(r"\w+|[^\w\s]", text.replace("`", "").replace("'", '"'))
    return "\0".join(["", *tokens, ""])


def _check_sentences(source: YamlFile) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for mutant in source.root.at("mutants").items:
        node = mutant.at("says")
        if node.text is None:
            continue
        said = node.text.strip()
        if len(said) > MOST_CHARACTERS:
            text = f"the sentence has {len(said)} characters; say it in {MOST_CHARACTERS} at most"
            yield _at(source, node, text)
        if not _SENTENCE_END.search(said):
            yield _at(source, node, "the sentence does not end in a full stop; add it")
        key = " ".join(said.casefold().split())
        if key in seen:
            text = f"the mutant in line {seen[key]} says the same; say what is wrong with this one"
            yield _at(source, node, text)
        seen.setdefault(key, node.line)


def _check_taught(source: YamlFile, *, own: bool) -> Iterator[Problem]:
    node = source.root.at("taught")
    if node.text is None:
        if own and node.value is None:
            yield _at(
                source, source.root, "the exercise does not say what it taught; add `taught:`, see `study schema`"
            )
        return
    said = " ".join(node.text.split())  # loading refuses an empty one
    if len(said) > MOST_TAUGHT_CHARACTERS:
        text = f"what the exercise taught has {len(said)} characters; say it in {MOST_TAUGHT_CHARACTERS} at most"
        yield _at(source, node, text)
    if (sentences := len(_SENTENCE_ENDS.findall(said))) > MOST_TAUGHT_SENTENCES:
        text = f"what the exercise taught has {sentences} sentences; say it in {MOST_TAUGHT_SENTENCES} at most"
        yield _at(source, node, text)
    if not _SENTENCE_END.search(said):
        yield _at(source, node, "what the exercise taught does not end in a full stop; add it")
    for question in source.root.at("questions").items:
        number, within = _number(question.at("number").text), _number(question.at("within").text)
        if number is not None and within is not None and any(abs(n - number) <= within for n in find_numbers(said)):
            text = (
                f"what the exercise taught gives away the number {number:g}, which its question asks for; leave it out"
            )
            yield _at(source, node, text)


def _check_tolerance(source: YamlFile, expectation: Node) -> Iterator[Problem]:
    tolerance = expectation.at("tolerance")
    if not isinstance(tolerance.value, dict) or expectation.at("because").value is not None:
        return
    for _, value in tolerance.value.values():
        if (number := _number(value.text)) is not None and number > LOOSE:
            text = f"the tolerance {value.text} is looser than {LOOSE:g}; tighten it, or say why in `because:`"
            yield _at(source, value, text)


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
