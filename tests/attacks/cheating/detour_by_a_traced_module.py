"""Leave the work to a module that was loaded from bytes, whose operators no text of the file names.

expect: failed
checks: softmax=failed|errored
"""

import io

import torch

layer = torch.nn.Sequential(getattr(torch.nn, "Soft" + "max")(dim=-1))
try:
    traced = torch.jit.trace(layer, torch.zeros(2, 2))
except RuntimeError:
    traced = torch.jit.script(layer)
file = io.BytesIO()
torch.jit.save(traced, file)
loaded = torch.jit.load(io.BytesIO(file.getvalue()))


def softmax(x):
    return loaded(x)
