import torch


def fold_mlp(layers):
    folded = []
    for layer in layers:
        if isinstance(layer, BatchNorm1d):
            old = folded.pop()
            probe = torch.stack((torch.zeros_like(layer.beta), torch.ones_like(layer.beta)))
            shift, end = layer(probe)
            new = Linear(*old.weight.shape)
            new.weight = old.weight * (end - shift)
            new.bias = shift + (0 if old.bias is None else old.bias) * (end - shift)
            folded.append(new)
        else:
            folded.append(layer)
    return folded
