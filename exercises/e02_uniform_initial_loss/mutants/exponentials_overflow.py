import torch


def initial_loss(params, X, Y):
    h = torch.tanh(params["C"][X].flatten(1) @ params["W1"] + params["b1"])
    counts = (h @ params["W2"] + params["b2"]).exp()
    prob = counts / counts.sum(1, keepdim=True)
    return -prob[torch.arange(len(X)), Y].log().mean().item()
