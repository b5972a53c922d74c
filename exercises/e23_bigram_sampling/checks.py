"""Checks of row probabilities, by the formula in float64, and of sampling, by chains whose words are known or counted.

Tables and alphabets are made anew from the seed. Where chance decides, an entry may be 5 standard errors off: among
the 40 or so entries of a grade a right answer exceeds that about once in 40,000 grades.
"""

from collections import Counter
from itertools import pairwise
from math import sqrt
from typing import Any

import torch
from torch import Tensor

from grader.testing import CheckFailure, LearnerRaised, assert_close, assert_equal, describe, require

STRENGTHS = (0.01, 0.5, 3, 40.0)  # below and above 1, and one int
STANDARD_ERRORS = 5.0
LETTERS = "abcdefgh"


def draw_counts(V: int, rng: torch.Generator) -> Tensor:
    """Draw a (V, V) table in which every row has counts, some entries are 0, and no row sums to what a column does."""
    N = torch.randint(0, 9, (V, V), generator=rng)
    N[:, 0] += 1
    return N + 20 * torch.arange(V)[:, None] * (N > 0)


def number_letters(V: int) -> dict[int, str]:
    """The dot at 0 and V - 1 letters."""
    return dict(enumerate("." + LETTERS[: V - 1]))


def make_chain(word: str, itos: dict[int, str]) -> Tensor:
    """The table (V, V) that can give this word only; its letters all differ. Other rows lead to the last letter."""
    stoi = {ch: i for i, ch in itos.items()}
    P = torch.zeros(len(itos), len(itos))
    for before, after in zip("." + word, word + ".", strict=True):
        P[stoi[before], stoi[after]] = 1.0
    for ch in set(stoi) - set("." + word):
        P[stoi[ch], stoi[word[-1]]] = 1.0
    return P


def draw_distributions(V: int, rng: torch.Generator) -> Tensor:
    """Draw a (V, V) float64 table of distributions, each far from uniform and unlike the others, no entry near 0."""
    P = torch.rand(V, V, generator=rng, dtype=torch.float64) + 0.1
    i = torch.arange(V)
    P[i, torch.randperm(V, generator=rng)] += 2.0
    return P / P.sum(1, keepdim=True)


def fresh_generator(rng: torch.Generator) -> torch.Generator:
    """A generator with a seed of its own."""
    return torch.Generator().manual_seed(int(torch.randint(0, 2**40, (1,), generator=rng)))


def require_probabilities(P: Tensor, V: int) -> None:
    """Require the shape of a table of probabilities, and floating point."""
    require(P.shape == (V, V), f"P has shape {tuple(P.shape)} instead of {(V, V)}, the shape of N")
    require(P.dtype in (torch.float32, torch.float64), f"P should be float32 or float64, not {P.dtype}")


def assert_near(actual: Tensor, expected: Tensor, what: str) -> None:
    """Compare to 1e-6: float32, the type of the lecture, is right to that after a sum and a division."""
    assert_close(actual.double(), expected, rtol=1e-6, atol=1e-6, what=what)


def require_frequencies(counts: Counter[str], row: Tensor, itos: dict[int, str], where: str) -> None:
    """Require that characters were drawn as often as a row says, within the standard errors."""
    n = sum(counts.values())
    for i, p in enumerate(row.tolist()):
        share = counts[itos[i]] / n
        slack = STANDARD_ERRORS * sqrt(p * (1 - p) / n)
        require(
            abs(share - p) <= slack,
            f"{itos[i]!r} came {counts[itos[i]]} times in {n} draws {where}: a share of {share:.3f}, "
            f"where the row says {p:.3f} (chance explains {slack:.3f} at most)",
        )


def test_rows_sum_to_one(submission: Any, rng: torch.Generator) -> None:
    for V in (2, 3, 5, 27):
        N = draw_counts(V, rng)
        P = submission.row_probabilities(N)
        require_probabilities(P, V)
        assert_near(P.sum(1), torch.ones(V, dtype=torch.float64), f"P.sum(1), the sum of each row, with V = {V},")
        expected = N.double() / N.double().sum(1, keepdim=True)
        assert_near(P, expected, f"P with V = {V}")
        assert_near(submission.row_probabilities(N.T), N.T / N.T.double().sum(1, keepdim=True), "P of the table N.T")
        assert_near(submission.row_probabilities(N.float()), expected, "P of the same counts as float32")


def test_smoothing(submission: Any, rng: torch.Generator) -> None:
    for V in (2, 3, 6):
        N = draw_counts(V, rng)
        N[V - 1] = 0
        for s in STRENGTHS:
            P = submission.row_probabilities(N, s)
            require_probabilities(P, V)
            case = f"with smoothing {s:g} and V = {V}"
            uniform = torch.full((V,), 1 / V, dtype=torch.float64)
            assert_near(P[V - 1], uniform, f"the row without counts {case}")
            expected = (N.double() + s) / (N.double().sum(1, keepdim=True) + s * V)
            assert_near(P, expected, f"P {case}")


def test_empty_row(submission: Any, rng: torch.Generator) -> None:
    for V in (2, 4):
        for row in range(V):
            N = draw_counts(V, rng)
            N[row] = 0
            for zero in ((), (0.0,), (0,)):
                try:
                    P = submission.row_probabilities(N, *zero)
                except LearnerRaised as error:
                    if "NotImplementedError" in error.kinds:
                        raise
                    kind = error.kinds[0]
                    require("ValueError" in error.kinds, f"a row without counts raises {kind}, not ValueError")
                else:
                    text = f"row {row} of {V} has no counts and nothing is added: ValueError expected"
                    raise CheckFailure(text, got=describe(P))
        N = draw_counts(V, rng)
        N[:, V - 1] = 0  # a column may be empty: nothing ever leads there
        assert_near(
            submission.row_probabilities(N), N / N.double().sum(1, keepdim=True), "P of a table with an empty column"
        )


