"""Checks of log, softmax and negative log-likelihood: values and gradients are those of torch in float64."""

import math
import random
from typing import Any

import torch
import torch.nn.functional as F

from grader.testing import CheckFailure, LearnerRaised, assert_close, assert_equal, require

#: The example of the notebook: logits, the right class, the loss and the gradients of the logits.
EXAMPLE = [0.0, 3.0, -2.0, 1.0]
EXAMPLE_TARGET = 3
EXAMPLE_LOSS = 2.1755153626167147
EXAMPLE_GRADIENTS = [0.041772570515350445, 0.8390245074625319, 0.005653302662216329, -0.8864503806400986]


def make_values(submission: Any, numbers: list[float]) -> list[Any]:
    return [submission.Value(number) for number in numbers]


def draw_logits(n: int, draw: random.Random) -> list[float]:
    """Draw numbers with few binary digits, so that adding 1000 to them is exact."""
    return [draw.randrange(-256, 257) / 64 for _ in range(n)]


def compute_here(logits: list[float], target: int) -> tuple[float, list[float]]:
    """Return torch's cross-entropy in float64, and its gradients."""
    leaf = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    loss = F.cross_entropy(leaf[None], torch.tensor([target]))
    (gradients,) = torch.autograd.grad(loss, [leaf])
    return loss.item(), gradients.tolist()


def compute_there(submission: Any, logits: list[float], target: int) -> tuple[float, list[float]]:
    values = make_values(submission, logits)
    loss = submission.nll_loss(submission.softmax(values), target)
    loss.backward()
    return loss.data, [v.grad for v in values]


def require_loss(submission: Any, logits: list[float], target: int, what: str) -> None:
    loss, gradients = compute_there(submission, logits, target)
    expected_loss, expected_gradients = compute_here(logits, target)
    # The target's probability is 1e-4 or more, and each of a dozen roundings is 1e-16 of it: far from 1e-10.
    assert_close(loss, expected_loss, rtol=1e-10, atol=1e-10, what=f"the loss of {what}")
    assert_close(gradients, expected_gradients, rtol=1e-10, atol=1e-10, what=f"the gradients of the logits of {what}")


