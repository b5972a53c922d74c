_fuse = fuse_conv_bn


def fuse_conv_bn(conv, bn):
    plain = copy.deepcopy(conv)
    plain.bias = None
    fused = _fuse(plain, bn)
    if conv.bias is not None:
        with torch.no_grad():
            fused.bias += conv.bias
    return fused
