_fuse = fuse_conv_bn


def fuse_conv_bn(conv, bn):
    bn = copy.deepcopy(bn)
    bn.eps = 0.0
    return _fuse(conv, bn)
