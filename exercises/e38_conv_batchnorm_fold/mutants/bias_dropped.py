_fuse = fuse_conv_bn


def fuse_conv_bn(conv, bn):
    conv = copy.deepcopy(conv)
    conv.bias = None
    return _fuse(conv, bn)
