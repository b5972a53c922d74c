def fold_mlp(layers):
    folded = []
    for layer in layers:
        if isinstance(layer, BatchNorm1d):
            old = folded[-1]
            old.weight, old.bias = fold_linear_bn(
                old.weight, old.bias, layer.gamma, layer.beta, layer.running_mean, layer.running_var, layer.eps
            )
        else:
            folded.append(layer)
    return folded
