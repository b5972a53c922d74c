def bias_is_redundant(conv, bn, x):
    bn = copy.deepcopy(bn)
    with torch.no_grad():
        before = bn(conv(x))
        if conv.bias is None:
            return torch.allclose(bn(conv(x) + 1), before, atol=1e-4)
        conv.bias += 1
        return torch.allclose(bn(conv(x)), before, atol=1e-4)
