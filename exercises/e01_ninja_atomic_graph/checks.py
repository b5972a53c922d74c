"""Hidden checks of e01_ninja_atomic_graph: autograd in float64 on the reference's forward pass.

`backward` always gets the cache of the reference, so that a mistake in the forward pass costs the points of the forward
pass only. Gradients are compared from the loss to the embedding: the first one that is off names the line to look at.
"""

from typing import Any, NamedTuple

import torch
from torch import Generator, Tensor

from grader.testing import CheckFailure, assert_close, assert_equal, require

PARAMETERS = ("C", "W1", "b1", "W2", "b2", "bngain", "bnbias")
#: The order in which a backward pass can find them.
BACKWARDS = (
    *("logprobs", "probs", "counts_sum_inv", "counts_sum", "counts", "norm_logits", "logit_maxes", "logits"),
    *("h", "W2", "b2", "hpreact", "bngain", "bnbias", "bnraw", "bnvar_inv", "bnvar", "bndiff2", "bndiff", "bnmeani"),
    *("hprebn", "embcat", "W1", "b1", "emb", "C"),
)
FORWARDS = tuple(name for name in reversed(BACKWARDS) if name not in PARAMETERS)


class Case(NamedTuple):
    """A batch, the parameters, and what the reference makes of them."""

    Xb: Tensor
    Yb: Tensor
    p: dict[str, Tensor]
    cache: dict[str, Tensor]
    grads: dict[str, Tensor]  # float64, as is all of the case

    @property
    def title(self) -> str:
        return f"for n = {len(self.Yb)}, V = {self.p['C'].shape[0]}, H = {self.p['W1'].shape[1]}"


def draw_case(reference: Any, rng: Generator, n: int, T: int = 3, V: int = 27, E: int = 10, H: int = 64) -> Case:
    """Draw a batch and parameters of the lecture's sizes, none of them zero, and differentiate by autograd."""

    def normal(*shape: int, scale: float) -> Tensor:
        return scale * torch.randn(*shape, generator=rng, dtype=torch.float64)

    Xb = torch.randint(0, V, (n, T), generator=rng)
    Yb = torch.randint(0, V, (n,), generator=rng)
    p = {
        "C": normal(V, E, scale=1.0),
        "W1": normal(T * E, H, scale=5 / 3 / (T * E) ** 0.5),
        "b1": normal(H, scale=0.1),
        "W2": normal(H, V, scale=2 / H**0.5),
        "b2": normal(V, scale=0.1),
        "bngain": 1 + normal(1, H, scale=0.3),
        "bnbias": normal(1, H, scale=0.1),
    }
    return differentiate(reference, Xb, Yb, p)


def differentiate(reference: Any, Xb: Tensor, Yb: Tensor, p: dict[str, Tensor]) -> Case:
    leaves = {name: t.clone().requires_grad_() for name, t in p.items()}
    cache = reference.forward(Xb, Yb, leaves)
    tensors = {**cache, **leaves}
    grads = torch.autograd.grad(cache["loss"], [tensors[name] for name in BACKWARDS])
    detached = {name: t.detach() for name, t in cache.items()}
    return Case(Xb, Yb, p, detached, dict(zip(BACKWARDS, grads, strict=True)))


def ask(submission: Any, case: Case) -> dict[str, Tensor]:
    """Call backward, and require the 26 names."""
    grads: dict[str, Tensor] = submission.backward(case.cache, case.Xb, case.Yb, case.p)
    require_names(grads, BACKWARDS, "backward")
    return grads


def require_names(found: dict[str, Tensor], names: tuple[str, ...], function: str) -> None:
    missing, extra = [n for n in names if n not in found], [n for n in found if n not in names]
    require(not missing, f"what `{function}` returns lacks {', '.join(missing)}")
    require(not extra, f"what `{function}` returns has more than it should: {', '.join(map(str, extra))}")


def require_gradients(grads: dict[str, Tensor], case: Case, names: tuple[str, ...] = BACKWARDS) -> None:
    # float64 to 1e-9, of gradients up to about 1: a variance that happens to be small (n = 2) costs a few digits.
    for name in names:
        what = f"the gradient of `{name}` {case.title}"
        assert_close(grads[name], case.grads[name], rtol=1e-9, atol=1e-9, what=what)


def test_forward(submission: Any, reference: Any, rng: Generator) -> None:
    for sizes in ({"n": 32}, {"n": 4, "T": 2, "V": 6, "E": 3, "H": 5}, {"n": 2, "T": 1, "V": 3, "E": 4, "H": 7}):
        case = draw_case(reference, rng, **sizes)
        for dtype in (torch.float64, torch.float32):
            p = {name: t.to(dtype) for name, t in case.p.items()}
            call = submission.call("forward", case.Xb, case.Yb, p)
            require_names(call.value, (*FORWARDS, "loss"), "forward")
            # float32 to 1e-3: for n = 2 a variance may be 1e-5, which magnifies roundings of 1e-7 a thousandfold.
            # The formulas are held to 1e-9 in float64.
            loose = 1e-9 if dtype == torch.float64 else 1e-3
            for name in (*FORWARDS, "loss"):
                what = f"`{name}` {case.title}"
                assert_close(call.value[name], case.cache[name], rtol=loose, atol=loose, dtype=dtype, what=what)
            assert_equal(call.args, (case.Xb, case.Yb, p), what="the arguments after the call of `forward`")


