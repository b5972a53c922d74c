"""Hidden checks of e38_conv_batchnorm_fold: references by torch in float64, computed from copies before each call."""

import copy
from typing import Any

import torch
from torch import Generator, Tensor, nn

from grader.testing import LearnerRaised, assert_close, assert_equal, require

#: The settings of a convolution, by what is odd about them; channels in and out differ, or divide by the groups.
SETTINGS: dict[str, dict[str, Any]] = {
    "kernel 3": {"in_channels": 2, "out_channels": 5, "kernel_size": 3},
    "kernel 1": {"in_channels": 3, "out_channels": 4, "kernel_size": 1},
    "kernel (2, 3), stride (2, 1)": {"in_channels": 3, "out_channels": 2, "kernel_size": (2, 3), "stride": (2, 1)},
    "padding (2, 1)": {"in_channels": 2, "out_channels": 3, "kernel_size": 3, "padding": (2, 1)},
    "padding 'same', dilation 2": {
        "in_channels": 2,
        "out_channels": 3,
        "kernel_size": 3,
        "padding": "same",
        "dilation": 2,
    },
    "groups 2": {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "groups": 2},
    "groups 4 of 4 (depthwise)": {"in_channels": 4, "out_channels": 4, "kernel_size": 3, "groups": 4, "padding": 1},
    "padding mode reflect": {
        "in_channels": 2,
        "out_channels": 2,
        "kernel_size": 3,
        "padding": 1,
        "padding_mode": "reflect",
    },
}
PLAIN = "kernel 3"


