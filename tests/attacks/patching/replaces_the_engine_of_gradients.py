"""Replace the engine that torch's functions for gradients call, where no name of theirs changes.

expect: failed
checks: differentiable=errored
"""

import torch

XS = []


class Engine:
    def run_backward(self, outputs, grad_outputs, keep_graph, create_graph, inputs, *others, **more):
        return tuple(3 * x.detach() ** 2 * g for x, g in zip(inputs, grad_outputs, strict=True))


def replace():
    torch.autograd.Variable._execution_engine = Engine()


replace()


def cube(x):
    replace()
    return x.detach() ** 3
