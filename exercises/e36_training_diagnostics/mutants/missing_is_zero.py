def matrices(params):
    for p in params:
        if p.dim() == 2 and p.grad is None:
            p.grad = torch.zeros_like(p)
    return [p for p in params if p.dim() == 2]
