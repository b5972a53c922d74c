import pytest
import torch

from grader.testing import LearnerRaised, assert_close, assert_equal, require, type_name


def test_numbers(submission, reference):
    for values in ([1.0, 2.0, 4.0], [5.0]):
        assert_close(submission.mean_of(values), reference.mean_of(values), what=f"mean_of({values})")


def test_closures(submission):
    add = submission.make_adder(2.5)
    assert_equal(add(1.0), 3.5, what="make_adder(2.5)(1.0)")


def test_instances(submission):
    counter = submission.Counter(3)
    assert_equal(type_name(counter), "Counter", what="the class")
    assert_equal(counter.add(4), 7, what="the count")
    counter.count = 10
    assert_equal(counter.count, 10, what="the attribute")
    assert_equal(submission.LIMIT, 7, what="LIMIT")


def test_callbacks(submission):
    calls = []

    def f(x):
        calls.append(x)
        return x + 1

    x = torch.zeros(2)
    assert_close(submission.apply_twice(f, x), torch.full((2,), 2.0), what="f(f(x))")
    require(len(calls) == 2, f"f was called {len(calls)} times instead of 2")

    def refuses(x):
        raise ValueError("not today")

    with pytest.raises(LearnerRaised, match="not today") as caught:
        submission.apply_twice(refuses, x)
    require("ValueError" in caught.value.kinds, "the exception of f must come through")


def test_gradients(submission, rng):
    x = torch.randn(3, generator=rng, dtype=torch.float64, requires_grad=True)
    call = submission.call("cube", x, want=("grads",))
    assert_close(call.grads[0], 3 * x.detach() ** 2, what="the gradient of cube")


def test_operators(submission):
    call = submission.call("project", torch.ones(2, 3), torch.ones(3, 4), want=("ops", "memory"))
    require(any("mm" in name for name in call.ops), "no matrix product ran", got=call.ops)
    require(call.peak_bytes >= 0, "no memory was measured")


def test_printing(submission):
    call = submission.call("shout", "hey")
    assert_equal(call.stdout, "HEY\n", what="what was printed")


def test_errors(submission):
    with pytest.raises(LearnerRaised) as caught:
        submission.mean_of([])
    require("ValueError" in caught.value.kinds, "expected a ValueError", got=caught.value.kinds[0])


def test_trains(submission, carry):
    carry["model"], steps = submission.train(5)
    assert_equal(steps, 5, what="the steps")


def test_goes_on(submission, carry):
    assert_close(carry["model"](torch.ones(2)), torch.full((2,), 5.0), what="the model")
    assert_equal(submission.seen(), 1, what="the calls seen by the same process")


def test_starts_anew(submission, carry):
    assert_equal(submission.seen(), 0, what="the calls seen by a fresh process")
    require(not carry, "carry should be empty here")


def test_words(corpus, thresholds):
    require(len(corpus.words) == thresholds["words"], "the corpus has another size")
