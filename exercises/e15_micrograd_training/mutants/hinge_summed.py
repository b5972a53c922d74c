def hinge_loss(scores, ys, parameters, alpha=1e-4):
    losses = [(1 - y * score).relu() for y, score in zip(ys, scores, strict=True)]
    return sum(losses) + alpha * sum(p * p for p in parameters)
