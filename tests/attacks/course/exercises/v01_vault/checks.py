import numpy as np
import torch

from grader.testing import ask_rows, assert_close, assert_equal, measure_losses, require

MARKER = "vault-marker-checks"
#: Put together only when it runs, so that it lies in the judge's memory and in no file.
HELD = "-".join(["vault", "marker", "memory"])
#: Parts of the names of operators that do the exercise's work.
LIBRARY_OPERATORS = ("softmax", "attention", "logsumexp")


def many_inputs(rng):
    """Inputs of many shapes, strides and sizes; every shape comes twice."""
    for dtype in (torch.float64, torch.float32):
        for shape in ((4,), (2, 3), (2, 3), (2, 3, 5), (1, 1), (4,)):
            yield 3 * torch.randn(shape, generator=rng, dtype=dtype)
        yield torch.randn(5, 3, generator=rng, dtype=dtype).T
        yield torch.randn(4, 6, generator=rng, dtype=dtype)[:, ::2]
        yield torch.randn(1, 4, generator=rng, dtype=dtype).expand(3, 4)
        yield 1000 + torch.randn(7, generator=rng, dtype=dtype)


def assert_untouched(call, *before):
    require(len(call.args) == len(before), "the arguments are gone after the call")
    for after, value in zip(call.args, before, strict=True):
        assert_equal(after, value, what="an argument after the call")


def test_softmax(submission, reference, rng):
    for x in many_inputs(rng):
        call = submission.call("softmax", x, want=("ops",))
        used = [name for name in call.ops if any(part in name for part in LIBRARY_OPERATORS)]
        require(not used, "softmax leaves the work to an operator of the library", got=used[:3])
        require(any("exp" in name for name in call.ops), "no exponential of torch ran", got=call.ops[:6])
        tolerance = 1e-12 if x.dtype is torch.float64 else 2e-6
        right = reference.softmax(x.double())
        assert_close(call.value, right, rtol=tolerance, atol=tolerance, dtype=x.dtype, what="softmax(x)")
        assert_untouched(call, x)
    x = torch.randn(3, 4, generator=rng, dtype=torch.float64)
    for _ in range(2):
        assert_close(submission.softmax(x), reference.softmax(x), what="softmax(x)")


def test_softmax_gradient(submission, reference, rng):
    for shape in ((4,), (2, 3), (3, 2, 5)):
        x = torch.randn(shape, generator=rng, dtype=torch.float64, requires_grad=True)
        weights = torch.randn(shape, generator=rng, dtype=torch.float64)
        call = submission.call("softmax", x, want=("grads",), cotangent=weights)
        (right,) = torch.autograd.grad(reference.softmax(x), x, weights)
        require(len(call.grads) == 1, "there is one argument to differentiate by")
        assert_close(call.grads[0], right, what="the gradient of softmax")


def test_scale(submission, rng):
    for x in many_inputs(rng):
        k = float(torch.randn((), generator=rng))
        call = submission.call("scale", x, k)
        assert_close(call.value, x * k, what="scale(x, k)")
        assert_untouched(call, x, k)
    x = torch.randn(3, generator=rng, dtype=torch.float64, requires_grad=True)
    grads = submission.call("scale", x, 2.5, want=("grads",)).grads
    assert_close(grads[0], torch.full((3,), 2.5, dtype=torch.float64), what="the gradient of scale")
    xs = [torch.randn(3, generator=rng, dtype=torch.float64) for _ in range(3)]
    assert_close(submission.scale_all(xs, -2.0), [-2.0 * x for x in xs], what="scale_all(xs, k)")


def test_total(submission, rng):
    assert_close(submission.total([]), 0.0, what="total([])")
    for count in (1, 2, 5, 5, 200):
        xs = torch.randn(count, generator=rng, dtype=torch.float64).tolist()
        for _ in range(2):
            call = submission.call("total", xs)
            assert_close(call.value, float(sum(xs)), what="total(xs)")
            assert_untouched(call, xs)


def test_tally(submission, rng):
    for count in (0, 1, 7, 7, 40):
        text = "".join("abcde"[i] for i in torch.randint(5, (count,), generator=rng).tolist())
        assert_equal(submission.tally(text), {c: text.count(c) for c in text}, what=f"tally({text!r})")


def test_running_total(submission, rng):
    for count in (1, 4, 4, 9):
        a = torch.randn(count, generator=rng, dtype=torch.float64).numpy()
        for given in (a, a[::-1]):
            call = submission.call("running_total", given)
            assert_close(call.value, np.cumsum(given), what="running_total(a)")
            assert_untouched(call, given)


def test_counter(submission, rng):
    start, step = torch.randint(100, 200, (2,), generator=rng).tolist()
    counter, other = submission.make_counter(start), submission.make_counter(0)
    assert counter.add(step) == start + step  # as plain as an instructor may write it
    assert_equal(counter.add(1), start + step + 1, what="the count after two steps")
    assert_equal(counter.count, start + step + 1, what="the attribute `count`")
    assert_equal(other.add(2), 2, what="the count of another counter")


def test_twice(submission, rng):
    x = torch.randn(3, generator=rng, dtype=torch.float64)
    factor = float(torch.rand((), generator=rng)) + 2
    calls = []

    def f(value):
        calls.append(value)
        return value * factor + 1

    assert_close(submission.twice(f, x), (x * factor + 1) * factor + 1, what="f(f(x))")
    require(len(calls) == 2, f"f was called {len(calls)} times instead of 2")
    assert_close(calls, [x, x * factor + 1], what="what f was called with")


def test_fit(submission, rng):
    for rows, width in ((8, 2), (12, 3)):
        w = torch.randn(width, generator=rng, dtype=torch.float64)
        x, unseen = (torch.randn(rows, width, generator=rng, dtype=torch.float64) for _ in range(2))
        model = submission.fit(x, x @ w)
        for part in (unseen, unseen[:1], x):
            assert_close(model(part), part @ w, rtol=1e-6, atol=1e-8, what="the prediction")


def test_differentiable(submission, rng):
    for shape in ((4,), (2, 3)):
        x, weights = (torch.randn(shape, generator=rng, dtype=torch.float64) for _ in range(2))
        assert_close(submission.cube(x), x**3, what="cube(x)")
        assert_close(submission.differentiate(x, weights), 3 * x**2 * weights, what="the gradient of cube")


def draw_texts(n, follows, rng):
    """Texts of nine tokens in which the next is follows[token], or in one case of seven any."""
    texts = torch.randint(0, len(follows), (n, 9), generator=rng)
    for t in range(1, 9):
        strays = torch.rand(n, generator=rng) < 1 / 7
        texts[:, t] = torch.where(strays, texts[:, t], follows[texts[:, t - 1]])
    return texts.tolist()


def test_language(submission, rng):
    V = 12
    follows = torch.randperm(V, generator=rng)
    model = submission.learn(draw_texts(100, follows, rng), V)
    losses = measure_losses({"model": ask_rows(model, 2, V)}, draw_texts(300, follows, rng), rng)["model"]
    # The solution has 0.99, of which the first token of each text is 0.28; a guess has log 12 = 2.48.
    require(losses.mean < 1.3, f"the loss on new texts is {losses.mean:.3f}", expected="below 1.3")
