"""Hidden checks of e125_bpe_merges: small corpora worked out by hand, then random ones against the solution."""

from itertools import product
from typing import Any

import torch
from torch import Generator

from grader.testing import assert_equal, require

LOWEST = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
END = "</w>"


def draw_numbers(low: int, high: int, n: int, rng: Generator) -> list[int]:
    return [int(i) for i in torch.randint(low, high, (n,), generator=rng)]


def draw_words(alphabet: str, longest: int, n: int, rng: Generator) -> list[str]:
    """Draw n words of 0 to `longest` letters, some of them alike."""
    lengths = draw_numbers(0, longest + 1, n, rng)
    letters = iter(draw_numbers(0, len(alphabet), sum(lengths), rng))
    return ["".join(alphabet[next(letters)] for _ in range(length)) for length in lengths]


def require_merges(got: list[tuple[str, str]], expected: list[tuple[str, str]], where: str) -> None:
    """Compare merge by merge, so that the message names the first one that differs."""
    for i, (mine, right) in enumerate(zip(got, expected, strict=False)):
        require(mine == right, f"merge no. {i + 1} is wrong {where}", got=mine, expected=right)
    text = f"{len(got)} merges come back {where}, where {len(expected)} are right"
    require(len(got) == len(expected), text, got=got[len(expected) :] or got, expected=expected[len(got) :] or expected)


def test_first_merges(submission: Any) -> None:
    # es, st and t</w> occur 9 times each; once es is one symbol, so do es+t and t</w>.
    expected = [("e", "s"), ("es", "t"), ("est", END), ("l", "o"), ("lo", "w")]
    for n in (1, 2, 5):
        require_merges(submission.learn_bpe(LOWEST, n), expected[:n], f"of {n} for {LOWEST}")


def test_weighted(submission: Any) -> None:
    for word_counts, expected in (
        ({"ab": 1, "abc": 1, "abd": 1, "xy": 4}, [("x", "y"), ("xy", END), ("a", "b")]),
        ({"pqr": 2, "zq": 3, "pq": 2, "q": 9}, [("q", END), ("z", "q" + END)]),
        ({"aba": 3, "bac": 2}, [("b", "a")]),
    ):
        got = submission.learn_bpe(word_counts, len(expected))
        require_merges(got, expected, f"for {word_counts}, each place counted as often as its word occurs")


def test_ends(submission: Any) -> None:
    for word_counts, expected in (
        ({"ab": 3, "cd": 2}, [("a", "b"), ("ab", END), ("c", "d"), ("cd", END)]),
        ({"b": 5, "ab": 1, "ac": 2}, [("b", END), ("a", "c"), ("ac", END), ("a", "b" + END)]),
        ({"ba": 1, "ca": 1, "da": 1}, [("a", END), ("b", "a" + END), ("c", "a" + END), ("d", "a" + END)]),
        ({"": 7, "a": 1}, [("a", END)]),
    ):
        got = submission.learn_bpe(word_counts, len(expected))
        where = (
            f"for {word_counts}: a word is its letters and then the end marker, and no pair reaches into another word"
        )
        require_merges(got, expected, where)
    require_merges(
        submission.learn_bpe({"ab": 2, "cb": 1}, 2, "§"), [("b", "§"), ("a", "b§")], "with the end marker '§'"
    )


def test_ties(submission: Any) -> None:
    for word_counts, expected in (
        ({"zy": 2, "ab": 2}, [("a", "b"), ("ab", END), ("y", END), ("z", "y" + END)]),
        ({"ab": 2, "zy": 2}, [("a", "b"), ("ab", END), ("y", END), ("z", "y" + END)]),
        ({"ba": 1, "bc": 1, "ad": 1}, [("a", END), ("a", "d"), ("ad", END), ("b", "a" + END), ("b", "c"), ("bc", END)]),
        ({"éa": 1, "zz": 1, "Za": 1}, [("a", END), ("Z", "a" + END), ("z", END), ("z", "z" + END), ("é", "a" + END)]),
    ):
        got = submission.learn_bpe(word_counts, len(expected))
        require_merges(got, expected, f"for {word_counts}: of equal counts the smaller pair, whatever the dict's order")


