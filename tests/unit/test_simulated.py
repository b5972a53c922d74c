"""Code that mixes devices is refused on a simulated GPU as on a real one, and all other code gives its values."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from grader.worker.simulated import DeviceMismatch, on_simulated_cuda

X = torch.arange(12.0).view(3, 4) - 5


def train(x: Tensor) -> Tensor:
    w = torch.zeros(4, 2, device=x.device, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    targets = torch.tensor([0, 1, 0], device=x.device)
    for _ in range(3):
        loss = torch.nn.functional.cross_entropy(x @ w, targets)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return w.detach()


def fill(x: Tensor) -> Tensor:
    made = torch.zeros_like(x)
    made[0] = x[1]
    made[1:, [0, 2]] = 7.0
    made[x > 5] += 1
    return made


RIGHT: dict[str, Callable[[Tensor], Any]] = {
    "a product": lambda x: x @ x.T,
    "new tensors beside the input": lambda x: x + torch.ones(4, device=x.device) + x.new_zeros(4),
    "numbers from the CPU": lambda x: x * torch.tensor(2.0),
    "indices from the CPU": lambda x: x[torch.arange(2)],
    "indices in a list": lambda x: x[[0, 2], [1, 1]],
    "a mask": lambda x: x[x > 0],
    "elements that are set": fill,
    "moved there": lambda x: torch.ones(4).to(x.device) + x,
    "written in place": lambda x: x.clone().add_(1).mul_(x),
    "written into another": lambda x: torch.add(x, x, out=torch.empty_like(x)),
    "values and indices": lambda x: tuple(x.sort(dim=1, descending=True)),
    "a number": lambda x: x.sum().item() if bool((x > 0).any()) else None,
    "a list": lambda x: [x.tolist(), list(x.shape)],
    "gradients": lambda x: torch.autograd.grad((x.detach().requires_grad_() ** 2).sum(), [x], allow_unused=True),
    "a training": train,
}


@pytest.mark.parametrize("case", RIGHT)
def test_code_for_any_device_gives_what_it_gives_on_the_cpu(case: str) -> None:
    x = X.clone().requires_grad_(case == "gradients")
    expected, found = RIGHT[case](x), on_simulated_cuda(RIGHT[case])(x)
    torch.testing.assert_close(found, expected, rtol=0, atol=0, allow_subclasses=False)


MIXED: dict[str, tuple[Callable[[Tensor], Any], str]] = {
    "a new tensor": (lambda x: x + torch.ones(4), "add was given cuda:0 and cpu"),
    "a mask": (lambda x: x.masked_fill(torch.ones(3, 4).bool(), 0), "masked_fill was given cuda:0 and cpu"),
    "a list of tensors": (lambda x: torch.cat([x, torch.zeros(1, 4)]), "cat was given cuda:0 and cpu"),
    "a layer": (lambda x: torch.nn.Linear(4, 2)(x), "addmm was given cuda:0 and cpu"),
    "a tensor moved back": (lambda x: x.cpu() + x, "add was given cuda:0 and cpu"),
    "a result of new": (
        lambda x: torch.zeros(3),
        "the result on the same device as the input, cuda:0, but it is on cpu",
    ),
}


@pytest.mark.parametrize("case", MIXED)
def test_code_that_mixes_devices_is_refused(case: str) -> None:
    function, said = MIXED[case]
    with pytest.raises(DeviceMismatch, match=said):
        on_simulated_cuda(function)(X)


def test_tensors_say_where_they_are_and_numpy_does_not_take_them() -> None:
    seen = on_simulated_cuda(lambda x: [str(x.device), x.is_cuda, x.is_cpu, str((x + 1).device), x.cpu().is_cpu])(X)
    assert seen == ["cuda:0", True, False, "cuda:0", True]
    assert on_simulated_cuda(lambda x: x + torch.ones(4).cuda())(X).equal(X + 1)
    with pytest.raises(TypeError, match="can't convert cuda:0 device type tensor to numpy"):
        on_simulated_cuda(lambda x: x.numpy())(X)


def test_afterwards_the_process_is_as_it_was() -> None:
    with pytest.raises(DeviceMismatch):
        on_simulated_cuda(lambda x: x + torch.ones(4))(X)
    assert type(torch.tensor([1.0]) + X[0, :1]) is Tensor
    with pytest.raises((RuntimeError, AssertionError), match=r"CUDA|cuda|NVIDIA"):
        torch.zeros(1, device="cuda:99")
