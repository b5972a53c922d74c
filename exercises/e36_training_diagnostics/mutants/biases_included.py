def matrices(params):
    found = list(params)
    if any(p.grad is None for p in found):
        raise ValueError("no gradient")
    return found
