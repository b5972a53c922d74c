"""Value: a number that remembers how it was made, and can hand its gradient back.

Source: "The spelled-out intro to neural networks and backpropagation: building micrograd", 1:09:02 to 1:39:31.
"""

# solution: begin
import math
# solution: end

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
        # solution: begin
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(_children)
        self._op = _op
        self.label = label
        # solution: end

    def __add__(self, other: "Value | float") -> "Value":
        """Return self + other."""
        # solution: begin
        other = as_value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out
        # solution: end

    def __mul__(self, other: "Value | float") -> "Value":
        """Return self * other."""
        # solution: begin
        other = as_value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out
        # solution: end

    def __pow__(self, other: int | float) -> "Value":
        """Return self ** other, where other is a plain number of any sign, whole or not."""
        # solution: begin
        out = Value(self.data**other, (self,), f"**{other}")

        def _backward() -> None:
            self.grad += other * self.data ** (other - 1) * out.grad

        out._backward = _backward
        return out
        # solution: end

    def __neg__(self) -> "Value":
        """Return -self."""
        # solution: begin
        return -1 * self
        # solution: end

    def __sub__(self, other: "Value | float") -> "Value":
        """Return self - other."""
        # solution: begin
        return self + (-other)
        # solution: end

    def __truediv__(self, other: "Value | float") -> "Value":
        """Return self / other."""
        # solution: begin
        return self * other**-1
        # solution: end

    def __radd__(self, other: float) -> "Value":
        """Return other + self, for a plain number on the left."""
        # solution: begin
        return self + other
        # solution: end

    def __rsub__(self, other: float) -> "Value":
        """Return other - self, for a plain number on the left."""
        # solution: begin
        return -self + other
        # solution: end

    def __rmul__(self, other: float) -> "Value":
        """Return other * self, for a plain number on the left."""
        # solution: begin
        return self * other
        # solution: end

    def __rtruediv__(self, other: float) -> "Value":
        """Return other / self, for a plain number on the left."""
        # solution: begin
        return self**-1 * other
        # solution: end

    def tanh(self) -> "Value":
        """Return the hyperbolic tangent, 1 or -1 for numbers far from 0."""
        # solution: begin
        out = Value(math.tanh(self.data), (self,), "tanh")

        def _backward() -> None:
            self.grad += (1 - out.data**2) * out.grad

        out._backward = _backward
        return out
        # solution: end

    def exp(self) -> "Value":
        """Return e to the power of self."""
        # solution: begin
        out = Value(math.exp(self.data), (self,), "exp")

        def _backward() -> None:
            self.grad += out.data * out.grad

        out._backward = _backward
        return out
        # solution: end

    def relu(self) -> "Value":
        """Return self where it is above 0, else 0; at 0 the derivative counts as 0."""
        # solution: begin
        out = Value(max(self.data, 0.0), (self,), "relu")

        def _backward() -> None:
            self.grad += (out.data > 0) * out.grad

        out._backward = _backward
        return out
        # solution: end


# solution: begin
def as_value(number: Value | float) -> Value:
    """Wrap a plain number; a Value stays itself."""
    return number if isinstance(number, Value) else Value(number)


# solution: end
