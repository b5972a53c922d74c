def backward(root):
    for node in reversed(topological_order(root)):
        node._backward()
