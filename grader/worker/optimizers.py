"""Torch's optimizers, without its compiler.

The first optimizer and its first step import torch._dynamo, only to tell the compiler that it must not compile them:
1.6 s and 70 MB for a compiler that no check uses, and twice the time for each fork. Source: `_disable_dynamo` in
torch/_compile.py, `_use_grad_for_differentiable` in torch/optim/optimizer.py.
"""

import functools
from collections.abc import Callable
from typing import Any

import torch


def spare_compiler() -> None:
    """Make the optimizers do the same without importing the compiler.

    Where a torch is built otherwise, they stay as they are: slower to start, and no less right.
    """
    for method in vars(torch.optim.Optimizer).values():
        function = getattr(method, "__wrapped__", None)
        if function is not None:
            # Where torch keeps what the compiler made of the function: here, nothing.
            setattr(function, "__dynamo_disable", function)
    for kind in vars(torch.optim).values():
        step = vars(kind).get("step") if isinstance(kind, type) else None
        if step is not None and "_dynamo" in step.__code__.co_names:
            kind.step = _with_gradients_as_set(step.__wrapped__)


def _with_gradients_as_set(step: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(step)
    def set_and_step(self: torch.optim.Optimizer, *args: Any, **kwargs: Any) -> Any:
        with torch.set_grad_enabled(self.defaults["differentiable"]):
            return step(self, *args, **kwargs)

    return set_and_step
