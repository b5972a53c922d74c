def matrices(params):
    found = [p for p in params if p.dim() > 1]
    if any(p.grad is None for p in found):
        raise ValueError("no gradient")
    return found