def test_overlaps(submission: Any) -> None:
    # aaa holds (a, a) at one place only, and 4 of "xy" are more than 3; with 3 of them x, y is behind again.
    for word_counts, expected in (
        ({"aaa": 3, "xy": 4}, [("x", "y"), ("xy", END), ("a", END), ("a", "a"), ("aa", "a" + END)]),
        ({"aaab": 1, "aab": 1}, [("a", "a"), ("b", END), ("a", "b" + END), ("aa", "ab" + END), ("aa", "b" + END)]),
        ({"aaaa": 3, "xy": 5}, [("a", "a"), ("x", "y"), ("xy", END), ("aa", END), ("aa", "aa" + END)]),
        ({"aaaaa": 2, "xy": 5}, [("x", "y"), ("xy", END), ("a", "a"), ("a", END), ("aa", "a" + END)]),
        ({"ababa": 1, "ababab": 1}, [("a", "b"), ("ab", "ab"), ("a", END)]),
    ):
        got = submission.learn_bpe(word_counts, 3 if "ababa" in word_counts else 5)
        require_merges(got, expected, f"for {word_counts}, from left to right and no symbol used twice")
    for word, expected in (
        ("aaa", ["aa", "a", END]),
        ("aaaaa", ["aa", "aa", "a", END]),
        ("baaab", [*"b", "aa", *"ab", END]),
    ):
        assert_equal(submission.apply_bpe(word, [("a", "a")]), expected, what=f"apply_bpe({word!r}, [('a', 'a')])")


def test_whole_symbols(submission: Any, reference: Any) -> None:
    for word, merges, expected in (
        ("est", [("e", "s"), ("s", "t")], ["es", "t", END]),
        ("abcab", [("b", "c"), ("a", "b")], ["a", "bc", "ab", END]),
        ("xaby", [("x", "a"), ("b", "y"), ("a", "b")], ["xa", "by", END]),
        ("a.ba+b", [("a", "."), ("a", "+")], ["a.", "b", "a+", "b", END]),
        ("a b", [("a", "b"), ("b", END)], ["a", " ", "b" + END]),
    ):
        got = submission.apply_bpe(word, merges)
        assert_equal(got, expected, what=f"apply_bpe({word!r}, {merges}), where only whole symbols are merged,")
    word_counts = {"es": 9, "est": 2, "st": 6, "s": 4, "test": 3}
    where = f"for {word_counts}: a pair is two whole symbols, and not the end of one and the start of another"
    require_merges(submission.learn_bpe(word_counts, 6), reference.learn_bpe(word_counts, 6), where)


def test_few(submission: Any) -> None:
    require_merges(submission.learn_bpe(LOWEST, 0), [], "when none are asked for")
    require_merges(submission.learn_bpe({}, 4), [], "when there are no words")
    require_merges(submission.learn_bpe({"": 3}, 4), [], "when the only word is empty")
    require_merges(submission.learn_bpe({"ab": 1}, 50), [("a", "b"), ("ab", END)], "of 50 for {'ab': 1}")
    got = submission.learn_bpe(LOWEST, 200)
    # Once every word is one symbol nothing is left: 15 merges, the last of them of pairs that occur in one word only.
    require(len(got) < 30, "merges come back although no pair is left", got=f"{len(got)} merges")
    for word in LOWEST:
        assert_equal(submission.apply_bpe(word, got), [word + END], what=f"apply_bpe of {word!r} with all its merges")
    for word in ("low", "", "s e"):
        assert_equal(submission.apply_bpe(word, []), [*word, END], what=f"apply_bpe({word!r}, [])")


