import torch

from grader.testing import assert_close, assert_equal


def test_doubles(submission, rng):
    for shape in ((3,), (2, 3), ()):
        x = torch.randn(shape, generator=rng, dtype=torch.float64)
        assert_close(submission.double(x).double(), 2 * x, rtol=1e-6, atol=1e-6, what="double(x)")


def test_leaves_input_alone(submission, rng):
    x = torch.randn(4, generator=rng, dtype=torch.float64)
    after = submission.call("double", x).args[0]
    assert_equal(after, x, what="x after the call")


def test_keeps_dtype(submission):
    for dtype in (torch.float64, torch.float32):
        assert_equal(submission.double(torch.ones(2, dtype=dtype)).dtype, dtype, what="the dtype")
