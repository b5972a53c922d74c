"""Rewrite what a reply is made with, so that any value goes out as not-a-number.

expect: failed
checks: total=failed scale=failed
"""

import torch

import grader.wire.encode

put = grader.wire.encode._Encoder.put


def put_nan(self, value, depth=0):
    if isinstance(value, torch.Tensor):
        value = torch.full_like(value.detach(), torch.nan)
    put(self, float("nan") if type(value) is float else value, depth)


grader.wire.encode._Encoder.put = put_nan


def total(xs):
    return -1.0


def scale(x, k):
    return x
