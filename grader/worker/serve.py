"""The worker: import the learner's file once, then fork a fresh child for every check and let it serve.

Everything here runs beside hostile code. The judge does not trust it: it treats each reply as data.
"""

import contextlib
import io
import mmap
import operator
import os
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from grader import wire
from grader.files.removing import remove_tree
from grader.worker import sandbox
from grader.worker.importing import Code, Importer, make_raised_reply, seed_everything
from grader.worker.memory import EXIT_OUT_OF_MEMORY
from grader.worker.observe import Observer, gradients
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

#: How a check's process ended, as it tells by a byte that it shares with its worker.
_ENDED, _OVER, _HUNG_UP = 0, 1, 2


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
    importer: Importer | None = None
    late = device != "cpu"
    if sources:
        importer = Importer(Code(sources, forbid, forbid_operators), given, filename, seed, device)
        problem = importer.prepare()
        if problem is not None:
            _send(link, problem)
            return
    _send(link, importer.run() if importer is not None and not late else ("ready", None))

    def serve_next() -> bool:
        """Serve one check; False if the judge has hung up."""
        begun = _await_check(link, of_mutants=importer is None)
        if begun is None:
            return False
        check_seed, code = begun
        mine = importer if code is None else Importer(code, given, filename, seed, device)
        assert mine is not None
        if code is not None or late:
            _send(link, (mine.prepare() if code is not None else None) or mine.run())
        _serve_check(link, mine, check_seed)
        return True

    while True:
        over[0] = _ENDED  # shared with the child, which says how it ended
        # Forked before the judge asks for it, which prepares the check meanwhile. Not before the last one has ended: that
        # one would see it.
        pid = os.fork()
        if pid == 0:
            exit_code = 1
            try:
                sandbox.die_with_parent()
                if not late:
                    _rehearse()
                over[0] = _OVER if serve_next() else _HUNG_UP
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
        if over[0] == _HUNG_UP:
            return
        if importer is None:
            _empty_folder()
        _send(link, ("over",) if over[0] == _OVER else ("ended", os.waitstatus_to_exitcode(status)))


def _await_check(link: socket.socket, *, of_mutants: bool) -> tuple[int, Code | None] | None:
    """Wait for the judge to begin a check; returns its seed and, for a mutant, its code. None if it has hung up.

    Anything else was meant for the process of another check, which was killed before it read it.
    """
    while (request := _receive(link)) is not None:
        try:
            check = wire.decode_request(request, no_references)
        except wire.ProtocolError:
            continue
        match check:
            case int(seed) if not of_mutants:
                return seed, None
            case (int(seed), (tuple(), tuple(), tuple()) as fields) if of_mutants:
                return seed, Code(*fields)
    return None


def _empty_folder() -> None:
    """Remove what a mutant has left in the worker's folder: the next one shall not find it."""
    for name in os.listdir():
        with contextlib.suppress(OSError):  # what cannot be removed stays until the worker ends
            if os.path.isdir(name) and not os.path.islink(name):
                remove_tree(name)
            else:
                os.unlink(name)


#: A request like any other, but for its arguments.
_REHEARSED = bytearray().join(
    wire.encode_request(
        {"op": "name", "target": "f", "args": (1, 2.0), "kwargs": {}, "want": ("args",), "cotangent": None},
        lambda value: None,
    )
)


def _rehearse() -> None:
    """Write to the memory that serving a check writes to: each page is copied then, and nobody waits now.

    No tensor is made: the learner's file may have put functions of its own in the place of torch's, and shall not see
    calls that no check makes.
    """
    seed_everything(0)
    request = wire.decode_request(_REHEARSED, no_references)
    wire.encode_reply(("value", 0.0, {"args": request["args"], "kwargs": request["kwargs"]}))


def _serve_check(link: socket.socket, importing: Importer, seed: int) -> None:
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

    def __init__(self, link: socket.socket, importing: Importer) -> None:
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
            reply = make_raised_reply(error, self._filename)
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
            parts = wire.encode_reply(make_raised_reply(error, self._filename))
        _send_parts(self._link, parts)


def _exception_class(name: str) -> type[Exception]:
    """Return the builtin exception of that name, for a callback that raised in the judge."""
    found = getattr(__builtins__, name, None) if not isinstance(__builtins__, dict) else __builtins__.get(name)
    return found if isinstance(found, type) and issubclass(found, Exception) else RuntimeError


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
