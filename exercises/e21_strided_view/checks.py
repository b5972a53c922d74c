"""Hidden checks of e21_strided_view: torch itself is the reference."""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Generator, Tensor

from grader.testing import CheckFailure, LearnerRaised, assert_equal, require


def draw(rng: Generator, low: int, high: int) -> int:
    """Draw a whole number, both ends included."""
    return int(torch.randint(low, high + 1, (), generator=rng))


def draw_shape(rng: Generator, smallest: int, dims: int) -> tuple[int, ...]:
    return tuple(draw(rng, smallest, 5) for _ in range(dims))


def require_value_error(submission: Any, name: str, *args: Any, why: str) -> None:
    written = ", ".join(map(str, args))
    try:
        got = getattr(submission, name)(*args)
    except LearnerRaised as error:
        require("ValueError" in error.kinds, f"{name}({written}) raised {error.kinds[0]} instead of ValueError: {why}")
    else:
        raise CheckFailure(f"{name}({written}) should raise ValueError: {why}", got=str(got))


def test_strides(submission: Any, rng: Generator) -> None:
    shapes = [(), (7,), (2, 3), (1, 4), (4, 1, 1), (2, 0, 3), (0,), (3, 0), (4, 8, 10), (3, 5, 2, 4)]
    shapes += [draw_shape(rng, 0, draw(rng, 1, 5)) for _ in range(25)]
    for shape in shapes:
        what = f"contiguous_strides({shape})"
        assert_equal(submission.contiguous_strides(shape), torch.empty(shape).stride(), what=what)


def walk(rng: Generator) -> Iterator[tuple[str, Tensor]]:
    """Yield tensors in which every element is its own place in the storage, and how they were made."""
    x = torch.arange(3 * 4 * 5).reshape(3, 4, 5)
    yield "x of shape (3, 4, 5)", x
    yield "x.transpose(0, 2)", x.transpose(0, 2)
    yield "x[1]", x[1]
    yield "x[1:, 2:]", x[1:, 2:]
    yield "x[:, ::2, 1::3]", x[:, ::2, 1::3]
    yield "x.permute(1, 2, 0)[2:]", x.permute(1, 2, 0)[2:]
    yield "x[2, 3, 4], a scalar,", x[2, 3, 4]
    shape = draw_shape(rng, 2, 4)
    y = torch.arange(math.prod(shape)).reshape(shape).permute(*torch.randperm(4, generator=rng).tolist())
    yield f"a permuted tensor of shape {tuple(y.shape)}, from its second row on,", y[1:]


def test_elements(submission: Any, rng: Generator) -> None:
    for name, x in walk(rng):
        for _ in range(6):
            index = tuple(draw(rng, 0, size - 1) for size in x.shape)
            place = submission.storage_index(index, x.stride(), x.storage_offset())
            assert_equal(place, int(x[index]), what=f"the place of {index} in {name} (strides {x.stride()})")
    assert_equal(submission.storage_index((1, 2), (5, 1)), 7, what="storage_index((1, 2), (5, 1)) without an offset")


def require_view(submission: Any, x: Tensor, new_shape: tuple[int, ...]) -> None:
    shape, strides = tuple(x.shape), x.stride()
    what = f"view_strides({shape}, {strides}, {new_shape})"
    got = submission.view_strides(shape, strides, new_shape)
    try:
        view = x.view(new_shape)
    except RuntimeError:
        require(got is None, f"{what} should be None: these strides reach the elements in another order", got=got)
        return
    if got is None:
        raise CheckFailure(f"{what} is None, but no copy is needed", got="None", expected=str(view.stride()))
    # What stands at a size of 1 is never used, so that of torch is put there.
    used = tuple(
        stride if size != 1 else other for stride, size, other in zip(got, view.shape, view.stride(), strict=False)
    )
    require(len(got) == view.dim(), f"{what} has {len(got)} strides for {view.dim()} dimensions", got=got)
    assert_equal(used, view.stride(), what=what)


def test_lecture_views(submission: Any) -> None:
    require_view(submission, torch.empty(32, 3, 2), (32, 6))
    require_view(submission, torch.empty(4, 8, 10), (4, 4, 20))
    require_view(submission, torch.empty(4, 8, 10), (320,))
    require_view(submission, torch.empty(6, 4).T, (24,))
    require_view(submission, torch.empty(18), (3, 3, 2))


