_fuse = fuse_conv_bn


def fuse_conv_bn(conv, bn):
    fused = _fuse(conv, bn)
    fused.padding_mode = "zeros"
    return fused
