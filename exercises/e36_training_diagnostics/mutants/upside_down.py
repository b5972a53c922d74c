def grad_data_ratio(params):
    return [(p.std() / p.grad.std()).item() for p in matrices(params)]
