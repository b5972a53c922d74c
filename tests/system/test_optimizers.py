"""Torch's optimizers do what they do elsewhere, and do not wait for a compiler."""

import json
import subprocess
import sys

import pytest

_TRAIN = """
import json, sys, torch
if sys.argv[1] == "spared":
    from grader.worker.optimizers import spare_compiler
    spare_compiler()
ends = {}
for name, kind in vars(torch.optim).items():
    if not isinstance(kind, type) or name in ("Optimizer", "SparseAdam"):  # the latter takes sparse gradients only
        continue
    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(4, 3))
    optimizer = kind([{"params": [weight]}], lr=0.1)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)

    def closure():
        optimizer.zero_grad()
        loss = (weight**4).sum()
        loss.backward()
        return loss

    for _ in range(4):
        optimizer.step(closure)
        scheduler.step()
    optimizer.load_state_dict(optimizer.state_dict())
    ends[name] = weight.detach().tolist()
print(json.dumps([ends, "torch._dynamo" in sys.modules]))
"""


def _train(how: str) -> tuple[dict[str, list[list[float]]], bool]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _TRAIN, how], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.fail(done.stderr)
    ends, compiler_there = json.loads(done.stdout)
    return ends, compiler_there


def test_every_optimizer_ends_where_it_does_elsewhere_without_the_compiler() -> None:
    expected, compiler_there = _train("as it comes")
    spared, compiler_still_there = _train("spared")
    assert spared == expected
    assert len(expected) > 10
    assert (compiler_there, compiler_still_there) == (True, False)
