def matrices(params):
    return [p for p in params if p.dim() == 2 and p.grad is not None]
