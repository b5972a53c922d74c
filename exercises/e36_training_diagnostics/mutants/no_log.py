def update_data_ratio(params, lr):
    return [((lr * p.grad).std() / p.std()).item() for p in matrices(params)]
