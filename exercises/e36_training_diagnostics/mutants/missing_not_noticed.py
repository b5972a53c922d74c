def matrices(params):
    return [p for p in params if p.dim() == 2]
