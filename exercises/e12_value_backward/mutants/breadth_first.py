def topological_order(root):
    levels, seen = [root], {root}
    for node in levels:
        for operand in node._prev:
            if operand not in seen:
                seen.add(operand)
                levels.append(operand)
    return levels[::-1]
