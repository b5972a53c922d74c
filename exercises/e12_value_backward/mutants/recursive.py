def topological_order(root):
    order, seen = [], set()

    def build(node):
        if node not in seen:
            seen.add(node)
            for operand in node._prev:
                build(operand)
            order.append(node)

    build(root)
    return order