def test_random_corpora(submission: Any, reference: Any, rng: Generator) -> None:
    for (alphabet, longest, n), end in product((("ab", 7, 12), ("abc", 5, 30), ("éßaz ", 9, 20)), (END, "§")):
        words = draw_words(alphabet, longest, n, rng)
        word_counts = dict(zip(words, draw_numbers(1, 6, n, rng), strict=True))
        call = submission.call("learn_bpe", dict(word_counts), 25, end)
        where = f"for {n} random words of the letters {alphabet!r} with the end marker {end!r}"
        require_merges(call.value, reference.learn_bpe(word_counts, 25, end), where)
        after = call.args[0]
        require(list(after.items()) == list(word_counts.items()), "word_counts is no longer what it was after the call")


def test_priority(submission: Any) -> None:
    for word, merges, expected in (
        ("abc", [("a", "b"), ("b", "c"), ("a", "bc")], ["ab", "c", END]),
        ("abc", [("b", "c"), ("a", "b"), ("ab", "c")], ["a", "bc", END]),
        ("abcd", [("b", "c"), ("a", "b"), ("c", "d"), ("ab", "cd")], ["a", "bc", "d", END]),
        ("lowest", [("e", "s"), ("es", "t"), ("s", "t"), ("w", "e"), ("lo", "w"), ("l", "o")], ["low", "est", END]),
        ("xabc", [("x", "abc"), ("a", "b"), ("ab", "c")], ["xabc", END]),
        ("abab", [("ab", "a"), ("a", "b")], ["ab", "ab", END]),
        ("abc", [("b", "c"), ("a", "b"), ("b", "c")], ["a", "bc", END]),
    ):
        call = submission.call("apply_bpe", word, list(merges))
        what = f"apply_bpe({word!r}, {merges}), where at each step the pair that stands first in merges has priority,"
        assert_equal(call.value, expected, what=what)
        assert_equal(call.args[1], merges, what="merges after the call")


def test_unknown(submission: Any) -> None:
    merges = [("e", "s"), ("es", "t"), ("est", END), ("l", "o"), ("lo", "w")]
    for word, expected in (
        ("qest", ["q", "est" + END]),
        ("lowQest", ["low", "Q", "est" + END]),
        ("lo😀w", ["lo", "😀", "w", END]),
        ("日本", ["日", "本", END]),
        ("", [END]),
    ):
        assert_equal(submission.apply_bpe(word, merges), expected, what=f"apply_bpe({word!r}, {merges})")
    for word, end, expected in (("best", "§", ["b", "est", "§"]), ("st", "_", ["s", "t", "_"])):
        got = submission.apply_bpe(word, merges, end)
        assert_equal(got, expected, what=f"apply_bpe({word!r}, {merges}, {end!r}), whose end marker no merge knows,")


def test_detokenize(submission: Any) -> None:
    for tokens, end, expected in (
        (["low", "est" + END], END, "lowest"),
        (["l", "o", "w", END], END, "low"),
        (["low", "er" + END, "new", END, "s" + END], END, "lower new s"),
        (["a" + END, "b"], END, "a b"),
        (["a" + END, END, "b" + END], END, "a  b"),
        ([END], END, ""),
        ([], END, ""),
        (["lo", "w§", "w", "§"], "§", "low w"),
    ):
        call = submission.call("detokenize", list(tokens), end)
        assert_equal(call.value, expected, what=f"detokenize({tokens}, {end!r})")
        assert_equal(call.args[0], tokens, what="tokens after the call")


def test_round_trip(submission: Any, reference: Any, rng: Generator) -> None:
    alphabet = "abcdeéß😀"
    words = draw_words(alphabet, 8, 1000, rng)
    merges = reference.learn_bpe(dict(zip(words[:100], draw_numbers(1, 9, 100, rng), strict=True)), 60)
    tokens = [submission.apply_bpe(word, merges) for word in words]
    for word, mine in zip(words, tokens, strict=True):
        assert_equal(
            mine, reference.apply_bpe(word, merges), what=f"apply_bpe({word!r}, merges) with 60 learned merges"
        )
    for word, mine in zip(words[:50], tokens[:50], strict=True):
        assert_equal(submission.detokenize(mine), word, what=f"detokenize({mine})")
    together = submission.detokenize([token for mine in tokens for token in mine])
    assert_equal(together, " ".join(words), what="detokenize of the tokens of 1,000 words in a row")