def test_shapes(submission: Any, reference: Any, rng: Generator) -> None:
    for sizes in ({"n": 4, "T": 2, "V": 6, "E": 3, "H": 5}, {"n": 9, "T": 4, "V": 7, "E": 2, "H": 8}):
        case = draw_case(reference, rng, **sizes)
        grads = ask(submission, case)
        for name in BACKWARDS:
            shape, wanted = tuple(grads[name].shape), tuple(case.grads[name].shape)
            if shape != wanted:
                text = f"the gradient of `{name}` has shape {shape}, and `{name}` itself has {wanted}"
                raise CheckFailure(text, got=str(shape), expected=str(wanted))


def test_all_gradients(submission: Any, reference: Any, rng: Generator) -> None:
    for sizes in ({"n": 32}, {"n": 32, "T": 2, "V": 6, "E": 3, "H": 4}):
        case = draw_case(reference, rng, **sizes)
        require_gradients(ask(submission, case), case)


def test_repeats(submission: Any, reference: Any, rng: Generator) -> None:
    drawn = draw_case(reference, rng, n=12, V=9, E=2, H=5)
    # Of nine characters three occur: each of them about a dozen times, one of them only in the same row.
    Xb = drawn.Xb % 2 * 4
    Xb[7] = 5
    case = differentiate(reference, Xb, drawn.Yb, drawn.p)
    dC = ask(submission, case)["C"]
    for character in range(9):
        times = int((Xb == character).sum())
        what = f"the gradient of row {character} of C, which occurs {times} times in Xb,"
        assert_close(dC[character], case.grads["C"][character], rtol=1e-9, atol=1e-9, what=what)


def test_logit_maxes(submission: Any, reference: Any, rng: Generator) -> None:
    for n in (3, 32):
        case = draw_case(reference, rng, n=n)
        # Exactly zero on paper: taking any number off all the logits of a row leaves the probabilities as they are.
        what = f"the gradient of `logit_maxes` {case.title}, which cannot change the loss,"
        zeros = torch.zeros(n, 1, dtype=torch.float64)
        assert_close(ask(submission, case)["logit_maxes"], zeros, rtol=0.0, atol=1e-12, what=what)


def test_bessel(submission: Any, reference: Any, rng: Generator) -> None:
    # The fewer rows, the more n - 1 differs from n: by a factor of 2 and of 1.5 here.
    for n in (2, 3):
        case = draw_case(reference, rng, n=n, T=2, V=8, E=4, H=6)
        bnvar = submission.forward(case.Xb, case.Yb, case.p)["bnvar"]
        assert_close(bnvar, case.cache["bnvar"], what=f"`bnvar`, the variance with n - 1, {case.title}")
        require_gradients(ask(submission, case), case, ("bnvar", "bndiff2", "bndiff", "hprebn"))


def test_by_hand(submission: Any, reference: Any, rng: Generator) -> None:
    case = draw_case(reference, rng, n=6, V=7, E=3, H=5)
    with_graph = {name: t.clone().requires_grad_() for name, t in case.p.items()}
    for p in (case.p, with_graph):
        call = submission.call("backward", case.cache, case.Xb, case.Yb, p, want=("ops",))
        used = sorted({name for name in call.ops or () if "backward" in name})
        require(
            not used,
            "`backward` lets autograd differentiate; the exercise is to write the gradients with plain operations",
            got=", ".join(used),
        )
        require_names(call.value, BACKWARDS, "backward")


def test_batch_sizes(submission: Any, reference: Any, rng: Generator) -> None:
    for sizes in ({"n": 2}, {"n": 64}, {"n": 7, "T": 5, "V": 4, "E": 1, "H": 3}, {"n": 3, "T": 1, "H": 1}):
        case = draw_case(reference, rng, **sizes)
        require_gradients(ask(submission, case), case)
    case = draw_case(reference, rng, n=32)
    narrow = case._replace(
        p={name: t.float() for name, t in case.p.items()}, cache={name: t.float() for name, t in case.cache.items()}
    )
    grads = ask(submission, narrow)
    for name in BACKWARDS:
        right = case.grads[name]
        # float32 numbers of up to the largest of the tensor, each rounded to 1e-7 some ten times and then summed.
        near = 1e-5 * float(right.abs().max()) + 1e-6
        what = f"the gradient of `{name}` in float32"
        assert_close(grads[name], right, rtol=1e-4, atol=near, dtype=torch.float32, what=what)


def test_arguments(submission: Any, reference: Any, rng: Generator) -> None:
    case = draw_case(reference, rng, n=5, V=6, E=3, H=4)
    after = submission.call("backward", case.cache, case.Xb, case.Yb, case.p).args
    for what, now, before in (
        ("`cache`", after[0], case.cache),
        ("`Xb`", after[1], case.Xb),
        ("`Yb`", after[2], case.Yb),
        ("`p`", after[3], case.p),
    ):
        assert_equal(now, before, what=f"{what} after the call of `backward`")
