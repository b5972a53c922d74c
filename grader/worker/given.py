"""What the stub hands out ready made: it stays as it was given, whatever the learner's file does to it.

A check that goes through given code, such as a training loop or a function that takes gradients, believes it. So given
functions and classes run from the stub's own text, among names of their own; the learner's file has them under their
names, its own copies of them are passed over, and before each request what was changed in them since is put back. All
of this runs in the learner's process, where nothing is beyond reach for code that searches the memory; what is only
rebound, replaced or patched is undone.
"""

import __future__

import ast
import builtins
import contextlib
import copy
import functools
import math
import operator
import random
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

import torch

MODULE_NAME = "submission"
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
#: Where given code finds what it calls: a patch there of a name that it uses would change what it does.
_LIBRARY: tuple[types.ModuleType | type, ...] = (
    *(builtins, math, random, torch, torch.nn, torch.nn.functional, torch.nn.init, torch.optim, torch.linalg),
    *(torch.Tensor, torch.Generator, torch.nn.Module),
    *(torch.optim.Optimizer, torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW),
)
#: What every gradient goes through, whatever names the given code uses; Variable holds the engine.
_GRADIENTS: tuple[types.ModuleType | type, ...] = (torch.autograd, torch.autograd.graph, torch.autograd.Variable)
#: What Python asks its audit hooks when a variable of a caller could be changed.
_TRACING = ("sys.settrace", "sys.setprofile")
#: Of a class, what is no part of its definition.
_OF_EVERY_CLASS = ("__dict__", "__weakref__", "__annotations__", "__doc__", "__module__")


def find_given(stub: str) -> str:
    """Return the part of a stub that is given: imports, values, and the definitions that raise no NotImplementedError.

    Without any such definition the answer is empty.
    """
    kept = [node for node in ast.parse(stub).body if not (isinstance(node, Definition) and _is_asked(node))]
    if not any(isinstance(node, Definition) for node in kept):
        return ""
    return ast.unparse(ast.Module(kept, []))


def _is_asked(node: ast.AST) -> bool:
    raised = (part.exc for part in ast.walk(node) if isinstance(part, ast.Raise))
    return any(exc is not None and "NotImplementedError" in ast.dump(exc) for exc in raised)


