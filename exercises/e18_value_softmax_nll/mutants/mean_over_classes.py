def nll_loss(probs, target):
    return -sum(value_log(p) for p in probs) / len(probs)
