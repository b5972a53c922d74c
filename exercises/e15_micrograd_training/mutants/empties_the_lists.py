def hinge_loss(scores, ys, parameters, alpha=1e-4):
    losses = []
    while scores:
        losses.append((1 - ys.pop() * scores.pop()).relu())
    return sum(losses) / len(losses) + alpha * sum(p * p for p in parameters)