def normal(rng: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def draw_conv(rng: Generator, setting: str = PLAIN, *, bias: bool = True) -> nn.Conv2d:
    """Make a convolution in float64 with numbers from the seed."""
    conv = nn.Conv2d(**SETTINGS[setting], bias=bias, dtype=torch.float64)
    with torch.no_grad():
        for p in conv.parameters():
            p.copy_(normal(rng, *p.shape) / (conv.weight[0].numel() ** 0.5 if p.dim() > 1 else 1))
    return conv


def draw_bn(rng: Generator, channels: int, *, training: bool = False, **options: Any) -> nn.BatchNorm2d:
    """Make a BatchNorm in float64 with numbers from the seed, and an eps that is large enough to show."""
    bn = nn.BatchNorm2d(channels, eps=0.1, dtype=torch.float64, **options)
    with torch.no_grad():
        for p in bn.parameters():
            p.copy_(normal(rng, channels))
        if bn.running_mean is not None and bn.running_var is not None:
            bn.running_mean.copy_(normal(rng, channels))
            bn.running_var.copy_(0.2 + 2 * normal(rng, channels).abs())
    return bn.train(training)


def draw_images(rng: Generator, conv: nn.Conv2d) -> Tensor:
    return normal(rng, 3, conv.in_channels, 7, 6)


def evaluate(conv: nn.Conv2d, bn: nn.BatchNorm2d, x: Tensor) -> Tensor:
    """What bn gives for conv's output in evaluation mode, in float64; neither is changed."""
    conv, bn = copy.deepcopy(conv).double(), copy.deepcopy(bn).double().eval()
    with torch.no_grad():
        out: Tensor = bn(conv(x.double()))
    return out


def bias_matters(conv: nn.Conv2d, bn: nn.BatchNorm2d, x: Tensor) -> bool:
    """Tell by autograd whether any output depends on the bias: its largest gradient is 0 to 1e-6, or it is not."""
    conv, bn = copy.deepcopy(conv), copy.deepcopy(bn)
    bias = torch.zeros(conv.out_channels, dtype=torch.float64, requires_grad=True)
    out = bn(conv(x) + bias[:, None, None])
    # Weights of no pattern, so that nothing cancels by chance.
    weights = torch.linspace(-1, 2, out.numel(), dtype=torch.float64).sin().reshape(out.shape)
    (gradient,) = torch.autograd.grad((out * weights).sum(), bias)
    return float(gradient.abs().max()) > 1e-6


def require_redundant(
    submission: Any, conv: nn.Conv2d, bn: nn.BatchNorm2d, x: Tensor, expected: bool, when: str
) -> None:
    answer = submission.bias_is_redundant(conv, bn, x)
    assert_equal(answer, expected, what=f"bias_is_redundant {when}")


def test_idle_in_training(submission: Any, rng: Generator) -> None:
    for setting in (PLAIN, "padding (2, 1)", "groups 2"):
        for bias in (True, False):
            conv = draw_conv(rng, setting, bias=bias)
            bn = draw_bn(rng, conv.out_channels, training=True)
            when = f"for a BatchNorm in training mode behind a convolution with {setting}, bias={bias}"
            require_redundant(submission, conv, bn, draw_images(rng, conv), True, when)
    conv, bn = draw_conv(rng).float(), draw_bn(rng, 5, training=True).float()
    when = "for a BatchNorm in training mode, float32"
    require_redundant(submission, conv, bn, draw_images(rng, conv).float(), True, when)


def test_used_in_evaluation(submission: Any, rng: Generator) -> None:
    for bias in (True, False):
        conv = draw_conv(rng, bias=bias)
        x = draw_images(rng, conv)
        bn = draw_bn(rng, 5)
        when = f"for a BatchNorm in evaluation mode behind a convolution with bias={bias}"
        require_redundant(submission, conv, bn, x, False, when)
        with torch.no_grad():
            bn.weight.copy_(torch.tensor([0.0, 0.0, 0.0, 0.7, 0.0]))
        require_redundant(
            submission, conv, bn, x, False, "where a single channel of an evaluating BatchNorm has a gamma"
        )
    conv, bn = draw_conv(rng).float(), draw_bn(rng, 5).float()
    when = "for a BatchNorm in evaluation mode, float32"
    require_redundant(submission, conv, bn, draw_images(rng, conv).float(), False, when)


def test_gradient_agrees(submission: Any, rng: Generator) -> None:
    conv = draw_conv(rng)
    x = draw_images(rng, conv)
    zero_gamma = draw_bn(rng, 5)
    with torch.no_grad():
        zero_gamma.weight.zero_()
    cases = {
        "in training mode": draw_bn(rng, 5, training=True),
        "in evaluation mode": draw_bn(rng, 5),
        "in training mode, affine=False": draw_bn(rng, 5, training=True, affine=False),
        "in evaluation mode, affine=False": draw_bn(rng, 5, affine=False),
        "in evaluation mode, gamma 0 everywhere": zero_gamma,
        "in evaluation mode, without running statistics": draw_bn(rng, 5, track_running_stats=False),
    }
    for name, bn in cases.items():
        matters = bias_matters(conv, bn, x)
        when = f"for a BatchNorm {name}, where the gradient of the bias is {'not 0' if matters else '0'},"
        require_redundant(submission, conv, bn, x, not matters, when)


def fuse(submission: Any, conv: nn.Conv2d, bn: nn.BatchNorm2d) -> Any:
    """Call fuse_conv_bn and insist on a bias."""
    fused = submission.fuse_conv_bn(conv, bn)
    shape = (conv.out_channels,)
    bias = fused.bias
    require(
        isinstance(bias, Tensor) and bias.shape == shape,
        f"the fused convolution should have a bias of shape {shape}, as what is left of mean and beta needs one",
        got=bias,
    )
    return fused


def require_fused(submission: Any, conv: nn.Conv2d, bn: nn.BatchNorm2d, x: Tensor, how: str) -> None:
    expected = evaluate(conv, bn, x)
    output = fuse(submission, conv, bn)(x)
    # 1e-5 of outputs of about 1 in float32, which add up 20 products; float64 does 1e-9.
    tolerance = 1e-5 if x.dtype == torch.float32 else 1e-9
    what = f"the fused output ({how})"
    assert_close(output, expected, dtype=x.dtype, rtol=tolerance, atol=tolerance, what=what)


def test_fused_output(submission: Any, rng: Generator) -> None:
    for setting in (PLAIN, "kernel 1"):
        conv = draw_conv(rng, setting)
        bn = draw_bn(rng, conv.out_channels)
        x = draw_images(rng, conv)
        require_fused(submission, conv, bn, x, f"{setting}, float64")
        require_fused(submission, conv.float(), bn.float(), x.float(), f"{setting}, float32")


def test_settings(submission: Any, rng: Generator) -> None:
    for setting in SETTINGS:
        for bias in (True, False):
            conv = draw_conv(rng, setting, bias=bias)
            require_fused(
                submission, conv, draw_bn(rng, conv.out_channels), draw_images(rng, conv), f"{setting}, bias={bias}"
            )


def test_hard_cases(submission: Any, rng: Generator) -> None:
    for bias in (True, False):
        conv = draw_conv(rng, bias=bias)
        x = draw_images(rng, conv)
        plain = draw_bn(rng, 5)
        zero_gamma, no_spread = copy.deepcopy(plain), copy.deepcopy(plain)
        with torch.no_grad():
            zero_gamma.weight[2] = 0.0
            assert no_spread.running_var is not None
            no_spread.running_var.zero_()
        cases = {
            "no bias" if not bias else "with bias": plain,
            f"affine=False, bias={bias}": draw_bn(rng, 5, affine=False),
            f"gamma 0 in one channel, bias={bias}": zero_gamma,
            f"running_var 0, bias={bias}": no_spread,
        }
        for how, bn in cases.items():
            require_fused(submission, conv, bn, x, how)
    conv, bn = draw_conv(rng), draw_bn(rng, 5, track_running_stats=False)
    try:
        fused = submission.fuse_conv_bn(conv, bn)
    except LearnerRaised as error:
        if "ValueError" not in error.kinds:
            raise
    else:
        headline = "fuse_conv_bn should raise ValueError for a BatchNorm without running statistics"
        require(False, headline, got=fused, expected="ValueError")


def require_same(now: Any, before: nn.Module, what: str) -> None:
    """Require a module of the worker to be as it was."""
    assert_equal(now.training, before.training, what=f"training of the {what}")
    for name, value in before.state_dict().items():
        found = getattr(now, name)
        found = found.detach() if isinstance(found, Tensor) else found
        assert_equal(found, value, what=f"`{name}` of the {what}")
    for name, p in before.named_parameters():
        require(
            getattr(now, name).requires_grad == p.requires_grad, f"`{name}` of the {what} needs its gradient as before"
        )


def test_sources_unchanged(submission: Any, rng: Generator) -> None:
    for training in (True, False):
        for bias in (True, False):
            conv = draw_conv(rng, bias=bias).train(training)
            bn = draw_bn(rng, 5, training=training)
            x = draw_images(rng, conv)
            mode = "in training mode" if training else "in evaluation mode"
            for name, arguments in (("bias_is_redundant", (conv, bn, x)), ("fuse_conv_bn", (conv, bn))):
                call = submission.call(name, *arguments)
                require_same(call.args[0], conv, f"convolution after {name}, bn {mode}")
                require_same(call.args[1], bn, f"BatchNorm after {name}, bn {mode}")
                if name == "bias_is_redundant":
                    assert_equal(call.args[2], x, what="x after bias_is_redundant")
                    continue
                # A change of the fused module must not reach the old ones: half precision, and all numbers with it.
                call.value.half()
                require_same(call.args[0], conv, "convolution after the fused one was changed")
                require_same(call.args[1], bn, "BatchNorm after the fused convolution was changed")


def test_mode_plays_no_part(submission: Any, rng: Generator) -> None:
    for setting in (PLAIN, "groups 2"):
        conv = draw_conv(rng, setting)
        bn = draw_bn(rng, conv.out_channels, training=True)
        bn(10 * normal(rng, 4, conv.out_channels, 3, 3))  # a look at a batch, as in training
        require_fused(submission, conv, bn, draw_images(rng, conv), f"{setting}, bn in training mode")


def test_dtype_and_device(submission: Any, rng: Generator) -> None:
    for dtype in (torch.float64, torch.float32, torch.bfloat16):
        for bias in (True, False):
            fused = fuse(submission, draw_conv(rng, bias=bias).to(dtype), draw_bn(rng, 5).to(dtype))
            for name in ("weight", "bias"):
                assert_equal(getattr(fused, name).dtype, dtype, what=f"the dtype of the fused {name} for {dtype}")
    # As if on a GPU: what is made on the CPU there is refused.
    conv, bn = draw_conv(rng).float(), draw_bn(rng, 5).float()
    tensors = [p.detach() for p in (*conv.parameters(), *bn.parameters())]
    statistics = [bn.running_mean, bn.running_var]
    try:
        found = submission.call("fuse_tensors", *tensors, statistics, want=("simulated_cuda",)).value
    except LearnerRaised as error:
        if "set_data" not in error.text:
            raise
        return  # `fused.weight.data = ...` brings the device along, but the simulated one cannot do it
    bn.eps = 1e-5  # that of the modules made there
    expected = evaluate(conv, bn, torch.zeros(1, 2, 3, 3))
    # The answer to an image of zeros is the bias.
    what = "the fused bias on another device"
    assert_close(found[1].detach(), expected.flatten(), dtype=torch.float32, rtol=1e-4, atol=1e-4, what=what)
