_fuse = fuse_conv_bn


def fuse_conv_bn(conv, bn):
    bn = copy.deepcopy(bn)
    if bn.running_var is not None:
        bn.running_var = (bn.running_var + bn.eps) ** 2 - bn.eps
    return _fuse(conv, bn)
