"""Hidden checks of e01_batched_heads: attention computed head by head in float64, from the same weights."""

from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from grader.testing import CheckFailure, LearnerRaised, assert_close, assert_equal, require

PARAMETERS = ("qkv.weight", "proj.weight", "proj.bias")


class Sizes(NamedTuple):
    """What a module is made for, and the batch it gets."""

    C: int  # n_embd
    H: int  # n_head
    block_size: int
    B: int
    T: int

    @property
    def title(self) -> str:
        return (
            f"(n_embd {self.C}, n_head {self.H}, block_size {self.block_size}, x of shape {(self.B, self.T, self.C)})"
        )


#: No two of B, T, H and the head's size alike, where it can be helped: a swapped dimension then changes a shape.
CASES = (
    Sizes(C=12, H=3, block_size=8, B=2, T=8),
    Sizes(C=10, H=2, block_size=9, B=3, T=6),
    Sizes(C=6, H=1, block_size=5, B=2, T=4),
    Sizes(C=5, H=5, block_size=4, B=1, T=3),
)


def draw_state(C: int, rng: Generator) -> dict[str, Tensor]:
    """Draw the three parameters in float64, large enough that attention looks here and there, and not evenly."""
    shapes = ((3 * C, C), (C, C), (C,))
    return {
        name: torch.randn(*shape, generator=rng, dtype=torch.float64) * (2.0 / C) ** 0.5
        for name, shape in zip(PARAMETERS, shapes, strict=True)
    }


def draw_input(sizes: Sizes, rng: Generator) -> Tensor:
    return torch.randn(sizes.B, sizes.T, sizes.C, generator=rng, dtype=torch.float64)


def attend(x: Tensor, state: dict[str, Tensor], H: int) -> Tensor:
    """Compute the outputs head by head, and each position by itself: (B, T, C) to (B, T, C)."""
    C = x.shape[-1]
    size = C // H
    queries, keys, values = (x @ weight.T for weight in state["qkv.weight"].split(C))
    heads = []
    for h in range(H):
        mine = slice(h * size, (h + 1) * size)
        rows = []
        for t in range(x.shape[1]):
            scores = keys[:, : t + 1, mine] @ queries[:, t, mine, None] / size**0.5  # (B, t + 1, 1)
            rows.append((scores.softmax(1) * values[:, : t + 1, mine]).sum(1))
        heads.append(torch.stack(rows, dim=1))
    return torch.cat(heads, dim=-1) @ state["proj.weight"].T + state["proj.bias"]


def build(submission: Any, sizes: Sizes, state: dict[str, Tensor], dropout: float | None = None) -> Any:
    """Make a module of the learner's in evaluation mode, with the weights of `state` in their dtype."""
    arguments = (sizes.C, sizes.H, sizes.block_size)
    module = submission.BatchedAttention(*arguments, *(() if dropout is None else (dropout,)))
    require_parameters(module, sizes)
    if state["proj.bias"].dtype == torch.float64:
        module.double()
    module.load_state_dict(state, strict=False)  # what is in it besides is the mask
    module.eval()
    return module


def require_parameters(module: Any, sizes: Sizes) -> None:
    shapes = {"qkv.weight": (3 * sizes.C, sizes.C), "proj.weight": (sizes.C, sizes.C), "proj.bias": (sizes.C,)}
    found = {str(name): tuple(value.shape) for name, value in module.named_parameters()}
    text = f"the parameters of BatchedAttention({sizes.C}, {sizes.H}, {sizes.block_size}) are others than asked"
    require(found == shapes, text, got=found, expected=shapes)


def test_parameters(submission: Any) -> None:
    for sizes in CASES:
        require_parameters(submission.BatchedAttention(sizes.C, sizes.H, sizes.block_size), sizes)


def test_equals_heads(submission: Any, rng: Generator) -> None:
    for sizes in CASES:
        state, x = draw_state(sizes.C, rng), draw_input(sizes, rng)
        expected = attend(x, state, sizes.H)
        what = f"the output {sizes.title}"
        assert_close(build(submission, sizes, state)(x), expected, what=what)
        narrow = {name: t.float() for name, t in state.items()}
        # float32: sums of a dozen numbers of about 1, each rounded to 6e-8, through three products and a softmax.
        result = build(submission, sizes, narrow)(x.float())
        assert_close(result, expected, rtol=1e-4, atol=1e-5, dtype=torch.float32, what=f"{what} in float32")
    sizes = CASES[0]
    state = draw_state(sizes.C, rng)
    x = draw_input(sizes, rng)
    module = build(submission, sizes, state)
    x_strided = x.transpose(1, 2).contiguous().transpose(1, 2)
    assert_close(module(x_strided), attend(x, state, sizes.H), what="the output for an x that is not contiguous")


