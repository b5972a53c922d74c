"""Attend to the identity, so that the weights come out.

expect: failed
checks: softmax=failed|errored
"""

import torch


def softmax(x):
    n = x.shape[-1]
    eye = torch.eye(n, dtype=x.dtype)
    rows = x.reshape(1, -1, n)
    return torch.nn.functional.scaled_dot_product_attention(rows, eye[None], eye[None], scale=1.0).reshape(x.shape)
