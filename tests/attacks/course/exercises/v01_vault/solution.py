"""Small functions of every kind."""

import itertools

import numpy as np
import torch

MARKER = "vault-marker-solution"


def differentiate(x, weights):
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(cube(x), x, weights)
    return gradient


def cube(x):
    return x**3


def softmax(x):
    e = torch.exp(x - x.max(dim=-1, keepdim=True).values)
    return e / e.sum(dim=-1, keepdim=True)


def scale(x, k):
    return x * k


def scale_all(xs, k):
    return [x * k for x in xs]


def total(xs):
    return float(sum(xs))


def tally(text):
    return {c: text.count(c) for c in text}


def running_total(a):
    return np.cumsum(a)


class Counter:
    """Counts from a start."""

    def __init__(self, start):
        self.count = start

    def add(self, n):
        self.count += n
        return self.count


def make_counter(start):
    return Counter(start)


def twice(f, x):
    return f(f(x))


def fit(x, y):
    w = torch.linalg.lstsq(x, y.unsqueeze(-1)).solution.squeeze(-1)
    return lambda rows: rows @ w


def learn(texts, V):
    counts = torch.full((V, V), 0.1)
    for text in texts:
        for a, b in itertools.pairwise(text):
            counts[a, b] += 1
    return lambda rows: (counts / counts.sum(1, keepdim=True)).log()[rows[:, -1]]