def test_any_length(submission: Any, rng: Generator) -> None:
    sizes = Sizes(C=8, H=2, block_size=6, B=3, T=6)
    state, x = draw_state(sizes.C, rng), draw_input(sizes, rng)
    module = build(submission, sizes, state)
    for T in range(1, sizes.block_size + 1):
        what = f"the output for T = {T} with block_size {sizes.block_size}"
        assert_close(module(x[:, :T]), attend(x[:, :T], state, sizes.H), what=what)


def test_causal(submission: Any, rng: Generator) -> None:
    for sizes in CASES:
        state, x = draw_state(sizes.C, rng), draw_input(sizes, rng)
        module = build(submission, sizes, state)
        before = module(x)
        require(tuple(before.shape) == tuple(x.shape), f"the output has shape {tuple(before.shape)} {sizes.title}")
        for t in range(1, sizes.T):
            future = x.clone()
            future[:, t:] = 3 * torch.randn(future[:, t:].shape, generator=rng, dtype=torch.float64)
            now = module(future)
            what = f"the output before position {t}, after the inputs from there on were exchanged {sizes.title},"
            assert_close(now[:, :t], before[:, :t], what=what)
            moved = (now[:, t] - before[:, t]).abs().max().item()
            require(moved > 1e-3, f"position {t} does not see its own input {sizes.title}", got=moved)


def test_gradients(submission: Any, rng: Generator) -> None:
    for sizes in CASES:
        state, x = draw_state(sizes.C, rng), draw_input(sizes, rng)
        weights = torch.randn(x.shape, generator=rng, dtype=torch.float64)
        leaves = {"x": x, **state}
        leaves = {name: t.clone().requires_grad_() for name, t in leaves.items()}
        total = (attend(leaves["x"], {name: leaves[name] for name in PARAMETERS}, sizes.H) * weights).sum()
        expected = dict(zip(leaves, torch.autograd.grad(total, list(leaves.values())), strict=True))
        found = submission.take_gradients(build(submission, sizes, state), x, weights)
        for name, right in expected.items():
            what = f"the gradient of `{name}` {sizes.title}"
            require(name in found, f"{what} is missing", got=sorted(found))
            assert_close(found[name], right, what=what)


def require_value_error(call: Any, when: str, *numbers: int) -> None:
    try:
        call()
    except LearnerRaised as error:
        if "NotImplementedError" in error.kinds:
            raise
        text = f"{when} another exception is raised than a ValueError"
        require("ValueError" in error.kinds, text, got=str(error), expected="ValueError")
        shown = all(str(number) in error.text for number in numbers)
        require(shown, f"the message of the ValueError {when} shows not both numbers", got=error.text)
        return
    raise CheckFailure(f"{when} nothing is raised", expected="ValueError")


def test_refuses(submission: Any, rng: Generator) -> None:
    for C, H in ((10, 3), (31, 64), (7, 2)):
        when = f"for n_embd {C}, not divisible by n_head {H},"
        require_value_error(lambda C=C, H=H: submission.BatchedAttention(C, H, 16), when, C, H)
    for block_size, T in ((8, 9), (3, 17)):
        module = build(submission, Sizes(6, 2, block_size, 1, T), draw_state(6, rng))
        x = torch.randn(2, T, 6, generator=rng, dtype=torch.float64)
        require_value_error(
            lambda module=module, x=x: module(x), f"for T {T} with block_size {block_size}", T, block_size
        )


def test_evaluation(submission: Any, rng: Generator) -> None:
    sizes = CASES[0]
    state, x = draw_state(sizes.C, rng), draw_input(sizes, rng)
    for dropout in (0.3, 0.9):
        module = build(submission, sizes, state, dropout)
        for time in ("first", "second"):
            what = f"the output in evaluation mode with dropout {dropout:g}, the {time} time,"
            assert_close(module(x), attend(x, state, sizes.H), what=what)


