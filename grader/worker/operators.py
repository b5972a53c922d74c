"""Operators of torch that an exercise forbids, refused in the process itself: whatever name they are reached by."""

import ctypes
import warnings
from collections.abc import Callable

import torch

#: Where operators run; on each of them a refusing one is in the place of torch's own.
_BACKENDS = ("CPU", "CUDA", "MPS")
#: torch has its operators a second time, written in Python for its compiler. None of these runs under its own name.
OPERATORS_IN_PYTHON = ("torch._decomp", "torch._refs", "torch._inductor")


class ForbiddenOperator(RuntimeError):
    """A forbidden operator ran; the learner may catch this, but then has no answer of it."""


def refuse_operators(parts: tuple[str, ...]) -> None:
    """Make every operator with one of `parts` in its name raise `ForbiddenOperator`, for the life of the process.

    This holds in all threads, in child processes, and in functions that call the operator themselves, which a
    mode that watches the calls of one thread does not.
    """
    names = [name.removeprefix("aten::") for name in torch._C._dispatch_get_all_op_names() if name.startswith("aten::")]
    forbidden = [name for name in names if any(part in name for part in parts)]
    for backend in _BACKENDS if forbidden else ():
        library = torch._C._dispatch_library("IMPL", "aten", backend, __file__, 0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that an operator is replaced is the point
            for name in forbidden:
                library.impl(name, backend, _make_refusal(name))
        # The replacement ends with this object, so nothing that can be named or collected may hold it.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))


def _make_refusal(name: str) -> Callable[..., None]:
    def refuse(*args: object, **kwargs: object) -> None:
        raise ForbiddenOperator(f"torch's operator `{name}` may not be used here: writing it yourself is the exercise")

    return refuse
