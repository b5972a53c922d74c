_fuse = fuse_conv_bn


def fuse_conv_bn(conv, bn):
    fused = _fuse(conv, bn)
    if conv.bias is None:
        fused.bias = None
    return fused
