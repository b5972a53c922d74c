"""Replace the worker's report of what ran by a better one.

expect: failed
checks: softmax=failed|errored
"""

import sys

import torch


def _report(self):
    return {"ops": ("aten.exp.default", "aten.sum.dim_IntList", "aten.div.Tensor")}


for module in list(sys.modules.values()):
    if hasattr(module, "Observer"):
        module.Observer.report = _report


def softmax(x):
    return getattr(torch, "soft" + "max")(x, -1)
