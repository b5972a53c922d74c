def l2_penalty(model, weight):
    return weight * sum((p**2).sum() for p in model.parameters() if p.dim() == 2)
