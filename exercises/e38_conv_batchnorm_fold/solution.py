"""Convolution and BatchNorm: an idle bias, and two layers made one."""

import copy

import torch
from torch import Tensor

# --- given ---


def fuse_tensors(kernel: Tensor, bias: Tensor, gamma: Tensor, beta: Tensor, statistics: list[Tensor]) -> list[Tensor]:
    """Put tensors into modules, fuse them, and take the result out again."""
    conv = torch.nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2:])
    bn = torch.nn.BatchNorm2d(kernel.shape[0])
    conv.weight, conv.bias = torch.nn.Parameter(kernel), torch.nn.Parameter(bias)
    bn.weight, bn.bias = torch.nn.Parameter(gamma), torch.nn.Parameter(beta)
    bn.running_mean, bn.running_var = statistics
    fused = fuse_conv_bn(conv, bn)
    return [fused.weight, fused.bias]


# --- the exercise ---


def bias_is_redundant(conv: torch.nn.Conv2d, bn: torch.nn.BatchNorm2d, x: Tensor) -> bool:
    """Tell whether the output of bn(conv(x)) stays the same whatever bias the convolution has."""
    bn = copy.deepcopy(bn)  # a call in training mode moves the running statistics
    with torch.no_grad():
        out = conv(x)  # (N, C_out, H, W)
        return torch.allclose(bn(out + 1), bn(out), atol=1e-4)  # far above float32 rounding


def fuse_conv_bn(conv: torch.nn.Conv2d, bn: torch.nn.BatchNorm2d) -> torch.nn.Conv2d:
    """Merge a convolution and the BatchNorm behind it into one convolution."""
    if bn.running_mean is None:
        raise ValueError("a BatchNorm without running statistics has no fixed map to fold")
    fused = torch.nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        conv.kernel_size,
        stride=conv.stride,
        padding=conv.padding,
        dilation=conv.dilation,
        groups=conv.groups,
        padding_mode=conv.padding_mode,
        device=conv.weight.device,
        dtype=conv.weight.dtype,
    )
    with torch.no_grad():
        s = 1 / torch.sqrt(bn.running_var + bn.eps)  # (C_out,)
        s = s if bn.weight is None else s * bn.weight
        mean = bn.running_mean if conv.bias is None else bn.running_mean - conv.bias
        fused.weight.copy_(conv.weight * s.reshape(-1, 1, 1, 1))  # (C_out, C_in / groups, kH, kW)
        fused.bias.copy_(-mean * s if bn.bias is None else bn.bias - mean * s)
    return fused