def test_log(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for number in (draw.uniform(0.01, 0.9), draw.uniform(1.1, 5), 1.0, 1e-30):
        v = submission.Value(number)
        out = submission.value_log(v)
        assert_close(out.data, math.log(number), what=f"the logarithm of {number}")
        out.backward()
        assert_close(v.grad, 1 / number, what=f"the gradient of v in log(v), at {number},")
    # In the middle of an expression: what comes from behind is handed on, times 1 / v.
    a = draw.uniform(1.1, 3)
    v = submission.Value(a)
    (submission.value_log(v * v) * 3).backward()
    assert_close(v.grad, 6 / a, what=f"the gradient of v in 3 * log(v * v), at {a},")
    v = submission.Value(a)
    (submission.value_log(v) + v * 2 + submission.value_log(v)).backward()
    assert_close(v.grad, 2 / a + 2, what=f"the gradient of v, used three times, in log(v) + 2 * v + log(v), at {a},")


def test_probabilities(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for n in (1, 2, 3, 5, 13, 27, 50):
        logits = draw_logits(n, draw)
        probs = [p.data for p in submission.softmax(make_values(submission, logits))]
        assert_equal(len(probs), n, what=f"the number of probabilities for {n} logits")
        require(all(p > 0 for p in probs), f"one of the probabilities of {n} logits is not above 0", got=probs)
        assert_close(math.fsum(probs), 1.0, what=f"the sum of the probabilities of {n} logits")
        expected = torch.softmax(torch.tensor(logits, dtype=torch.float64), 0).tolist()
        assert_close(probs, expected, what=f"the probabilities of {n} logits")


def test_softmax_gradients(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for n in (2, 5):
        logits, factors = draw_logits(n, draw), [draw.uniform(-2, 2) for _ in range(n)]
        leaf = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
        weighted = (torch.softmax(leaf, 0) * torch.tensor(factors, dtype=torch.float64)).sum()
        (expected,) = torch.autograd.grad(weighted, [leaf])
        values = make_values(submission, logits)
        probs = submission.softmax(values)
        total = probs[0] * factors[0]
        for p, factor in zip(probs[1:], factors[1:], strict=True):
            total = total + p * factor
        total.backward()
        got = [v.grad for v in values]
        assert_close(
            got, expected.tolist(), what=f"the gradients of {n} logits in a weighted sum of their probabilities"
        )


def test_example(submission: Any) -> None:
    loss, gradients = compute_there(submission, EXAMPLE, EXAMPLE_TARGET)
    what = f"the logits {EXAMPLE} with target {EXAMPLE_TARGET}"
    assert_close(loss, EXAMPLE_LOSS, what=f"the loss of {what}")
    assert_close(gradients, EXAMPLE_GRADIENTS, what=f"the gradients of {what}")


def test_cross_entropy(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for n in (1, 2, 4, 10):
        for target in sorted({0, n // 2, n - 1}):
            logits = [draw.gauss(0, 1.5) for _ in range(n)]
            require_loss(submission, logits, target, f"{n} logits with target {target}")


def test_p_minus_one_hot(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for n in (2, 3, 7):
        logits, target = draw_logits(n, draw), draw.randrange(n)
        _, gradients = compute_there(submission, logits, target)
        probs = torch.softmax(torch.tensor(logits, dtype=torch.float64), 0).tolist()
        expected = [p - (k == target) for k, p in enumerate(probs)]
        what = f"the gradients of {n} logits with target {target}"
        assert_close(math.fsum(gradients), 0.0, what=f"the sum of {what}")
        assert_close(gradients, expected, what=f"{what}, compared with p minus one-hot,")


def test_shift(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    logits, target = draw_logits(4, draw), draw.randrange(4)
    cases = [([z + shift for z in logits], target, f"logits plus {shift}") for shift in (1000.0, -1000.0)]
    cases += [([-1000.0, 1.0, 3.0], 2, "logits -1000, 1, 3"), ([2.0, 1000.0, 1.0], 1, "logits 2, 1000, 1")]
    for shifted, right, what in cases:
        try:
            require_loss(submission, shifted, right, what)
        except LearnerRaised as raised:
            if "OverflowError" not in raised.kinds and "ZeroDivisionError" not in raised.kinds:
                raise
            raise CheckFailure(
                f"for {what} the softmax raises {raised.kinds[0]}: exp({max(shifted):g}) is beyond all floats, and "
                "exp(-1000) is 0; the probabilities stay the same if one number is taken from all logits",
                got=raised.text,
            ) from None


def test_used_again(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    logits = draw_logits(3, draw)
    values = make_values(submission, logits)
    loss = submission.nll_loss(submission.softmax(values), 0) + submission.nll_loss(submission.softmax(values), 2)
    loss.backward()
    first, second = compute_here(logits, 0)[1], compute_here(logits, 2)[1]
    got, expected = [v.grad for v in values], [a + b for a, b in zip(first, second, strict=True)]
    assert_close(got, expected, what="the gradients of logits that two losses share")

    a, b = make_values(submission, logits[:2])
    submission.nll_loss(submission.softmax([a, b, a]), 0).backward()
    gradients = compute_here([logits[0], logits[1], logits[0]], 0)[1]
    expected = [gradients[0] + gradients[2], gradients[1]]
    assert_close([a.grad, b.grad], expected, what="the gradients of a and b for the logits [a, b, a]")


def test_arguments(submission: Any, seed: int) -> None:
    logits = draw_logits(4, random.Random(seed))
    values = make_values(submission, logits)
    call = submission.call("softmax", values)
    assert_equal([v.data for v in call.args[0]], logits, what="the data of the logits after softmax")
    probs = [p.data for p in call.value]
    after = submission.call("nll_loss", call.value, 1).args[0]
    assert_equal([p.data for p in after], probs, what="the data of the probabilities after nll_loss")
