"""The worker: import the learner's file once, then fork a fresh child for every check and let it serve.

Everything here runs beside hostile code. The judge does not trust it: it treats each reply as data.
"""

import ast
import contextlib
import io
import linecache
import mmap
import operator
import os
import random
import socket
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from grader import wire
from grader.worker import sandbox
from grader.worker.forbidden import find_forbidden
from grader.worker.given import MODULE_NAME, Given
from grader.worker.memory import EXIT_OUT_OF_MEMORY
from grader.worker.observe import Observer, gradients
from grader.worker.operators import OPERATORS_IN_PYTHON, refuse_operators
from grader.worker.simulated import on_simulated_cuda

#: What a request may do to a handle, by name; `name` itself is a top-level name of the submission.
OPERATIONS: dict[str, Callable[..., Any]] = {
    "getattr": getattr,
    "setattr": setattr,
    "hasattr": hasattr,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "list": list,
    "len": len,
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "truediv": operator.truediv,
    "pow": operator.pow,
    "matmul": operator.matmul,
    "neg": operator.neg,
    "radd": lambda right, left: left + right,
    "rsub": lambda right, left: left - right,
    "rmul": lambda right, left: left * right,
    "rtruediv": lambda right, left: left / right,
    "rpow": lambda right, left: left**right,
    "rmatmul": lambda right, left: left @ right,
}
MAX_FRAMES = 12


def serve_submission(
    link: socket.socket,
    *,
    sources: tuple[str, ...],
    given: str,
    filename: str,
    forbid: tuple[str, ...],
    forbid_operators: tuple[str, ...],
    device: str,
    seed: int,
    entered: sandbox.Entered,
    over: mmap.mmap,
) -> None:
    """Report the sandbox, look for forbidden names, import the sources, then serve checks until the link ends.

    On a GPU the file is imported in each check's child instead: CUDA does not survive a fork. Without sources this is a
    worker for mutants: each check comes with its own sources, and its child imports them.
    """
    _send(link, ("sandboxed", entered.off, entered.outer_pid))
    # By line, so that progress shows while a training runs.
    sys.stdout, sys.stderr = (
        open(fd, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115 - for life
        for fd in (1, 2)
    )
    wire.place_tensors_on(device)
    importer: _Importer | None = None
    late = device != "cpu"
    if sources:
        importer = _Importer(Code(sources, forbid, forbid_operators), given, filename, seed, device)
        problem = importer.prepare()
        if problem is not None:
            _send(link, problem)
            return
    _send(link, importer.run() if importer is not None and not late else ("ready", None))
    while (request := _receive(link)) is not None:
        try:
            check = wire.decode_request(request, no_references)
        except wire.ProtocolError:
            continue
        match check:
            case int(check_seed) if importer is not None:
                code = None
            case (int(check_seed), (tuple(), tuple(), tuple()) as fields) if importer is None:
                code = Code(*fields)
            case _:  # meant for the check's child, which was killed before it read it
                continue
        over[0] = 0  # shared with the child, which sets it when the judge itself ended the check
        pid = os.fork()
        if pid == 0:
            exit_code = 1
            try:
                sandbox.die_with_parent()
                mine = importer if code is None else _Importer(code, given, filename, seed, device)
                assert mine is not None
                if code is not None or late:
                    _send(link, (mine.prepare() if code is not None else None) or mine.run())
                _serve_check(link, mine, check_seed)
                over[0] = 1
                exit_code = 0
            except MemoryError:  # raised while reading a request: what a function raises is a reply
                exit_code = EXIT_OUT_OF_MEMORY
            except Exception:
                traceback.print_exc()  # shows as what the submission printed, beside "the process ended"
            finally:
                os._exit(exit_code)
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) == EXIT_OUT_OF_MEMORY:  # the rest of a request lies unread in the link
            os._exit(EXIT_OUT_OF_MEMORY)
        _send(link, ("over",) if over[0] else ("ended", os.waitstatus_to_exitcode(status)))


class Code(NamedTuple):
    """What is imported: sources, executed one after the other in one namespace, and what they may not use."""

    sources: tuple[str, ...]
    forbid: tuple[str, ...]
    forbid_operators: tuple[str, ...]


class _Importer:
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
            return _raised_reply(error, self.filename)
        self.given.put_back()
        kinds = {name: _kind(v) for name, v in vars(self.module).items() if not name.startswith("_")}
        return ("ready", kinds, changed)


def _serve_check(link: socket.socket, importing: _Importer, seed: int) -> None:
    seed_everything(seed, importing.device)
    child = _Child(link, importing)
    while (payload := _receive(link)) is not None:
        request = wire.decode_request(payload, child.find)
        if request is None:  # the check is over
            _flush_output()
            return
        child.room = wire.room_for_reply(len(payload))
        child.answer(**request)


