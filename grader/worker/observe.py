"""What a check may ask to know about one call: operators that ran, memory, gradients."""

import contextlib
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode

from grader.worker.nested import find_tensors

#: Enough for a training step of every exercise; a loop of a million operators is cut here.
MAX_OPERATORS = 20_000


class _OperatorLog(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch ships no types for it
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: list[str] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Say that torch need not import its compiler to keep it away from the method below."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if len(self.names) < MAX_OPERATORS:
            self.names.append(str(func))
        return func(*args, **(kwargs or {}))


# torch ships no types for it.
_watch: Any = StorageWeakRef


class _TensorCount(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch ships no types for it
    """Counts the bytes of the tensors that operators make, while they live; the same in every run and process."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.peak_bytes = 0
        self._living: dict[int, tuple[Any, int]] = {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        value = func(*args, **(kwargs or {}))
        given = {t.untyped_storage()._cdata for t in find_tensors((args, kwargs))}
        for t in find_tensors(value):
            storage = t.untyped_storage()
            if storage._cdata not in given:  # a view of an argument costs nothing
                self._living[storage._cdata] = (_watch(storage), storage.nbytes())
        self._living = {key: (ref, size) for key, (ref, size) in self._living.items() if not ref.expired()}
        self.peak_bytes = max(self.peak_bytes, sum(size for _, size in self._living.values()))
        return value


class Observer:
    """Watch one call: `want` may hold "ops", "memory" and "bytes"."""

    def __init__(self, want: tuple[str, ...]) -> None:
        self._want = want
        self._log = _OperatorLog() if "ops" in want else None
        self._count = _TensorCount() if "bytes" in want else None
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> "Observer":
        if "memory" in self._want:
            self._memory_before = _peak_memory_bytes(reset=True)
        if self._log is not None:
            self._stack.enter_context(self._log)
        if self._count is not None:
            self._stack.enter_context(self._count)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def report(self) -> dict[str, Any]:
        """Return what was seen, as values that can travel."""
        seen: dict[str, Any] = {}
        if self._log is not None:
            seen["ops"] = tuple(self._log.names)
        if self._count is not None:
            seen["made_bytes"] = self._count.peak_bytes
        if "memory" in self._want:
            seen["peak_bytes"] = max(0, _peak_memory_bytes() - self._memory_before)
        return seen


def gradients(value: object, arguments: object, cotangent: object) -> list[Tensor | None]:
    """Differentiate the floating point outputs of a call with respect to its tensor arguments.

    Args:
        value: What the call returned; every tensor in it that has a graph takes part.
        arguments: Its arguments; one gradient is returned for each tensor that requires one, in order.
        cotangent: Tensors to weight the outputs with, one for each tensor in `value` (those of tensors without
            a graph are not used) or for each with a graph; by default all ones.

    Returns:
        One gradient per argument, None where the output does not depend on it.
    """
    inputs = [t for t in find_tensors(arguments) if t.requires_grad]
    returned = list(find_tensors(value))
    outputs = [t for t in returned if t.requires_grad]
    if not outputs or not inputs:
        return [None] * len(inputs)
    weights = list(find_tensors(cotangent)) if cotangent is not None else [torch.ones_like(t) for t in outputs]
    if len(weights) == len(returned):
        weights = [w for w, t in zip(weights, returned, strict=True) if t.requires_grad]
    found = differentiate(outputs, inputs, weights)
    return [None if g is None else g.detach() for g in found]


def differentiate(
    outputs: Sequence[Tensor], inputs: Sequence[Tensor], weights: Sequence[Tensor]
) -> tuple[Tensor | None, ...]:
    """Do as torch.autograd.grad with weights, without the half second it needs for imports when it is given any."""
    pairs = list(zip(outputs, weights, strict=True))
    if any(t.is_complex() or t.shape != w.shape for t, w in pairs):  # for torch to say what is wrong
        return torch.autograd.grad(outputs, inputs, weights, allow_unused=True)
    return torch.autograd.grad(sum((t * w).sum() for t, w in pairs), inputs, allow_unused=True)  # type: ignore[arg-type]


def _peak_memory_bytes(*, reset: bool = False) -> int:
    """Return the largest resident size so far; `reset` starts a new measurement where the system can do that.

    Without a /proc of its own (see the sandbox) a check's process measures from its own start, so that only
    what goes beyond all calls before counts.
    """
    try:
        if reset:
            clear = os.open("/proc/self/clear_refs", os.O_WRONLY)  # without O_TRUNC, which the sandbox refuses
            try:
                os.write(clear, b"5")
            finally:
                os.close(clear)
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
