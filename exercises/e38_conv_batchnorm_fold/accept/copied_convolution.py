import copy

import torch


def fuse_tensors(kernel, bias, gamma, beta, statistics):
    conv = torch.nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2:])
    bn = torch.nn.BatchNorm2d(kernel.shape[0])
    conv.weight, conv.bias = torch.nn.Parameter(kernel), torch.nn.Parameter(bias)
    bn.weight, bn.bias = torch.nn.Parameter(gamma), torch.nn.Parameter(beta)
    bn.running_mean, bn.running_var = statistics
    fused = fuse_conv_bn(conv, bn)
    return [fused.weight, fused.bias]


def bias_is_redundant(conv, bn, x):
    if bn.training or not bn.track_running_stats:
        return True
    return bn.weight is not None and bool((bn.weight == 0).all())


def fuse_conv_bn(conv, bn):
    if bn.running_var is None:
        raise ValueError("no running statistics")
    std = (bn.running_var + bn.eps).sqrt()
    gamma = bn.weight.data if bn.affine else torch.ones_like(std)
    beta = bn.bias.data if bn.affine else torch.zeros_like(std)
    bias = conv.bias.data if conv.bias is not None else torch.zeros_like(std)
    fused = copy.deepcopy(conv)
    fused.weight = torch.nn.Parameter(conv.weight.data * (gamma / std)[:, None, None, None])
    fused.bias = torch.nn.Parameter((bias - bn.running_mean) * gamma / std + beta)
    return fused