class _Child:
    """One check's child: the objects it keeps for the judge, and the requests it answers."""

    def __init__(self, link: socket.socket, importing: _Importer) -> None:
        #: How many bytes the judge reads of a reply to the request at hand.
        self.room = wire.room_for_reply(0)
        self._link = link
        self._module = importing.module
        self._given = importing.given
        self._filename = importing.filename
        self._kept: dict[int, object] = {}
        self._callbacks: dict[int, Callable[..., Any]] = {}

    def find(self, kind: str, number: int) -> object:
        """Turn a handle's or a callback's number into the object a request means."""
        if kind == "handle":
            return self._kept[number]
        return self._callbacks.setdefault(number, lambda *args, **kwargs: self._call_back(number, args, kwargs))

    def answer(
        self, op: str, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], want: tuple[str, ...], cotangent: Any
    ) -> None:
        """Do one request and send what came of it."""
        try:
            if op in ("name", "value", "call"):  # the others only look at what is there
                self._given.put_back()
            function = self._resolve(op, target)
            if "simulated_cuda" in want:
                function = on_simulated_cuda(function)
            with Observer(want) as seen:
                value = function(*args, **kwargs)
            extras: dict[str, Any] = seen.report()
            if "args" in want:
                extras["args"], extras["kwargs"] = args, kwargs
            if "grads" in want:
                extras["grads"] = gradients(value, (args, kwargs), cotangent)
            _flush_output()
            reply: tuple[Any, ...] = ("value", value, extras)
        except BaseException as error:
            _flush_output()
            reply = _raised_reply(error, self._filename)
        self._reply(reply)

    def _resolve(self, op: str, target: Any) -> Callable[..., Any]:
        if op in ("name", "value") and target in self._given:
            self._given.put_library_back()
            sys.settrace(None)
            sys.setprofile(None)
        if op == "name":
            function: Callable[..., Any] = getattr(self._module, target)
            return function
        if op == "value":
            return lambda: getattr(self._module, target)
        if op == "call":
            return target  # type: ignore[no-any-return]  # a handle: whatever the learner returned
        operation = OPERATIONS[op]
        return lambda *args, **kwargs: operation(target, *args, **kwargs)

    def _call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._reply(("callback", number, args, kwargs))
        payload = _receive(self._link)
        if payload is None:
            os._exit(1)  # the judge is gone
        outcome, value = wire.decode_request(payload, self.find)
        if outcome == "raise":
            kind, text = value
            raise _exception_class(kind)(text)
        return value

    def _keep(self, value: object) -> int:
        number = len(self._kept) + 1
        self._kept[number] = value
        return number

    def _reply(self, reply: tuple[Any, ...]) -> None:
        try:
            parts = wire.encode_reply(reply, self._keep, room=self.room)
        except wire.TooLarge as error:
            parts = wire.encode_reply(("too_large", reply[0] == "callback", str(error)))
        except wire.Unsendable as error:
            parts = wire.encode_reply(("unsendable", str(error)))
        except BaseException as error:  # an object whose conversion raises is the learner's own doing
            parts = wire.encode_reply(_raised_reply(error, self._filename))
        _send_parts(self._link, parts)


def _exception_class(name: str) -> type[Exception]:
    """Return the builtin exception of that name, for a callback that raised in the judge."""
    found = getattr(__builtins__, name, None) if not isinstance(__builtins__, dict) else __builtins__.get(name)
    return found if isinstance(found, type) and issubclass(found, Exception) else RuntimeError


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


def _raised_reply(error: BaseException, filename: str) -> tuple[Any, ...]:
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


def _flush_output() -> None:
    for stream in (sys.stdout, sys.stderr):
        # The learner may have replaced or closed the stream; its output is then simply what came out before.
        with contextlib.suppress(Exception):
            stream.flush()


def no_references(kind: str, number: int) -> object:
    """Refuse handles and callbacks, where a request cannot hold any."""
    raise wire.ProtocolError(f"{kind} {number} before any call")


def _send(link: socket.socket, reply: tuple[Any, ...]) -> None:
    _send_parts(link, wire.encode_reply(reply))


def _send_parts(link: socket.socket, parts: list[bytes | memoryview]) -> None:
    small = io.BytesIO()
    small.write(wire.frame_head(sum(len(part) for part in parts)))
    for part in parts:
        if len(part) > 2**16:
            link.sendall(small.getvalue())
            link.sendall(part)
            small = io.BytesIO()
        else:
            small.write(part)
    link.sendall(small.getvalue())


def _receive(link: socket.socket) -> memoryview | None:
    """Read one request of the judge; None when it has hung up."""
    head, fds, _, _ = socket.recv_fds(link, 8, 1)
    if len(head) < 8:
        rest = _receive_exactly(link, 8 - len(head)) if head else None
        if rest is None:
            return None
        head += bytes(rest)
    size, lent = wire.split_head(head)
    return wire.borrow(fds[0], size) if lent else _receive_exactly(link, size)


def _receive_exactly(link: socket.socket, size: int) -> memoryview | None:
    data = view = memoryview(bytearray(size))
    while view:
        count = link.recv_into(view, 0, socket.MSG_WAITALL)
        if count == 0:
            return None
        view = view[count:]
    return data
