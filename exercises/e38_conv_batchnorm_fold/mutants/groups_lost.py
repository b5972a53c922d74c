_fuse = fuse_conv_bn


def fuse_conv_bn(conv, bn):
    conv = copy.deepcopy(conv)
    conv.groups = 1
    return _fuse(conv, bn)
