"""Checks of the sliding-window dataset.

Words, alphabets and numberings are drawn from the seed. Rows are read as text and compared one by one, so that a failure
shows the row as the learner would write it down.
"""

import random
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from grader.corpus import Corpus
from grader.testing import CheckFailure, assert_equal, require

LETTERS = "abcdefghijklmnopqrstuvwxyz"
Row = tuple[str, str]


def number_characters(alphabet: str, draw: random.Random) -> dict[str, int]:
    """Number the dot and the letters in a random order, with the dot never at 0."""
    order = draw.sample(alphabet, len(alphabet))
    order.insert(draw.randint(1, len(order)), ".")
    return {ch: i for i, ch in enumerate(order)}


def lecture_numbers(alphabet: str = LETTERS) -> dict[str, int]:
    """Number the characters as the lecture does: the dot at 0, then the letters in order."""
    return {ch: i for i, ch in enumerate([".", *sorted(alphabet)])}


def draw_words(alphabet: str, count: int, draw: random.Random) -> list[str]:
    """Draw words of 0 to 9 letters, the empty one among them for sure."""
    words = ["".join(draw.choices(alphabet, k=draw.randint(1, 9))) for _ in range(count - 1)]
    words.insert(draw.randint(1, count - 2), "")
    return words


def rows_of(words: list[str], block_size: int) -> list[Row]:
    """List what is to be predicted from what, as text."""
    padded = ["." * block_size + word + "." for word in words]
    return [(text[i : i + block_size], text[i + block_size]) for text in padded for i in range(len(text) - block_size)]


def read_rows(X: Tensor, Y: Tensor, stoi: dict[str, int], block_size: int) -> list[Row]:
    """Read the answer as text, after requiring its shape and that every index is one of stoi."""
    require(
        X.dim() == 2 and X.shape[1] == block_size,
        f"X has the shape {tuple(X.shape)} instead of (N, {block_size}): a row of block_size characters per prediction",
    )
    require(Y.shape == (len(X),), f"Y has the shape {tuple(Y.shape)}, where {len(X)} rows of X need {(len(X),)}")
    itos = {i: ch for ch, i in stoi.items()}
    for name, values in (("X", X), ("Y", Y)):
        strange = sorted({i for i in values.flatten().tolist() if i not in itos})
        require(not strange, f"{name} holds an index that stoi does not have", got=strange[:5])
    return [("".join(itos[i] for i in row), itos[y]) for row, y in zip(X.tolist(), Y.tolist(), strict=True)]


def write(row: Row) -> str:
    return f"{row[0]} -> {row[1]}"


def require_rows(got: list[Row], expected: list[Row], what: str) -> None:
    """Fail at the first row that is not as expected."""
    for i, (row, right) in enumerate(zip(got, expected, strict=False)):
        if row != right:
            raise CheckFailure(f"row {i} of {what} is wrong", got=write(row), expected=write(right))
    if len(got) != len(expected):
        shown = " | ".join(map(write, got[-5:])) or "no rows"
        raise CheckFailure(
            f"{what} should give {len(expected)} rows, one for each letter and one for the end; these are {len(got)}",
            got=f"the last ones: {shown}",
            expected=" | ".join(map(write, expected[-5:])),
        )


def test_emma(submission: Any) -> None:
    stoi = lecture_numbers()
    X, Y = submission.build_dataset(["emma"], stoi)
    require_rows(read_rows(X, Y, stoi, 3), rows_of(["emma"], 3), "['emma']")


def test_sliding(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet, block_size in (("abc", 3), ("kwzéß", 4), (LETTERS, 2)):
        stoi = lecture_numbers(alphabet)
        word = "".join(draw.sample(alphabet * 3, 9))
        rows = read_rows(*submission.build_dataset([word], stoi, block_size), stoi, block_size)
        for i, (before, after) in enumerate(pairwise(rows)):
            context = (before[0] + before[1])[1:]
            if after[0] != context:
                raise CheckFailure(
                    f"row {i} of {word!r} is {write(before)}, so the context of row {i + 1} is wrong",
                    got=write(after),
                    expected=f"{context} -> {after[1]}",
                )
        require_rows(rows, rows_of([word], block_size), repr([word]))


def test_fresh_start(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ("ab", "kwzéß"):
        stoi = number_characters(alphabet, draw)
        words = draw_words(alphabet, 6, draw)
        rows = read_rows(*submission.build_dataset(words, stoi, 3), stoi, 3)
        what = f"{words} with the dot at {stoi['.']}"
        require_rows(rows, rows_of(words, 3), what)


def test_every_row(submission: Any, corpus: Corpus, thresholds: dict[str, float], seed: int) -> None:
    stoi = lecture_numbers("".join(sorted(set("".join(corpus.words)))))
    words = random.Random(seed).sample(corpus.words, 200)
    rows = read_rows(*submission.build_dataset(words, stoi, 3), stoi, 3)
    expected = rows_of(words, 3)
    # Compared as a whole first: a missing row shows in the number, not in whatever took its place.
    require(
        len(rows) == len(expected),
        f"200 words of the corpus have {len(expected)} characters to predict, one for each letter and one for the end",
        got=f"{len(rows)} rows",
    )
    require_rows(rows, expected, "200 words of the corpus")
    X, Y = submission.build_dataset(list(corpus.words), stoi, 3)
    total = int(thresholds["rows"])
    assert_equal([len(X), len(Y)], [total, total], what=f"the number of rows of X and Y on the {corpus.name} corpus")
    # Every letter is followed by something once, and three dots lead every word in: both are counts of the corpus.
    letters = torch.bincount(Y, minlength=len(stoi))
    starts = int(X.eq(stoi["."]).all(1).sum())
    counted = [starts, *(letters[i].item() for i in range(len(stoi)))]
    text = "".join(corpus.words)
    wanted = [len(corpus.words), len(corpus.words), *(text.count(ch) for ch in list(stoi)[1:])]
    assert_equal(
        counted, wanted, what="the number of contexts of dots alone, then how often each character is a target,"
    )


def test_block_sizes(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    stoi = number_characters("abcdef", draw)
    words = draw_words("abcdef", 5, draw)
    for block_size in (1, 8, 5):
        rows = read_rows(*submission.build_dataset(words, stoi, block_size), stoi, block_size)
        require_rows(rows, rows_of(words, block_size), f"{words} with block size {block_size}")
    pairs = [pair for word in words for pair in zip("." + word, word + ".", strict=True)]
    rows = read_rows(*submission.build_dataset(words, stoi, 1), stoi, 1)
    require_rows(rows, pairs, f"the bigram pairs of {words}")


def test_form(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    stoi = number_characters("abcd", draw)
    cases = [[""], ["a"], draw_words("abcd", 7, draw), []]
    for words in cases:
        given, numbers = list(words), dict(stoi)
        call = submission.call("build_dataset", words, stoi, 4)
        X, Y = call.value
        count = sum(len(word) + 1 for word in given)
        for name, values, shape in (("X", X, (count, 4)), ("Y", Y, (count,))):
            require(
                values.dtype == torch.int64,
                f"{name} should be int64 for {given}",
                got=values.dtype,
                expected=torch.int64,
            )
            require(tuple(values.shape) == shape, f"{name} should have the shape {shape} for {given}", got=values.shape)
        assert_equal(call.args[0], given, what="the list of words after the call")
        assert_equal(list(call.args[1].items()), list(numbers.items()), what="stoi after the call")
