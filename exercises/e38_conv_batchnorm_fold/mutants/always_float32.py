_fuse = fuse_conv_bn


def fuse_conv_bn(conv, bn):
    return _fuse(conv, bn).float()
