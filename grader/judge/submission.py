"""What a check sees of the submission: its names, callable as if they were here."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from torch import Tensor

from grader.judge.handle import Handle
from grader.judge.session import Session
from grader.judge.signatures import find_type_problem
from grader.testing import CheckFailure


class Call(msgspec.Struct, frozen=True):
    """One call of the submission, with what can be known besides its value.

    Attributes:
        value: What it returned.
        args, kwargs: The arguments after the call: was an input modified?
        stdout: What it printed during the call, shortened.
        elapsed_s: Wall-clock seconds in the worker and on the way.
        charged_s: What counts against a time budget: the smaller of wall-clock and processor time, so that
            a busy machine is never the learner's fault. Wall-clock time, where the processor time of all that the
            submission has started cannot be known.
        grads: With want "grads": one gradient (or None) per tensor argument that requires one.
        ops: With want "ops": the names of the operators that ran, in order.
        peak_bytes: With want "memory": by how much the resident memory grew at its largest.
        made_bytes: With want "bytes": the most that the tensors which operators made took at one time.
    """

    value: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    stdout: str
    elapsed_s: float
    charged_s: float
    grads: list[Tensor | None] | None = None
    ops: tuple[str, ...] | None = None
    peak_bytes: int | None = None
    made_bytes: int | None = None


class Submission:
    """The learner's module, by request. `submission.f(x)` calls `f` in the worker."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        kind = self._require_name(name)
        if kind not in ("function", "class"):
            return self._session.ask("value", name)

        def call(*args: Any, **kwargs: Any) -> Any:
            value = self._session.ask("name", name, *args, **kwargs)
            self._require_type(name, value)
            return value

        call.__name__ = name
        return call

    def call(
        self,
        target: str | Handle,
        *args: Any,
        kwargs: Mapping[str, Any] | None = None,
        want: tuple[str, ...] = (),
        cotangent: Any = None,
    ) -> Call:
        """Call a function of the submission, or a handle, and learn more than its value.

        Args:
            target: A top-level name, or a handle that can be called.
            args, kwargs: Its arguments.
            want: Any of "grads", "ops", "memory", "bytes", and "simulated_cuda" to run it as if on a GPU.
            cotangent: With "grads", tensors to weight the outputs with; by default ones.

        Raises:
            LearnerRaised: If the submission raised.
        """
        session = self._session
        if isinstance(target, str):
            self._require_name(target)
        printed_before = session.output.total_bytes
        text_before = session.output.text()
        cpu_before, waited_before = session.cpu_s(), session.learner_s
        value, extras = session.request(
            "name" if isinstance(target, str) else "call",
            target,
            *args,
            kwargs=kwargs,
            want=("args", *want),
            cotangent=cotangent,
        )
        elapsed_s = session.learner_s - waited_before
        cpu_after = session.cpu_s()
        spent_s = cpu_after - cpu_before if cpu_after is not None and cpu_before is not None else elapsed_s
        if isinstance(target, str):
            self._require_type(target, value)
        fresh = session.output.total_bytes > printed_before
        return Call(
            value=value,
            args=_expect(extras.get("args"), tuple),
            kwargs=_expect(extras.get("kwargs"), dict),
            stdout=session.output.text()[len(text_before) :] if fresh else "",
            elapsed_s=elapsed_s,
            charged_s=min(elapsed_s, max(spent_s, 0.0)),
            grads=_expect(extras.get("grads"), list) if "grads" in want else None,
            ops=_expect(extras.get("ops"), tuple) if "ops" in want else None,
            peak_bytes=_expect(extras.get("peak_bytes"), int) if "memory" in want else None,
            made_bytes=_expect(extras.get("made_bytes"), int) if "bytes" in want else None,
        )

    def _require_name(self, name: str) -> str:
        """Return what kind of thing the submission has under a name.

        Raises:
            CheckFailure: If it is missing, or not what the stub asks for, or gives.
        """
        signature = self._session.signatures.get(name)
        wanted = signature.kind if signature else "function"
        kinds = self._session.kinds
        if kinds is None:  # imported in the child of each check (on a GPU): the call itself will tell
            return wanted
        found = kinds.get(name)
        if found is None:
            article = "class" if wanted == "class" else "function"
            raise CheckFailure(
                f"expected a {article} `{name}`, found nothing of that name",
                got="top-level names: " + (", ".join(sorted(kinds)[:12]) or "none"),
                expected=signature.call if signature else name,
            )
        if signature is not None and found != wanted:
            article = "an" if found[:1] in "aeiou" else "a"
            raise CheckFailure(f"expected a {wanted} `{name}`, found {article} {found}", expected=signature.call)
        if name in self._session.changed_given:
            text = f"`{name}` in your file is not as it was given, and this check goes through it"
            raise CheckFailure(
                text, expected="what the stub has: study reset writes it again and keeps your file as a backup"
            )
        return found

    def _require_type(self, name: str, value: object) -> None:
        signature = self._session.signatures.get(name)
        problem = find_type_problem(value, signature.returns, f"what `{name}` returns") if signature else None
        if problem:
            raise CheckFailure(problem)


def _expect(value: Any, kind: Callable[..., Any]) -> Any:
    """Refuse an extra that is not of its kind: a worker may send anything."""
    if type(value) is not kind:
        raise CheckFailure(f"the worker sent {type(value).__name__} where a {kind.__name__} belongs")
    return value
