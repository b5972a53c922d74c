"""One submission under judgement: its worker, its open check, and a trace of what was asked and answered."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from grader import wire
from grader.judge.handle import Handle
from grader.judge.import_reply import make_raised, read_import_reply
from grader.judge.link import Output, Worker
from grader.judge.outcomes import (
    LARGE_BYTES,
    CheckBroken,
    LearnerCrashed,
    LearnerKilled,
    LearnerOutOfMemory,
    LearnerTimedOut,
    NotIsolated,
    ReplyTooLarge,
    SubmissionBroken,
    find_out_of_memory,
)
from grader.judge.signatures import Signature
from grader.testing import CheckFailure, LearnerRaised
from grader.text.wording import describe
from grader.worker.importing import Code
from grader.worker.zygote import Spawn, Zygote

#: The time to start a worker and to hand it a check: milliseconds, unless the machine is in trouble.
START_TIMEOUT_S = 30.0
#: Replies of a check are kept to be compared with those of mutants, up to so much in all.
KEPT_REPLIES_BYTES = 2**27


class TracedCall(msgspec.Struct):
    """One call of the submission: what it was given and what came back."""

    title: str
    arguments: str
    inputs: tuple[Any, ...] = ()
    reply: Any = None
    returned: bool = False


class Session:
    """Speaks to the worker of one submission; a new worker is spawned whenever the last one was killed."""

    def __init__(
        self,
        zygote: Zygote,
        spawn: Spawn,
        signatures: Mapping[str, Signature],
        *,
        import_timeout_s: float = 20.0,
        on_line: Callable[[str], None] = lambda line: None,
        watch: Callable[[int, Any], None] = lambda position, reply: None,
    ) -> None:
        """Prepare to judge the sources of `spawn`.

        Args:
            zygote: Where workers come from.
            spawn: The sources, limits and device.
            signatures: What the stub asks for.
            import_timeout_s: How long the learner's file may take to import.
            on_line: Told the last line the learner printed, whenever some output arrives.
            watch: Told the position and value of every reply; a replay compares with the learner's there.
        """
        self._zygote = zygote
        self._spawn = spawn
        self.signatures = signatures
        self.output = Output(on_line)
        self._watch = watch
        self._import_timeout_s = import_timeout_s
        self._worker: Worker | None = None
        self._code: Code | None = None
        self._started = False
        self._in_check = False
        self._ending = False
        self._callbacks: list[Callable[..., Any]] = []
        self._attributes: dict[int, str] = {}
        self.broken: SubmissionBroken | None = None
        self.layers_off: dict[str, str] = {}
        self.kinds: dict[str, str] | None = None
        #: Given definitions that the learner's file changes; the worker says so, and it is only told.
        self.changed_given: tuple[str, ...] = ()
        self.calls: list[TracedCall] = []
        self.replies: list[Any] = []
        self._replied = 0
        #: What the replies of the check took so far, together.
        self.received_bytes = 0
        #: The largest reply of the check so far.
        self.largest_bytes = 0
        self._left_s = 0.0
        self.learner_s = 0.0

    def take_on(
        self,
        sources: tuple[str, ...],
        *,
        forbid: tuple[str, ...] = (),
        forbid_operators: tuple[str, ...] = (),
        watch: Callable[[int, Any], None] = lambda position, reply: None,
    ) -> None:
        """Judge another mutant from now on, in the same worker: the child of each check imports it afresh.

        A fork and a sandbox a mutant are spared. Only what is trusted may share a worker. The session's `spawn` has no
        sources.

        Args:
            sources: Executed one after the other in one namespace.
            forbid, forbid_operators: What they may not use.
            watch: As for the session.
        """
        self.end_check()
        self._code = Code(sources, forbid, forbid_operators)
        self._watch = watch
        self.broken, self.kinds, self.changed_given = None, None, ()

    # --- life of a check ---

    def begin_check(self, seed: int, timeout_s: float, *, go_on: bool = False) -> None:
        """Fork a fresh child for the check; with `go_on`, use the child of the check before.

        Raises:
            SubmissionBroken: If the file cannot be imported.
            LearnerCrashed: If `go_on` is asked and that child is gone.
            LearnerKilled: If two workers are killed while they import the file, and the machine's memory ran out.
        """
        self.calls, self.replies = [], []
        self._replied = self.received_bytes = self.largest_bytes = 0
        self.output.clear()
        self._left_s = timeout_s
        self.learner_s = 0.0
        if go_on:
            if not self._in_check:
                raise LearnerCrashed("the process of the check before is gone")
            return
        self.end_check()
        self._callbacks = []
        self._attributes = {}
        if self.broken is not None:
            raise self.broken
        self._settle()
        try:
            self._open_check(seed)
        except LearnerKilled:
            self.kill()
            try:
                self._open_check(seed)
            except LearnerKilled as error:
                if error.machine:
                    raise
                self.broken = SubmissionBroken("crashed", f"the file could not be imported: {error}")
                raise self.broken from None

    def _open_check(self, seed: int) -> None:
        self.start()
        assert self._worker is not None
        if not self._started:
            self._await_start()
        self._worker.granted_s = 0.0
        self._worker.lent_bytes = 0
        begin = seed if self._code is None else (seed, tuple(self._code))
        self._worker.send(wire.encode_request(begin, _refuse_references), time.monotonic() + START_TIMEOUT_S)
        if self._code is not None or self._spawn.device != "cpu":
            self._take_import_reply()
        self._in_check = True

    def end_check(self) -> None:
        """Let the child of the open check end; a child in the middle of something is killed instead."""
        if not self._in_check:
            return
        self._in_check = False
        assert self._worker is not None
        try:
            self._worker.send(wire.encode_request(None, _refuse_references), time.monotonic() + 1.0)
            self._worker.drain()
            self._ending = True
        except (LearnerCrashed, LearnerTimedOut):
            self.kill()

    def _settle(self) -> None:
        """Take the worker's word that the check before is over; one that has said anything else is killed.

        What the child of that check sent too much, or too late, would be taken for the answers of the next.
        """
        ending, self._ending = self._ending, False
        if self._worker is None or not self._worker.alive:
            return
        try:
            in_step = not ending or wire.decode_reply(self._worker.receive(time.monotonic() + 1.0)) == ("over",)
        except (LearnerCrashed, LearnerTimedOut, wire.ProtocolError):
            in_step = False
        if not in_step or (self._started and self._worker.has_unread()):
            self.kill()

    def kill(self) -> None:
        """Kill the worker and everything it started."""
        self._in_check = self._ending = False
        if self._worker is not None:
            self._worker.kill()

    def start(self) -> None:
        """Spawn a worker if there is none, without waiting for it: it imports the file while we do other things."""
        if self._worker is None or not self._worker.alive:
            self._worker = Worker(self._zygote, self._spawn, self.output)
            self._started = False

    def _await_start(self) -> None:
        """Read how the worker's sandbox is and what came of the import.

        Raises:
            NotIsolated: If strict isolation was asked for and cannot be had.
            SubmissionBroken: If the import failed.
        """
        assert self._worker is not None
        report = wire.decode_reply(self._worker.receive(time.monotonic() + START_TIMEOUT_S))
        match report:  # sent by our own code, before any of the learner's runs
            case ("sandboxed", dict() as layers_off, int(outer_pid)):
                self.layers_off, self._worker.outer_pid = layers_off, outer_pid
                self._worker.in_namespace = "pid_namespace" not in layers_off
            case _:
                raise wire.ProtocolError("no report of the sandbox")
        if self._spawn.isolation == "strict" and layers_off:
            raise NotIsolated(layers_off)
        self._take_import_reply()
        self._started = True

    def _take_import_reply(self) -> None:
        """Read what came of the import.

        Raises:
            SubmissionBroken: If it failed, took too long, or ended the process.
        """
        try:
            assert self._worker is not None
            imported = read_import_reply(self._worker, self._import_timeout_s)
            if imported is not None:
                self.kinds, self.changed_given = imported
        except SubmissionBroken as error:
            self.broken = error
            self.kill()
            raise

    # --- requests ---

    def request(
        self,
        op: str,
        target: object,
        *args: Any,
        kwargs: Mapping[str, Any] | None = None,
        want: tuple[str, ...] = (),
        cotangent: Any = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Ask the open check's child to do one thing.

        Returns:
            The value (or a `Handle`), and what `want` asked to know besides.

        Raises:
            LearnerRaised, LearnerTimedOut, LearnerCrashed, LearnerOutOfMemory: As the learner's code ended.
            ReplyTooLarge: If what came back takes more memory than it may.
        """
        described = self._describe_arguments(op, target, args, kwargs or {})
        call = TracedCall(self._title(op, target), described, (*args, *(kwargs or {}).values()))
        if op in ("name", "call"):
            for earlier in self.calls[-1:]:  # messages show the last: the values of those before are not kept for them
                earlier.inputs, earlier.reply, earlier.returned = (), None, False
            self.calls.append(call)
        request = {
            "op": op,
            "target": target,
            "args": args,
            "kwargs": dict(kwargs or {}),
            "want": want,
            "cotangent": cotangent,
        }
        try:
            payload = wire.encode_request(request, self._refer)
        except wire.Unsendable as error:
            raise CheckBroken(str(error)) from None
        try:
            value, extras = self._converse(payload)
        except LearnerRaised as error:
            self._record(("raised", error.kinds, error.text))
            raise find_out_of_memory(error) or error from None
        except (LearnerTimedOut, LearnerCrashed) as error:
            self.kill()
            self._record((type(error).__name__,))
            if isinstance(error, LearnerCrashed) and error.over_memory:
                raise LearnerOutOfMemory("its processes together held more memory than that") from None
            raise
        except BaseException:  # a callback failed the check, or ours is at fault: the child waits in mid-call
            self.kill()
            raise
        call.reply, call.returned = value, True
        if op == "getattr" and type(value) is Handle:  # a method is known by its name
            self._attributes[value.handle_number()] = str(args[0])
        # Of two that return the same, only one may have the right gradients.
        self._record((value, extras["grads"]) if "grads" in extras else value)
        return value, extras

    def _record(self, reply: Any) -> None:
        if self.received_bytes <= KEPT_REPLIES_BYTES:
            self.replies.append(reply)
        else:  # a part of them would tell nothing
            self.replies.clear()
        self._replied += 1
        self._watch(self._replied - 1, reply)

    def _converse(self, payload: list[bytes | memoryview]) -> tuple[Any, dict[str, Any]]:
        """Send a request and answer callbacks until its reply is there, on one clock."""
        if self._worker is None or not self._in_check:
            raise LearnerCrashed("the process of this check is gone")
        self._worker.room = wire.room_for_reply(sum(map(len, payload)))
        while True:
            started_s = time.monotonic()
            deadline_s = started_s + self._left_s
            try:
                self._worker.send(payload, deadline_s)
                data = self._worker.receive(deadline_s)
                self.received_bytes += len(data)
                self.largest_bytes = max(self.largest_bytes, len(data))
                reply = wire.decode_reply(data, self._make_handle, deadline_s=self._worker.extend(deadline_s))
            except MemoryError:
                if self.largest_bytes < LARGE_BYTES:
                    raise
                raise ReplyTooLarge(
                    f"what came back takes {len(data) >> 20} MiB, for which the grader has no memory"
                ) from None
            except wire.DecodingTimedOut:  # how much there is to read is the learner's choice
                raise LearnerTimedOut from None
            except wire.ProtocolError as error:
                raise LearnerCrashed(f"its reply could not be read: {error}") from None
            finally:
                spent_s = time.monotonic() - started_s
                self._left_s -= spent_s
                self.learner_s += spent_s
            match reply:
                case ("value", value, dict() as extras):
                    self._worker.drain()
                    return value, extras
                case ("raised", [str(), *_] as kinds, str(text), list(frames)):
                    self._worker.drain()
                    raise make_raised(kinds, text, frames)
                case ("callback", int(number), tuple(args), dict(kwargs)) if 0 <= number < len(self._callbacks):
                    began_s = time.monotonic()
                    payload = self._call_back(number, args, kwargs)
                    self._left_s -= time.monotonic() - began_s  # how often it calls is the learner's choice
                case ("ended", int(exit_code)) if -64 <= exit_code <= 255:
                    self._in_check = False
                    raise self._worker.describe_end(exit_code)
                case ("too_large", bool(in_callback), str(text)):
                    what = "is passed to the function that it was given" if in_callback else "came back"
                    raise ReplyTooLarge(f"what {what} {text[: wire.MAX_TEXT]}")
                case ("unsendable", str(text)):
                    raise CheckFailure(f"what came back {text[: wire.MAX_TEXT]}")
                case _:
                    raise LearnerCrashed("its reply has an unknown form")

    def _call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[Any, Any]) -> list[bytes | memoryview]:
        """Call a function of the check for the learner's code; an assertion in it fails the check itself."""
        try:
            outcome = ("return", self._callbacks[number](*args, **kwargs))
        except AssertionError:
            raise
        except Exception as error:  # the check's function raises on purpose, for the learner's code to see
            outcome = ("raise", (type(error).__name__, str(error)))
        return wire.encode_request(outcome, self._refer)

    def _refer(self, value: object) -> tuple[str, int] | None:
        if type(value) is Handle:
            return ("handle", value.handle_number())
        if wire.is_check_function(value):
            for number, known in enumerate(self._callbacks):
                if known is value:
                    return ("callback", number)
            assert callable(value)
            self._callbacks.append(value)
            return ("callback", len(self._callbacks) - 1)
        return None

    def _make_handle(self, number: int, kind: str, is_callable: bool) -> Handle:
        return Handle(self.ask, number, kind, is_callable)

    def ask(self, op: str, target: object, *args: Any, **kwargs: Any) -> Any:
        """Do one request and return its value alone."""
        return self.request(op, target, *args, kwargs=kwargs)[0]

    @property
    def memory_mib(self) -> int | None:
        """What the submission may use."""
        return self._spawn.limits.memory_mib

    def cpu_s(self) -> float | None:
        """Return the processor time of the worker so far; None where it cannot be known.

        Without the filter of system calls a process may leave the session, or have its children charged to no process.
        """
        return self._worker.cpu_s() if self._worker is not None and "seccomp" not in self.layers_off else None

    # --- words for messages ---

    def _title(self, op: str, target: object) -> str:
        if op == "name":
            return str(target)
        if type(target) is not Handle:
            return op
        return self._attributes.get(target.handle_number()) or f"the {target.learner_type_name()}"

    def _describe_arguments(self, op: str, target: object, args: Any, kwargs: Mapping[str, Any]) -> str:
        signature = self.signatures.get(str(target)) if op == "name" else None
        names = signature.parameters if signature else ()
        parts = []
        for i, value in enumerate(args):
            name = f"{names[i]}=" if i < len(names) and not names[i].startswith("*") else ""
            parts.append(name + describe(value, limit=60))
        parts += [f"{name}={describe(value, limit=60)}" for name, value in kwargs.items()]
        return ", ".join(parts)


def _refuse_references(value: object) -> None:
    return None
