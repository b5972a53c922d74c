"""Call the check's function with arguments that are small here and gigabytes there, and go on if that is refused.

expect: failed
checks: twice=out_of_memory
layers: resource_limits
"""

import torch


def twice(f, x):
    for given in (torch.zeros(2**28, dtype=torch.bool), torch.zeros(1).expand(2**29), b"x" * 2**27):
        try:
            f(given)
        except BaseException as error:
            print(type(error).__name__)
    return x
