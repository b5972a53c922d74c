def nll_loss(probs, target):
    return Value(-math.log(probs[target].data))
