"""Value: a number that remembers how it was made, and can hand its gradient back.

Source: "The spelled-out intro to neural networks and backpropagation: building micrograd", 1:09:02 to 1:39:31.
"""

# --- given: for the checks, and for you to look around; leave it as it is ----------------------------


def operands(value: "Value") -> list["Value"]:
    """List the operands of a node, in the order of their numbers (a set has no order of its own)."""
    return sorted(value._prev, key=lambda v: (v.data, v.label))


# --- yours -------------------------------------------------------------------------------------------


class Value:
    """One number of a graph of operations.

    Attributes:
        data: The number, a float.
        grad: The derivative of the final output with respect to it; 0.0 at first.
        label: A name for people.
        _prev: The operands, a set or a tuple of Value; empty for a number that was just given.
        _op: A short name of the operation; empty for a number that was just given.
        _backward: Adds to the grad of each operand this node's grad times the local derivative.

    In the operators with two operands, `other` may be a Value or a plain number. None of them changes an operand.
    """

    def __init__(self, data: float, _children: tuple["Value", ...] = (), _op: str = "", label: str = "") -> None:
        raise NotImplementedError

    def __add__(self, other: "Value | float") -> "Value":
        """Return self + other."""
        raise NotImplementedError

    def __mul__(self, other: "Value | float") -> "Value":
        """Return self * other."""
        raise NotImplementedError

    def __pow__(self, other: int | float) -> "Value":
        """Return self ** other, where other is a plain number of any sign, whole or not."""
        raise NotImplementedError

    def __neg__(self) -> "Value":
        """Return -self."""
        raise NotImplementedError

    def __sub__(self, other: "Value | float") -> "Value":
        """Return self - other."""
        raise NotImplementedError

    def __truediv__(self, other: "Value | float") -> "Value":
        """Return self / other."""
        raise NotImplementedError

    def __radd__(self, other: float) -> "Value":
        """Return other + self, for a plain number on the left."""
        raise NotImplementedError

    def __rsub__(self, other: float) -> "Value":
        """Return other - self, for a plain number on the left."""
        raise NotImplementedError

    def __rmul__(self, other: float) -> "Value":
        """Return other * self, for a plain number on the left."""
        raise NotImplementedError

    def __rtruediv__(self, other: float) -> "Value":
        """Return other / self, for a plain number on the left."""
        raise NotImplementedError

    def tanh(self) -> "Value":
        """Return the hyperbolic tangent, 1 or -1 for numbers far from 0."""
        raise NotImplementedError

    def exp(self) -> "Value":
        """Return e to the power of self."""
        raise NotImplementedError

    def relu(self) -> "Value":
        """Return self where it is above 0, else 0; at 0 the derivative counts as 0."""
        raise NotImplementedError
