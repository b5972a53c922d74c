def grad_data_ratio(params):
    return sorted([(p.grad.std() / p.std()).item() for p in matrices(params)])
