"""Checks of the bigram table: small alphabets numbered in any order, then the whole corpus.

Expected counts are made with a dictionary of pairs, so that nothing is shared with the usual ways to fill a tensor.
"""

import random
from collections import Counter
from typing import Any

import torch
from torch import Tensor

from grader.corpus import Corpus
from grader.testing import assert_equal, require

ALPHABETS = ("x", "ba", "cab", "zwéßk")  # V = 2, 3, 4 and 6; none of them in sorted order, some not a-z


def draw_words(alphabet: str, how_many: int, draw: random.Random) -> list[str]:
    """Draw words of 0 to 6 letters that all letters of the alphabet occur in.

    Letters get rarer along the alphabet, and every word is one that goes up the alphabet more often than down,
    so no table is symmetric.
    """
    weights = range(len(alphabet), 0, -1)
    words = ["".join(draw.choices(alphabet, weights, k=draw.randint(0, 6))) for _ in range(how_many)]
    return [*words, alphabet, alphabet[0] * 3]


def shuffled_stoi(alphabet: str, draw: random.Random) -> dict[str, int]:
    """Number the dot and the letters in a random order, with the dot never at 0."""
    order = draw.sample(alphabet, len(alphabet))
    order.insert(draw.randint(1, len(order)), ".")
    return {ch: i for i, ch in enumerate(order)}


def sorted_stoi(words: list[str]) -> dict[str, int]:
    """Number the characters as the stub says: the dot at 0, then the letters in order."""
    return {ch: i for i, ch in enumerate([".", *sorted(set("".join(words)))])}


def counted(words: list[str], stoi: dict[str, int]) -> Tensor:
    """Count the pairs of all words with a dictionary."""
    pairs = Counter(f".{w}."[n : n + 2] for w in words for n in range(len(w) + 1))
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int64)
    for (before, after), count in pairs.items():
        N[stoi[before], stoi[after]] = count
    return N


def require_square(N: Tensor, V: int) -> None:
    """Require the shape of a table over V characters."""
    require(
        N.shape == (V, V),
        f"the table has shape {tuple(N.shape)} instead of {(V, V)}: one row and one column for each of len(stoi) characters",
    )


def require_vocabulary(vocabulary: Any, words: list[str], where: str) -> None:
    """Require stoi and itos to be what they are for these words."""
    stoi, itos = vocabulary
    expected = sorted_stoi(words)
    require(stoi.get(".") == 0, f"'.' has the number 0 {where}", got=stoi, expected=expected)
    assert_equal(stoi, expected, what=f"stoi {where}")
    assert_equal(itos, {i: ch for ch, i in expected.items()}, what=f"itos {where}")


def test_vocabulary(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in (*ALPHABETS, "hgfedcba", "ZzAa"):
        words = draw_words(alphabet, 5, draw)
        require_vocabulary(submission.build_vocab(words), words, f"of {words}")
    for words in ([], [""]):
        require_vocabulary(submission.build_vocab(words), words, f"of {words}")


def test_every_letter_and_the_end(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ALPHABETS:
        stoi = shuffled_stoi(alphabet, draw)
        for letters in (4, 1, 0, 2):
            word = "".join(draw.choices(alphabet, k=letters))
            N = submission.bigram_counts([word], stoi)
            require_square(N, len(stoi))
            total = int(N.sum())
            require(
                total == letters + 1,
                f"the counts of [{word!r}] sum to {total} instead of {letters + 1}: one pair for each of its letters "
                f"({letters}) with the character before it, and one for its end",
            )
        word = alphabet[0] * 4  # the same pair three times
        N = submission.bigram_counts([word, word], stoi)
        assert_equal(int(N.sum()), 10, what=f"the sum of the counts of [{word!r}, {word!r}]")
        nothing = submission.bigram_counts([], stoi)
        require_square(nothing, len(stoi))
        assert_equal(int(nothing.abs().sum()), 0, what="the sum of the counts of an empty list")


def test_cells(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    stoi = {".": 2, "a": 0, "b": 1}
    N = submission.bigram_counts(["ab"], stoi)
    require_square(N, 3)
    for before, after in (".a", "ab", "b."):
        i, j = stoi[before], stoi[after]
        require(
            int(N[i, j]) == 1,
            f"'ab' holds the pair {before + after!r}, so with stoi {stoi} it is N[{i}, {j}] that counts it",
            got=N,
            expected=counted(["ab"], stoi),
        )
    for alphabet in ALPHABETS:
        words = draw_words(alphabet, 20, draw)
        stoi = shuffled_stoi(alphabet + "q", draw)  # q has its number, and occurs in no word
        N = submission.bigram_counts(words, stoi)
        require_square(N, len(stoi))
        where = f"for words like {max(words, key=len)!r} and stoi {stoi}"
        # float counts are another check's business
        assert_equal(N.long(), counted(words, stoi), what=f"N {where}")


def test_rows_match_columns(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ALPHABETS:
        stoi = shuffled_stoi(alphabet, draw)
        N = submission.bigram_counts(draw_words(alphabet, 20, draw), stoi)
        require_square(N, len(stoi))
        for ch, i in stoi.items():
            left, reached = int(N[i].sum()), int(N[:, i].sum())
            require(
                left == reached,
                f"the row of {ch!r} sums to {left}, its column to {reached}: inside the dots every character is "
                "reached as often as it is left",
            )


def test_whole_numbers(submission: Any, seed: int) -> None:
    draw = random.Random(seed)
    for alphabet in ALPHABETS:
        words, stoi = draw_words(alphabet, 8, draw), shuffled_stoi(alphabet, draw)
        counting = submission.call("bigram_counts", words, stoi)
        dtype = counting.value.dtype
        require(dtype == torch.int64, f"counts are whole numbers, int64, but the table is {dtype}")
        assert_equal(counting.args[0], words, what="the list of words after bigram_counts")
        assert_equal(counting.args[1], stoi, what="stoi after bigram_counts")
        numbering = submission.call("build_vocab", words)
        assert_equal(numbering.args[0], words, what="the list of words after build_vocab")
    dtype = submission.bigram_counts([], stoi).dtype
    require(dtype == torch.int64, f"the table of an empty list is {dtype}, not int64")


def test_whole_corpus(submission: Any, pictures: Any, corpus: Corpus, thresholds: dict[str, float]) -> None:
    words = list(corpus.words)
    on_corpus = f"on the {corpus.name} corpus"
    require_vocabulary(submission.build_vocab(words), words, on_corpus)
    stoi = sorted_stoi(words)
    N = submission.bigram_counts(words, stoi)
    require_square(N, len(stoi))
    total, pairs = int(N.sum()), int(thresholds["pairs"])
    require(total == pairs, f"{on_corpus} there are {pairs} pairs, not {total}")
    opening = sum(w.startswith("a") for w in words)
    assert_equal(int(N[0, stoi["a"]]), opening, what=f"N['.', 'a'], the words that start with a {on_corpus},")
    assert_equal(N, counted(words, stoi), what=f"N {on_corpus}")
    pictures.heat_map(
        "bigrams",
        "How often one character follows another",
        N,
        rows=list(stoi),
        columns=list(stoi),
        x_label="character after",
        y_label="character before",
    )
