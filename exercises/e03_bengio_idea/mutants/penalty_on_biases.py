def l2_penalty(model, weight):
    return weight * sum((p**2).sum() for name, p in model.named_parameters() if name != "C")
