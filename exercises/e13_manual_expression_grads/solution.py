"""Backpropagation by hand, through an expression and through a neuron.

Source: "The spelled-out intro to neural networks and backpropagation: building micrograd", 32:10 to 1:09:02.
"""

# solution: begin
import math
# solution: end


def expression_grads(a: float, b: float, c: float, f: float) -> dict[str, float]:
    """Differentiate L = d * f with d = e + c and e = a * b.

    Args:
        a, b, c, f: The four numbers that go in.

    Returns:
        The derivative of L with respect to each of 'a', 'b', 'c', 'd', 'e' and 'f', under these keys.
    """
    # solution: begin
    e = a * b
    d = e + c
    dL_df = d  # a product: the other factor
    dL_dd = f
    dL_de = dL_dd  # a sum: handed on as it is
    dL_dc = dL_dd
    dL_da = dL_de * b
    dL_db = dL_de * a
    return {"a": dL_da, "b": dL_db, "c": dL_dc, "d": dL_dd, "e": dL_de, "f": dL_df}
    # solution: end


def neuron_grads(x1: float, x2: float, w1: float, w2: float, b: float) -> dict[str, float]:
    """Differentiate o = tanh(n) with n = x1 * w1 + x2 * w2 + b.

    Args:
        x1, x2: The inputs.
        w1, w2: Their weights.
        b: The bias.

    Returns:
        The derivative of o with respect to each of 'x1', 'x2', 'w1', 'w2', 'b' and 'n', under these keys.
    """
    # solution: begin
    o = math.tanh(x1 * w1 + x2 * w2 + b)
    dn = 1 - o**2
    return {"x1": dn * w1, "x2": dn * w2, "w1": dn * x1, "w2": dn * x2, "b": dn, "n": dn}
    # solution: end


def nudge(values: dict[str, float], grads: dict[str, float], step: float) -> dict[str, float]:
    """Move each value by the step times its gradient.

    Args:
        values: Name -> value. It stays unchanged.
        grads: Name -> derivative of the output with respect to that value. It may lack some of the names, and
            hold others. It stays unchanged.
        step: How far to go; above 0 the output grows, below 0 it falls.

    Returns:
        A new dict with the names of `values`; a value without a gradient is what it was.
    """
    # solution: begin
    return {name: value + step * grads.get(name, 0.0) for name, value in values.items()}
    # solution: end
