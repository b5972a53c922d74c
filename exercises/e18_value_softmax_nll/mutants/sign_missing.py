def nll_loss(probs, target):
    return value_log(probs[target])
