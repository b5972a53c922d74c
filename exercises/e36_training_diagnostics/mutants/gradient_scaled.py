@torch.no_grad()
def update_data_ratio(params, lr):
    return [(p.grad.mul_(lr).std() / p.std()).log10().item() for p in matrices(params)]
