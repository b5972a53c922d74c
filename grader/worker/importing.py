"""Import a file in a worker: parse it, refuse what is forbidden, run it, and say what came of that."""

import ast
import linecache
import random
import sys
import types
from typing import Any, NamedTuple

import numpy as np
import torch

from grader import wire
from grader.worker.forbidden import find_forbidden
from grader.worker.given import MODULE_NAME, Given
from grader.worker.operators import OPERATORS_IN_PYTHON, refuse_operators

MAX_FRAMES = 12


class Code(NamedTuple):
    """What is imported: sources, executed one after the other in one namespace, and what they may not use."""

    sources: tuple[str, ...]
    forbid: tuple[str, ...]
    forbid_operators: tuple[str, ...]


class Importer:
    """The learner's module: how it is made, and what it holds afterwards."""

    def __init__(self, code: Code, given: str, filename: str, seed: int, device: str) -> None:
        self.module = types.ModuleType(MODULE_NAME)
        self.filename = filename
        self.given = Given(given, self.module, filename)
        self._code = code
        self._source = code.sources[-1]
        self._trees: list[Any] = []
        self._seed = seed
        self.device = device

    def prepare(self) -> tuple[Any, ...] | None:
        """Parse the sources and refuse operators, for the life of the process; returns the reply if they cannot run."""
        code = self._code
        try:
            self._trees = [
                compile(source, self.filename, "exec", ast.PyCF_ONLY_AST, dont_inherit=True) for source in code.sources
            ]
            forbidden = code.forbid + (OPERATORS_IN_PYTHON if code.forbid_operators else ())
            found = [hit for tree in self._trees for hit in find_forbidden(tree, forbidden)]
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return _syntax_reply(error, self._source)
        if found:
            return ("forbidden", found)
        if code.forbid_operators:
            refuse_operators(code.forbid_operators)
        return None

    def run(self) -> tuple[Any, ...]:
        """Execute the sources, on top of what is given; returns ("ready", {name: kind}, changed) or ("raised", ...)."""
        self.module.__file__ = self.filename
        sys.modules[MODULE_NAME] = self.module
        linecache.cache[self.filename] = (len(self._source), None, self._source.splitlines(True), self.filename)
        seed_everything(self._seed, self.device)
        self.given.guard_process()
        try:
            trees, changed = self.given.run(self._trees)
            for tree in trees:
                exec(compile(tree, self.filename, "exec", dont_inherit=True), self.module.__dict__)
        except BaseException as error:
            return make_raised_reply(error, self.filename)
        self.given.put_back()
        kinds = {name: _kind(v) for name, v in vars(self.module).items() if not name.startswith("_")}
        return ("ready", kinds, changed)


def seed_everything(seed: int, device: str = "cpu") -> None:
    """Seed the generators of random, numpy and torch."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if (
        device == "cpu"
    ):  # torch.manual_seed notes for CUDA who called it, which is a fifth of what a check's process costs
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)


def _kind(value: object) -> str:
    if isinstance(value, type):
        return "class"
    if isinstance(value, types.FunctionType):
        return "function"
    if isinstance(value, types.ModuleType):
        return "module"
    if callable(value):
        return "function"
    return type(value).__name__[:100]


def _syntax_reply(error: BaseException, source: str) -> tuple[Any, ...]:
    before, nul, _ = source.partition("\0")
    line = getattr(error, "lineno", None) or (before.count("\n") + 1 if nul else 1)
    column = getattr(error, "offset", None) or (len(before.rpartition("\n")[2]) + 1 if nul else 1)
    if isinstance(error, MemoryError | RecursionError):  # Python's parser says no more than that
        return ("syntax", "SyntaxError", "too large, or nested too deeply for Python to read", int(line), int(column))
    text = str(getattr(error, "msg", None) or error)[: wire.MAX_TEXT]
    return ("syntax", type(error).__name__, text, int(line), int(column))


def make_raised_reply(error: BaseException, filename: str) -> tuple[Any, ...]:
    """Describe an exception: class names, text, and the frames of the learner's own file."""
    frames: list[tuple[int, str]] = []
    depth = 0
    step = error.__traceback__
    while step is not None and depth < 100_000:
        code = step.tb_frame.f_code
        if code.co_filename == filename:
            frames.append((step.tb_lineno, code.co_name[:200]))
        step, depth = step.tb_next, depth + 1
    if len(frames) > MAX_FRAMES:
        frames = frames[: MAX_FRAMES // 2] + frames[-MAX_FRAMES // 2 :]
    kinds = [c.__name__[:200] for c in type(error).__mro__ if c is not object]
    try:
        text = str(error)[: wire.MAX_TEXT]
    except BaseException as broken:
        text = f"(its text cannot be had: str() raised {type(broken).__name__})"
    return ("raised", kinds, text, frames)
