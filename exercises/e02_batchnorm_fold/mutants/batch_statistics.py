def fold_mlp(layers):
    folded = []
    for layer in layers:
        if isinstance(layer, BatchNorm1d):
            old = folded.pop()
            mean = getattr(layer, "batch_mean", layer.running_mean)
            var = getattr(layer, "batch_var", layer.running_var)
            new = Linear(*old.weight.shape)
            new.weight, new.bias = fold_linear_bn(old.weight, old.bias, layer.gamma, layer.beta, mean, var, layer.eps)
            folded.append(new)
        else:
            folded.append(layer)
    return folded
