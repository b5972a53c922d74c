"""Backpropagation by hand, from the output to the left."""

import math


def expression_grads(a: float, b: float, c: float, f: float) -> dict[str, float]:
    """Differentiate L = d * f with d = e + c and e = a * b."""
    e = a * b
    d = e + c
    dL_df = d  # a product: the other factor
    dL_dd = f
    dL_de = dL_dd  # a sum: handed on as it is
    dL_dc = dL_dd
    dL_da = dL_de * b
    dL_db = dL_de * a
    return {"a": dL_da, "b": dL_db, "c": dL_dc, "d": dL_dd, "e": dL_de, "f": dL_df}


def neuron_grads(x1: float, x2: float, w1: float, w2: float, b: float) -> dict[str, float]:
    """Differentiate o = tanh(n) with n = x1 * w1 + x2 * w2 + b."""
    o = math.tanh(x1 * w1 + x2 * w2 + b)
    dn = 1 - o**2
    return {"x1": dn * w1, "x2": dn * w2, "w1": dn * x1, "w2": dn * x2, "b": dn, "n": dn}


def nudge(values: dict[str, float], grads: dict[str, float], step: float) -> dict[str, float]:
    """Move each value by the step times its gradient."""
    return {name: value + step * grads.get(name, 0.0) for name, value in values.items()}
