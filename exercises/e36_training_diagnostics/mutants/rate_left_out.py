def update_data_ratio(params, lr):
    return [(p.grad.std() / p.std()).log10().item() for p in matrices(params)]