class Given:
    """The given definitions of one grade, in a namespace of their own."""

    def __init__(self, source: str, module: types.ModuleType, filename: str) -> None:
        """Prepare them.

        Args:
            source: What `find_given` found.
            module: The learner's, where given code finds what the learner writes.
            filename: The learner's file.
        """
        self._nodes = ast.parse(source).body
        self._definitions = {node.name: node for node in self._nodes if isinstance(node, Definition)}
        self._module = module
        self._filename = filename
        self._own: dict[str, Any] = {"__name__": module.__name__, "__builtins__": builtins}
        parts = [part for node in self._nodes for part in ast.walk(node)]
        self._named = {part.id for part in parts if isinstance(part, ast.Name)}
        used = self._named | {part.attr for part in parts if isinstance(part, ast.Attribute)}
        self._library = [(place, *_look_up(place, used)) for place in _LIBRARY] if self._definitions else []
        self._library += [(place, dict(vars(place)), ()) for place in _GRADIENTS] if self._definitions else []

    def __contains__(self, name: str) -> bool:
        return name in self._definitions

    def run(self, trees: Sequence[ast.Module]) -> tuple[list[ast.Module], list[str]]:
        """Define what is given, and put it under its names.

        Args:
            trees: The learner's sources.

        Returns:
            The sources without their copies of what is given, and the names of the copies that differ from it, other
            than in words, in what is printed, in annotations of parameters and layout.
        """
        copies: dict[str, list[Definition]] = {}
        for part in (part for tree in trees for part in tree.body):
            if isinstance(part, Definition) and part.name in self._definitions:
                copies.setdefault(part.name, []).append(part)
        kept = [ast.Module([p for p in t.body if not self._is_copy(p)], t.type_ignores) for t in trees]
        same = {
            name for name, found in copies.items() if all(_is_same(part, self._definitions[name]) for part in found)
        }
        # What a copy prints beside says nothing of the answer, and is not run: the stub's own text is.
        changed = [
            name
            for name, found in copies.items()
            if name not in same and not all(_is_same(_quiet(part), _quiet(self._definitions[name])) for part in found)
        ]
        flags = sum(getattr(__future__, name).compiler_flag for name in _find_future(self._nodes))
        for node in self._nodes:
            mine = copies.get(node.name, []) if isinstance(node, Definition) and node.name in same else []
            # A copy that says the same shows its lines in the learner's file when something raises in it.
            told, filename = (_strip(mine[0]), self._filename) if mine else (node, "given")
            exec(compile(ast.Module([told], []), filename, "exec", flags, dont_inherit=True), self._own)
        parts: dict[int, object] = {}
        for name in self._definitions:
            _find_parts(self._own[name], parts)
        self._undo = [undo for part in parts.values() for undo in _remember(part)]
        self._given = dict(self._own)
        self._bind()
        return kept, changed

    def _is_copy(self, part: ast.stmt) -> bool:
        return isinstance(part, Definition) and part.name in self._definitions

    def _bind(self) -> None:
        vars(self._module).update((name, self._given[name]) for name in self._definitions)

    def put_back(self) -> None:
        """Undo whatever was done to the given definitions since they were run, and to their names."""
        if not self._definitions:
            return
        for undo in self._undo:
            undo()
        self._bind()
        theirs = vars(self._module)
        wanted = {
            name: self._guard(theirs[name]) for name in self._named if name in theirs and not hasattr(builtins, name)
        }
        for name in self._own.keys() - wanted.keys() - self._given.keys():
            del self._own[name]
        self._own.update(wanted | self._given)

    def _guard(self, value: object) -> object:
        """Have the library put back when a function of the learner's comes back to the given code that called it."""
        if type(value) is not types.FunctionType or value.__globals__ is self._own:
            return value

        @functools.wraps(value)
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return value(*args, **kwargs)
            finally:
                self.put_library_back()

        return call

    def guard_process(self) -> None:
        """Refuse, for the life of the process, what changes given code while it runs: no putting back is in time."""
        if self._definitions:
            sys.addaudithook(self._refuse_reaching_inside)

    def _refuse_reaching_inside(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _TRACING and self._is_running():
            raise PermissionError("what was given is not traced while it runs")
        if event == "object.__setattr__" and args[1] in ("__code__", "__defaults__"):
            place = args[0].__globals__
            mine = place is self._own and self._is_running()
            if mine or str(place.get("__name__")).partition(".")[0] in ("torch", "math", "random"):
                raise PermissionError(f"`{args[0].__name__}` is used by what was given, and stays as it is")

    def _is_running(self) -> bool:
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals is not self._own:
            frame = frame.f_back
        return frame is not None

    def put_library_back(self) -> None:
        """Undo what was done to torch and Python where given code relies on them."""
        for place, before, inherited in self._library:
            now = vars(place)
            for name in inherited:
                if name in now:
                    delattr(place, name)
            # Looked at after each call of the learner's code: nearly always, nothing has changed.
            if all(map(operator.is_, map(now.get, before), before.values())):
                continue
            for name, value in before.items():
                if now.get(name) is not value:
                    with contextlib.suppress(AttributeError, TypeError):  # what cannot be set was never changed
                        setattr(place, name, value)


def _find_future(nodes: Sequence[ast.stmt]) -> list[str]:
    """Return the features that a text turns on for all of it, such as annotations that are not evaluated."""
    found = (node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "__future__")
    return [alias.name for node in found for alias in node.names]


def _look_up(place: types.ModuleType | type, used: set[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return what a module or class has under some names, and which of them a class only inherits."""
    own = {name: value for name, value in vars(place).items() if name in used}
    inherited = [name for name in used - own.keys() if isinstance(place, type) and hasattr(place, name)]
    return own, tuple(inherited)


def _is_same(mine: Any, given: Any) -> bool:
    """Compare two definitions, but for words, annotations of parameters and layout."""
    if type(mine) is not type(given):
        return False
    if isinstance(mine, list):
        return len(mine) == len(given) and all(map(_is_same, mine, given))
    if not isinstance(mine, ast.AST):
        return bool(mine == given)
    left_out = _LEFT_OUT.get(type(mine), ())
    for field in mine._fields:
        if field in left_out:
            continue
        one, other = getattr(mine, field, None), getattr(given, field, None)
        if field == "body" and isinstance(mine, Definition):
            one, other = _without_words(one), _without_words(other)
        if not _is_same(one, other):
            return False
    return True


#: What does not count, by the kind of node.
_LEFT_OUT: dict[type, tuple[str, ...]] = {
    ast.arg: ("annotation", "type_comment"),
    ast.FunctionDef: ("returns", "type_comment"),
    ast.AsyncFunctionDef: ("returns", "type_comment"),
}


def _without_words(body: Any) -> Any:
    first = body[0]
    words = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return body[1:] if words else body


def _quiet(node: Definition) -> Definition:
    """Return a definition without its calls of `print`, and without the branches that do nothing else."""
    quiet: Definition = _Quiet().visit(copy.deepcopy(node))
    return quiet


class _Quiet(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        call = node.value
        printed = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"
        return None if printed else node

    def visit_If(self, node: ast.If) -> ast.If | None:
        self.generic_visit(node)
        return node if node.body or node.orelse else None


def _strip(node: Definition) -> Definition:
    """Take the annotations out of a definition of the learner's: they would run."""
    for part in ast.walk(node):
        if isinstance(part, ast.arg):
            part.annotation = None
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            part.returns = None
    return node


def _find_parts(value: object, found: dict[int, object]) -> None:
    """Gather a given function or class and, below it, everything in it that can be changed in place."""
    if id(value) in found:  # a method that calls super() holds its class
        return
    inner: list[object] = []
    if isinstance(value, types.FunctionType):
        inner = list(value.__closure__ or ())
    elif isinstance(value, types.CellType):
        with contextlib.suppress(ValueError):  # an empty cell
            inner = [value.cell_contents]
    elif isinstance(value, staticmethod | classmethod):
        inner = [value.__func__]
    elif isinstance(value, property):
        inner = [value.fget, value.fset, value.fdel]
    elif isinstance(value, type) and value.__module__ == MODULE_NAME:
        inner = list(vars(value).values())
    else:
        return
    found[id(value)] = value
    for part in inner:
        _find_parts(part, found)


def _remember(part: object) -> list[Callable[[], None]]:
    """Return what puts a function, a cell or a class back into the state that it is in."""
    if isinstance(part, types.FunctionType):
        state = {name: getattr(part, name) for name in ("__code__", "__defaults__", "__kwdefaults__")}
        state["__kwdefaults__"] = dict(part.__kwdefaults__) if part.__kwdefaults__ else None
        return [lambda: _set_all(part, state)]
    if isinstance(part, types.CellType):
        try:
            content = part.cell_contents
        except ValueError:
            return []
        return [lambda: setattr(part, "cell_contents", content)]
    if not isinstance(part, type):
        return []
    members = {name: value for name, value in vars(part).items() if name not in _OF_EVERY_CLASS}
    bases = part.__bases__
    return [lambda: _restore_class(part, members, bases)]


def _set_all(part: object, state: dict[str, Any]) -> None:
    for name, value in state.items():
        if getattr(part, name) is not value:
            setattr(part, name, value)


def _restore_class(kind: type, members: dict[str, object], bases: tuple[type, ...]) -> None:
    for name in [name for name in vars(kind) if name not in members and name not in _OF_EVERY_CLASS]:
        delattr(kind, name)
    for name, value in members.items():
        if vars(kind).get(name) is not value:
            setattr(kind, name, value)
    if kind.__bases__ != bases:
        kind.__bases__ = bases
