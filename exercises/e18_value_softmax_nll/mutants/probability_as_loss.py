def nll_loss(probs, target):
    return 1 - probs[target]
