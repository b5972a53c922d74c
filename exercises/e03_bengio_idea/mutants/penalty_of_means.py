def l2_penalty(model, weight):
    return weight * sum((p**2).mean() for name, p in model.named_parameters() if name.startswith("W"))