def test_dropout(submission: Any, rng: Generator) -> None:
    # One position attends to itself with weight 1, and with identity weights each head hands on its own numbers, all 1:
    # where the weight is dropped the whole head is 0, where an output is dropped only that number is.
    sizes, p = Sizes(C=24, H=3, block_size=4, B=3000, T=1), 0.25
    eye = torch.eye(sizes.C, dtype=torch.float64)
    state = {"qkv.weight": eye.repeat(3, 1), "proj.weight": eye, "proj.bias": torch.zeros(sizes.C, dtype=torch.float64)}
    x = torch.ones(sizes.B, 1, sizes.C, dtype=torch.float64)
    module = build(submission, sizes, state, p)
    module.train()
    out = module(x)
    require(tuple(out.shape) == tuple(x.shape), f"in training mode the output has shape {tuple(out.shape)}")
    heads = out.view(sizes.B, sizes.H, sizes.C // sizes.H)
    alive = (heads != 0).any(-1)
    dropped = 1 - alive.double().mean().item()
    # 9,000 draws: a standard deviation of 0.005, and six of them.
    text = f"in training mode {dropped:.1%} of the attention weights are dropped, and dropout is {p:g}"
    require(abs(dropped - p) < 0.03, text)
    dropped = (heads[alive] == 0).double().mean().item()
    # Some 54,000 draws.
    text = f"in training mode {dropped:.1%} of the outputs (of heads that were not dropped) are 0, and dropout is {p:g}"
    require(abs(dropped - p) < 0.03, text)
    kept = heads[heads != 0]
    what = "what was kept in training mode, scaled up by 1 / (1 - dropout) twice,"
    assert_close(kept, torch.full_like(kept, (1 - p) ** -2), what=what)
    assert_close(build(submission, sizes, state)(x), x, what="the output without dropout")
    module = build(submission, sizes, state)
    module.train()
    assert_close(module(x), x, what="the output in training mode where no dropout was asked for")


def test_no_loop(submission: Any, rng: Generator) -> None:
    counts = {}
    for H in (2, 4, 8):
        sizes = Sizes(C=16, H=H, block_size=5, B=3, T=5)
        state, x = draw_state(sizes.C, rng), draw_input(sizes, rng)
        call = submission.call(build(submission, sizes, state), x, want=("ops",))
        counts[H] = sum("mm" in name or "matmul" in name or "einsum" in name for name in call.ops or ())
        assert_close(call.value, attend(x, state, H), what=f"the output {sizes.title}")
    text = "the number of matrix products grows with the number of heads; one product over (B, H, ...) does for all of them"
    require(len(set(counts.values())) == 1, text, got=", ".join(f"{n} for {H} heads" for H, n in counts.items()))


def test_merge(submission: Any, rng: Generator) -> None:
    for C, H, block_size, T in ((12, 3, 8, 5), (8, 4, 3, 3), (5, 1, 4, 2)):
        old = submission.MultiHeadAttention(C, H, block_size)
        shapes = {name: tuple(t.shape) for name, t in old.named_parameters()}
        state = {str(name): torch.randn(*shape, generator=rng) * (2.0 / C) ** 0.5 for name, shape in shapes.items()}
        old.load_state_dict(state, strict=False)
        old.eval()
        x = torch.randn(2, T, C, generator=rng)
        parts = [state[f"heads.{h}.{kind}.weight"] for kind in ("query", "key", "value") for h in range(H)]
        joined = {"qkv.weight": torch.cat(parts), "proj.weight": state["proj.weight"], "proj.bias": state["proj.bias"]}
        expected = attend(x.double(), {name: t.double() for name, t in joined.items()}, H)
        new = submission.merge_heads(old)
        new.eval()
        require_parameters(new, Sizes(C, H, block_size, 2, T))
        # float32: sums of a dozen numbers of about 1 through three products and a softmax.
        what = f"the output after merge_heads of {H} heads"
        assert_close(new(x), expected, rtol=1e-4, atol=1e-5, dtype=torch.float32, what=what)
        require_value_error(
            lambda new=new, n=block_size + 1, C=C: new(torch.zeros(1, n, C)), "beyond the old block_size"
        )
        new.load_state_dict({name: torch.zeros_like(t) for name, t in joined.items()}, strict=False)
        now = {str(name): t for name, t in old.named_parameters()}
        for name, before in state.items():
            assert_equal(
                now[name].detach(), before, what=f"`{name}` of the old heads, after the merged ones were changed,"
            )
    old = submission.MultiHeadAttention(16, 2, 4, 0.5)
    new = submission.merge_heads(old)
    new.train()
    out = new(torch.ones(200, 4, 16))
    zeros = (out == 0).double().mean().item()
    # 12,800 draws at 0.5: a standard deviation of 0.005.
    require(abs(zeros - 0.5) < 0.03, f"merged from heads with dropout 0.5, {zeros:.1%} of the outputs are dropped")
