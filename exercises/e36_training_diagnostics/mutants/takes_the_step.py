@torch.no_grad()
def update_data_ratio(params, lr):
    ratios = [((lr * p.grad).std() / p.std()).log10().item() for p in matrices(params)]
    for p in matrices(params):
        p -= lr * p.grad
    return ratios
