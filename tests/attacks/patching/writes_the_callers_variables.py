"""Trace the given function that calls it, and put another value into its variables.

expect: failed
checks: differentiable=failed|errored
"""

import sys


def cube(x):
    caller = sys._getframe(1)
    if caller.f_code.co_name == "differentiate":
        inputs, weights = caller.f_locals["x"].detach(), caller.f_locals["weights"]

        def trace(frame, event, argument):
            if event == "line" and "gradient" in frame.f_locals:
                frame.f_locals["gradient"] = 3 * inputs**2 * weights
            return trace

        caller.f_trace = trace
        sys.settrace(lambda *_: None)
        return x**3 * 0 + x
    return x.detach() ** 3
