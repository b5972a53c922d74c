"""Convolution and BatchNorm, as in a residual network: which bias is idle, and how both become one layer (lecture 4).

Source: "Building makemore Part 3: Activations & Gradients, BatchNorm", from 1:04:50 (the ResNet-50 walkthrough);
He et al. 2015, arXiv:1512.03385, section 3.4; Ioffe & Szegedy 2015, arXiv:1502.03167, section 3.2.
"""

# solution: begin
import copy

# solution: end
import torch
from torch import Tensor

# --- given: how the checks try the fold on another device; leave it as it is -------------------------


def fuse_tensors(kernel: Tensor, bias: Tensor, gamma: Tensor, beta: Tensor, statistics: list[Tensor]) -> list[Tensor]:
    """Put tensors into modules, fuse them, and take the result out again.

    Args:
        kernel: (C_out, C_in, kH, kW).
        bias: Of the convolution (C_out,).
        gamma, beta: Of the BatchNorm (C_out,).
        statistics: Its running mean and variance, (C_out,) each.

    Returns:
        The fused kernel (C_out, C_in, kH, kW) and bias (C_out,).
    """
    conv = torch.nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2:])
    bn = torch.nn.BatchNorm2d(kernel.shape[0])
    conv.weight, conv.bias = torch.nn.Parameter(kernel), torch.nn.Parameter(bias)
    bn.weight, bn.bias = torch.nn.Parameter(gamma), torch.nn.Parameter(beta)
    bn.running_mean, bn.running_var = statistics
    fused = fuse_conv_bn(conv, bn)
    return [fused.weight, fused.bias]


# --- yours -------------------------------------------------------------------------------------------


def bias_is_redundant(conv: torch.nn.Conv2d, bn: torch.nn.BatchNorm2d, x: Tensor) -> bool:
    """Tell whether the output of bn(conv(x)) stays the same whatever bias the convolution has.

    It is asked of the modules as they are: in the mode that bn is in, with its gamma and its statistics.

    Args:
        conv: A convolution from C_in to C_out channels, with a bias (C_out,) or without one; where there is none
            the question is whether it is missed.
        bn: The BatchNorm behind it, with C_out channels, in training or in evaluation mode.
        x: Images (N, C_in, H, W) in the dtype of the modules.

    Returns:
        True if no channel of any output changes (but for rounding) when the bias does. Both modules stay as they
        are, the running statistics of bn included, and so does x.
    """
    # solution: begin
    bn = copy.deepcopy(bn)  # a call in training mode moves the running statistics
    with torch.no_grad():
        out = conv(x)  # (N, C_out, H, W)
        return torch.allclose(bn(out + 1), bn(out), atol=1e-4)  # far above float32 rounding
    # solution: end


def fuse_conv_bn(conv: torch.nn.Conv2d, bn: torch.nn.BatchNorm2d) -> torch.nn.Conv2d:
    """Merge a convolution and the BatchNorm behind it into one convolution.

    Args:
        conv: Its kernel is (C_out, C_in / groups, kH, kW); any stride, padding, dilation, groups and padding mode,
            with a bias (C_out,) or without one.
        bn: With running statistics (C_out,), in either mode; gamma and beta (C_out,), or None with affine=False.

    Returns:
        A new convolution with a bias and with parameters of its own, in the dtype and on the device of conv's
        kernel, which gives what bn gives for conv's output in evaluation mode. Both modules stay as they are, their
        modes included.

    Raises:
        ValueError: If bn keeps no running statistics (track_running_stats=False), so that it has no fixed map.
    """
    # solution: begin
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
    # solution: end
