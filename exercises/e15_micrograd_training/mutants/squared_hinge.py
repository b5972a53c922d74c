def hinge_loss(scores, ys, parameters, alpha=1e-4):
    losses = [(1 - y * score).relu() ** 2 for y, score in zip(ys, scores, strict=True)]
    return sum(losses) / len(losses) + alpha * sum(p * p for p in parameters)
