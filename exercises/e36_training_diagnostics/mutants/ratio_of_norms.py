def grad_data_ratio(params):
    return [(p.grad.norm() / p.norm()).item() for p in matrices(params)]


def update_data_ratio(params, lr):
    return [((lr * p.grad).norm() / p.norm()).log10().item() for p in matrices(params)]
