full_order = topological_order


def topological_order(root):
    return full_order(root)[:-1]


def backward(root):
    root.grad = 1.0
    root._backward()
    for node in reversed(topological_order(root)):
        node._backward()