def draw_factors(rng: Generator, count: int) -> tuple[int, ...]:
    """Draw a shape with that many elements, sizes of 1 among them now and then."""
    factors = [1] * draw(rng, 0, 1)
    while count > 1:
        divisors = [n for n in range(2, count + 1) if count % n == 0]
        factors.append(divisors[draw(rng, 0, len(divisors) - 1)])
        count //= factors[-1]
    order = torch.randperm(len(factors), generator=rng).tolist() if factors else []
    return tuple(factors[i] for i in order)


def test_views(submission: Any, rng: Generator) -> None:
    base = torch.empty(4, 6, 10)
    fixed = [
        (base[:, :, :5], (4, 6, 5)),
        (base[:, :, :6], (24, 2, 3)),  # rows with a gap between them can be split, and stacked
        (base[:, :, :6], (144,)),
        (base[:, :4], (4, 40)),
        (base[:, :4], (160,)),
        (base.transpose(0, 1), (6, 2, 2, 10)),
        (base.transpose(1, 2), (40, 6)),
        (base[:, :1], (4, 10)),
        # A size of 1 in the middle, whose stride fits nothing.
        (base.as_strided((4, 1, 10), (10, 7, 1)), (40,)),
        (base.as_strided((4, 1, 10), (10, 7, 1)), (2, 20)),
        (torch.empty(3, 7, 1, 4)[:, :1], (12,)),
        (torch.empty(2, 5, 8)[:, :1, :], (16,)),
        (torch.empty(3, 1).expand(3, 4), (12,)),
        (torch.empty(1, 4).expand(3, 4), (12,)),
        (torch.empty(1, 1).expand(3, 4), (2, 6)),
        (torch.empty(()), (1, 1)),
        (torch.empty(1, 1), ()),
        (torch.empty(12)[::2], (3, 2)),
        (torch.empty(4, 9), (6, 6)),
        (torch.empty(4, 9)[:, :6], (3, 8)),
    ]
    for x, new_shape in fixed:
        require_view(submission, x, new_shape)
    for _ in range(35):
        dims = draw(rng, 1, 4)
        x = torch.empty(tuple(2 * size for size in draw_shape(rng, 1, dims)))
        x = x[tuple(slice(None) if draw(rng, 0, 2) else slice(draw(rng, 1, size)) for size in x.shape)]
        if draw(rng, 0, 1):
            x = x.permute(*torch.randperm(dims, generator=rng).tolist())
        require_view(submission, x, draw_factors(rng, x.numel()))


def test_counts(submission: Any) -> None:
    for shape, new_shape in (
        ((4, 6), (2, -1)),
        ((4, 6), (-1,)),
        ((2, 3, 4), (-1, 4)),
        ((4, 6), (24, -1)),
        ((1,), (-1, 1)),
    ):
        require_view(submission, torch.empty(shape), new_shape)
    for shape, new_shape in (((4, 6), (5, 5)), ((4, 6), (12,)), ((2, 3), (4, -1)), ((2, 3), (2, 3, 2)), ((3,), ())):
        why = f"{math.prod(shape)} elements do not fit"
        require_value_error(submission, "view_strides", shape, torch.empty(shape).stride(), new_shape, why=why)


def test_broadcasting(submission: Any, rng: Generator) -> None:
    pairs: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
        ((), ()),
        ((), (3, 2)),
        ((27, 27), (27, 1)),
        ((27, 27), (27,)),
        ((5, 1, 4), (3, 1)),
        ((2, 3), (3, 2)),
        ((0,), (1,)),
        ((0,), (3,)),
        ((4, 1), (0,)),
        ((3,), (3, 1)),
        ((2, 3, 4), (2, 3)),
    ]
    for _ in range(12):
        whole = draw_shape(rng, 1, draw(rng, 1, 4))
        cut = tuple(1 if draw(rng, 0, 2) == 0 else size for size in whole)[draw(rng, 0, len(whole)) :]
        pairs += [(whole, cut), (cut, tuple(1 if draw(rng, 0, 2) == 0 else size for size in whole))]
        pairs.append((draw_shape(rng, 1, draw(rng, 1, 3)), draw_shape(rng, 1, draw(rng, 1, 3))))
    for a, b in pairs:
        try:
            expected = tuple(torch.broadcast_shapes(a, b))
        except RuntimeError:
            require_value_error(submission, "broadcast_shape", a, b, why="two sizes differ and neither is 1")
            continue
        assert_equal(submission.broadcast_shape(a, b), expected, what=f"broadcast_shape({a}, {b})")