def test_arguments_stay(submission: Any, rng: torch.Generator) -> None:
    for dtype in (torch.int64, torch.float32, torch.float64):
        for smoothing in (0.0, 2):
            N = draw_counts(4, rng).to(dtype)
            after = submission.call("row_probabilities", N, smoothing).args[0]
            assert_equal(after, N, what=f"N, given as {dtype}, after the call")
    for dtype in (torch.float32, torch.float64):
        P, itos = draw_distributions(4, rng).to(dtype), number_letters(4)
        after = submission.call("sample_word", P, itos, fresh_generator(rng)).args
        assert_equal(after[0], P, what=f"P, given as {dtype}, after the call")
        assert_equal(after[1], itos, what="itos after the call")


def test_walks_the_chain(submission: Any, rng: torch.Generator) -> None:
    for V in (2, 4, 9):
        itos = number_letters(V)
        for _ in range(3):
            order = torch.randperm(V - 1, generator=rng) + 1
            letters = int(torch.randint(1, V, (1,), generator=rng))
            word = "".join(itos[i] for i in order[:letters].tolist())
            P = make_chain(word, itos)
            got = submission.sample_word(P, itos, fresh_generator(rng))
            path = " -> ".join(f".{word}.")
            require(got == word, f"the rows of P leave one way only, {path}, so the word is {word!r}, not {got!r}")
            got = submission.sample_word(P.double(), itos, fresh_generator(rng))
            require(got == word, f"with P in float64 the word is {word!r} as well, not {got!r}")


def test_end_of_the_word(submission: Any, rng: torch.Generator) -> None:
    itos = {0: ".", 1: "x"}
    ends_at_once = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    got = submission.sample_word(ends_at_once, itos, fresh_generator(rng))
    require(got == "", f"row 0 leads to the dot at once, so the word is empty, not {got!r}")
    for_ever = torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    for arguments, letters in (((), 100), ((1,), 1), ((7,), 7), ((250,), 250)):
        got = submission.sample_word(for_ever, itos, fresh_generator(rng), *arguments)
        limit = f"max_len {letters}" if arguments else "the default max_len of 100"
        require(
            got == "x" * letters,
            f"a chain that never ends gives a word of {letters} letters with {limit}, not of {len(got)}: {got[:12]!r}…",
        )
    itos = number_letters(5)
    P = draw_distributions(5, rng)
    generator = fresh_generator(rng)
    for _ in range(60):
        call = submission.call("sample_word", P, itos, generator, 4)
        word, generator = call.value, call.args[2]
        require("." not in word, f"a word holds letters only, not the dot that ends it: {word!r}")
        require(len(word) <= 4, f"a word has {len(word)} letters although max_len is 4: {word!r}")
        require(set(word) <= set(itos.values()), f"the word {word!r} has letters that itos lacks")


def test_frequencies(submission: Any, rng: torch.Generator) -> None:
    # One long word shows all rows of the letters in a single call: none of them leads to the dot.
    V, letters = 5, 3000
    itos = number_letters(V)
    P = draw_distributions(V, rng)
    P[1:, 0] = 0.0
    P[0, 0] = 0.0
    P /= P.sum(1, keepdim=True)
    word = submission.sample_word(P, itos, fresh_generator(rng), letters)
    require(
        len(word) == letters, f"a chain that never ends gives {letters} letters with max_len {letters}, not {len(word)}"
    )
    for i in range(1, V):
        after = Counter(b for a, b in pairwise(word) if a == itos[i])
        require(after.total() > 0, f"{itos[i]!r} never came up in a word of {letters} letters")
        require_frequencies(after, P[i], itos, f"from the row of {itos[i]!r}")
    # The row of the dot is used once in a word, and here a word has one letter or none.
    P = torch.zeros(V, V, dtype=torch.float64)
    P[0] = draw_distributions(V, rng)[1]
    P[1:, 0] = 1.0
    generator: Any = submission.call("sample_word", P, itos, fresh_generator(rng)).args[2]  # stays over there
    first = Counter(submission.sample_word(P, itos, generator) or "." for _ in range(1200))
    require_frequencies(first, P[0], itos, "from the row of the dot")


def test_own_generator(submission: Any, rng: torch.Generator) -> None:
    V = 6
    itos = number_letters(V)
    P = draw_distributions(V, rng)
    P[:, 0] = 0.0
    P /= P.sum(1, keepdim=True)  # words of 20 letters: that two of them agree by chance is out of the question
    seed = int(torch.randint(0, 2**40, (1,), generator=rng))
    state = submission.call(torch.get_rng_state).value
    rounds = []
    for _ in range(2):
        generator: Any = torch.Generator().manual_seed(seed)
        words = []
        for _ in range(3):
            call = submission.call("sample_word", P, itos, generator, 20)
            generator = call.args[2]
            words.append(call.value)
        rounds.append(words)
    now = submission.call(torch.get_rng_state).value
    require(
        rounds[0] == rounds[1],
        "a generator with the same seed gives other words the second time",
        got=rounds[1],
        expected=rounds[0],
    )
    require(
        len(set(rounds[0])) == 3,
        "three words drawn one after the other from one generator are not three different ones",
        got=rounds[0],
    )
    other = submission.sample_word(P, itos, torch.Generator().manual_seed(seed + 1), 20)
    require(other != rounds[0][0], "a generator with another seed gives the same word", got=other)
    require(bool((state == now).all()), "torch's global generator has moved: it was drawn from, or seeded")
