def nll_loss(probs, target):
    return -value_log(softmax(probs)[target])
