"""Return a list that says one length and iterates over another.

expect: failed
checks: scale=failed
"""

import torch


class Elastic(list):
    def __len__(self):
        return 3

    def __iter__(self):
        return iter([torch.zeros(3, dtype=torch.float64)] * 3)

    def __getitem__(self, index):
        return torch.zeros(3, dtype=torch.float64)


def scale(x, k):
    return x * k


def scale_all(xs, k):
    return Elastic([torch.zeros(3, dtype=torch.float64)] * 40)
