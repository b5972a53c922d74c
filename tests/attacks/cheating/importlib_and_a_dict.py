"""Load the module by its name and take the function out of its dict.

expect: failed
checks: softmax=failed|errored
"""

import importlib


def softmax(x):
    module = importlib.import_module(".".join(("torch", "nn", "functional")))
    return vars(module)["xamtfos"[::-1]](x, -1)
