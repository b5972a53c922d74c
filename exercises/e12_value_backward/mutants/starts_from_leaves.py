def backward(root):
    root.grad = 1.0
    root._backward()
    for operand in dict.fromkeys(root._prev):
        operand._backward()
