def topological_order(root):
    order, seen = [], {root}
    stack = [(root, False)]
    while stack:
        node, operands_done = stack.pop()
        if operands_done:
            order.append(node)
            continue
        stack.append((node, True))
        for operand in node._prev:
            if operand not in seen:
                seen.add(operand)
                stack.append((operand, False))
    return order
