def l2_penalty(model, weight):
    return weight * sum((p.data**2).sum() for name, p in model.named_parameters() if name.startswith("W"))
