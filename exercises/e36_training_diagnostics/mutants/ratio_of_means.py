def grad_data_ratio(params):
    return [(p.grad.abs().mean() / p.abs().mean()).item() for p in matrices(params)]


def update_data_ratio(params, lr):
    return [((lr * p.grad).abs().mean() / p.abs().mean()).log10().item() for p in matrices(params)]
