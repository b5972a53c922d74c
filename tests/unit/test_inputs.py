"""Inputs of declared checks are seeded, of the layout and size asked for, and the same in every dtype."""

from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from grader.expressions import FUNCTIONS, ExpressionError, evaluate, parse_expression
from grader.judge.inputs import make_functions


def work_out(text: str, seed: int = 1, words: tuple[str, ...] | None = None, **scope: Any) -> Any:
    functions = make_functions(Generator().manual_seed(seed), words)
    return evaluate(parse_expression(text, scope), scope, functions)


def test_every_function_of_the_language_is_there() -> None:
    assert set(make_functions(Generator(), None)) == set(FUNCTIONS)


def test_what_is_drawn_depends_on_the_seed_alone() -> None:
    text = "[randn(2, 3), rand(2), randint(0, 100, 5), randperm(5)]"
    same = zip(work_out(text), work_out(text), work_out(text, seed=2), strict=True)
    assert [(a.equal(b), a.equal(c)) for a, b, c in same] == [(True, False)] * 4


def test_numbers_are_the_same_in_every_dtype() -> None:
    exact = work_out("randn(4, dtype=float64)")
    for name in ("float16", "bfloat16", "float32"):
        drawn = work_out(f"randn(4, dtype={name})")
        assert drawn.equal(exact.to(getattr(torch, name)))


def test_layouts_hold_the_same_values_with_other_strides() -> None:
    x = torch.arange(6.0).view(2, 3)
    made = {name: work_out(f"{name}(x)", x=x) for name in ("transposed", "strided")}
    assert all(t.equal(x) and not t.is_contiguous() for t in made.values())
    assert (made["transposed"].stride(), made["strided"].stride()) == ((1, 2), (6, 2))
    assert work_out("expanded(ones(3, 1), 3, 2).stride()") == (1, 0)


def test_corner_cases_reach_the_ends_of_their_dtype() -> None:
    x = torch.tensor([1.0, -4.0])
    assert work_out("huge(x)", x=x).tolist() == pytest.approx([0.25e30, -1e30])
    assert work_out("tiny(x)", x=x).tolist() == pytest.approx([0.25e-30, -1e-30])
    assert work_out("huge(x)", x=x.half()).abs().max().item() == torch.finfo(torch.float16).max / 4
    assert work_out("tiny(x)", x=x.half()).ne(0).all()
    assert work_out("negative(x)", x=x).tolist() == [-1, -4]
    assert work_out("empty(0, 3)").shape == (0, 3)
    with pytest.raises(ExpressionError, match="has 6 elements; one of its sizes has to be 0"):
        work_out("empty(2, 3)")


def test_words_are_drawn_from_the_corpus_without_repeating() -> None:
    corpus = tuple("abcdefgh")
    drawn = work_out("words(8)", words=corpus)
    assert sorted(drawn) == list(corpus) != drawn
    with pytest.raises(ExpressionError, match="the exercise has no corpus"):
        work_out("words(1)")


@pytest.mark.parametrize(
    ("a", "b", "close"),
    [
        (torch.ones(2), torch.ones(2) + 5e-6, True),
        (torch.ones(2, dtype=torch.float64), torch.ones(2, dtype=torch.float64) + 5e-6, False),
        (torch.ones(2), torch.ones(2, dtype=torch.float64) + 5e-6, True),
        (torch.ones(2), torch.ones(1), False),
        (torch.ones(2), 1.0, True),
        (torch.ones(2, dtype=torch.int64), torch.tensor([1, 2]), False),
    ],
)
def test_allclose_is_as_strict_as_the_coarser_dtype_allows_and_broadcasts_no_tensor(
    a: Tensor, b: Any, close: bool
) -> None:
    assert work_out("allclose(a, b)", a=a, b=b) is close


def test_numbers_and_tensors_go_through_the_same_functions() -> None:
    assert work_out("[exp(0), log(1.0), sqrt(4), tanh(0), relu(-1), mean([1, 2]), max(1, 3), sum([1, 2])]") == [
        *(1.0, 0.0, 2.0, 0.0, 0.0, 1.5, 3, 3)
    ]
    assert work_out("[exp(x).shape, mean(x), max(x), sum(x), all(x > 0)]", x=torch.ones(2)) == [
        *(torch.Size([2]), 1.0, 1.0, 2.0, True)
    ]


def test_loss_is_computed_in_float64() -> None:
    loss = work_out("cross_entropy(x, y)", x=torch.zeros(2, 4), y=torch.tensor([0, 3]))
    assert (loss.dtype, loss.item()) == (torch.float64, pytest.approx(1.3862943611198906, abs=1e-15))
