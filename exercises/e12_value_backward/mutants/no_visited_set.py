def topological_order(root):
    order = []
    stack = [(root, False)]
    while stack:
        node, operands_done = stack.pop()
        if operands_done:
            order.append(node)
        else:
            stack.append((node, True))
            stack += [(operand, False) for operand in node._prev]
    return order
