def l2_penalty(model, weight):
    return weight * sum(p.norm() for name, p in model.named_parameters() if name.startswith("W"))
