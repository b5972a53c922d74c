def backward(root):
    root.grad = 1.0
    for node in topological_order(root):
        node._backward()
