def l2_penalty(model, weight):
    return weight * ((model.W1**2).sum() + (model.W2**2).sum())
