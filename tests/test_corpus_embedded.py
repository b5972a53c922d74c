"""The embedded corpus: its entropy is exact, its words never change, and it is as hard as the real names."""

import hashlib
import itertools
import math
import os
import random
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from grader.corpus import (
    EMBEDDED_FLOOR_NATS,
    MAKEMORE_NAMES,
    corpus_settings,
    resolve_corpus,
    split_words,
)
from grader.corpus.embedded import (
    EMBEDDED_SHA256,
    FAMILIES,
    LETTER_WEIGHTS,
    LetterContext,
    MadeUpNames,
    embedded_path,
    load_embedded_words,
    make_embedded_words,
)
from grader.corpus.process import entropy_per_character, sample_words, word_surprisal

REAL_NAMES = os.environ.get("STUDY_NAMES_FILE")
embedded_words = cache(make_embedded_words)


class ToyProcess:
    """Words of 1 to 5 letters over abc; a letter depends on the last one and on the parity of the a's."""

    blank = ("", 0)

    def stop_chance(self, length: int, memory: tuple[str, int]) -> float:
        return (0.0, 0.125, 0.25, 0.5, 0.75, 1.0)[length] * (1.0 if memory[1] or length == 5 else 0.5)

    def letter_chances(self, memory: tuple[str, int]) -> dict[str, float]:
        last, odd = memory
        rest = 0.3 if odd else 0.7
        other = {"": "b", "a": "b", "b": "c", "c": "a"}[last]
        return {letter: rest if letter == other else (1 - rest) / 2 for letter in "abc"}

    def remember(self, memory: tuple[str, int], letter: str) -> tuple[str, int]:
        return letter, (memory[1] + (letter == "a")) % 2


class FourSides:
    """Words of exactly two letters, each one of four with the same chance."""

    blank = 0

    def stop_chance(self, length: int, memory: int) -> float:
        return float(length == 2)

    def letter_chances(self, memory: int) -> dict[str, float]:
        return dict.fromkeys("abcd", 0.25)

    def remember(self, memory: int, letter: str) -> int:
        return memory


class QuickMadeUpNames(MadeUpNames):
    """The same process, each set of chances worked out once."""

    def __init__(self) -> None:
        self.known: dict[LetterContext, dict[str, float]] = {}

    def letter_chances(self, memory: LetterContext) -> dict[str, float]:
        if memory not in self.known:
            self.known[memory] = super().letter_chances(memory)
        return self.known[memory]


def test_the_exact_entropy_agrees_with_counting_every_word() -> None:
    process = ToyProcess()
    words = ["".join(w) for n in range(6) for w in itertools.product("abc", repeat=n)]
    surprisal = {word: word_surprisal(process, word) for word in words}
    chance = {word: math.exp(-nats) for word, nats in surprisal.items()}
    assert surprisal[""] == math.inf
    assert math.fsum(chance.values()) == pytest.approx(1.0, abs=1e-12)
    nats = math.fsum(chance[word] * surprisal[word] for word in words if chance[word])
    characters = math.fsum(chance[word] * (len(word) + 1) for word in words)
    entropy = entropy_per_character(process)
    assert entropy.nats_per_word == pytest.approx(nats, abs=1e-12)
    assert entropy.characters_per_word == pytest.approx(characters, abs=1e-12)
    assert entropy.nats_per_character == pytest.approx(nats / characters, abs=1e-12)


def test_two_letters_out_of_four_have_two_thirds_of_log_four_per_character() -> None:
    assert entropy_per_character(FourSides()).nats_per_character == pytest.approx(2 * math.log(4) / 3, abs=1e-15)


def test_a_surprisal_is_the_negative_log_of_the_product_of_chances() -> None:
    # "ba": b with 0.7, on with 1 - 0.125 / 2, a with 0.15, stop with 0.25 (one a so far, so parity 1).
    assert word_surprisal(ToyProcess(), "ba") == pytest.approx(-math.log(0.7 * 0.9375 * 0.15 * 0.25), abs=1e-12)
    assert word_surprisal(FourSides(), "abc") == math.inf
    assert word_surprisal(FourSides(), "ax") == math.inf


def test_the_stated_floor_is_the_computed_one() -> None:
    floor = entropy_per_character(MadeUpNames()).nats_per_character
    assert floor == pytest.approx(EMBEDDED_FLOOR_NATS, abs=1e-12)


def surprisal_per_character(words: Sequence[str]) -> tuple[float, float]:
    """Give the true process's nats per character on words, and the standard error of that ratio."""
    process = QuickMadeUpNames()
    pairs = [(word_surprisal(process, word), len(word) + 1) for word in words]
    characters = sum(n for _, n in pairs)
    ratio = sum(nats for nats, _ in pairs) / characters
    return ratio, math.sqrt(math.fsum((nats - ratio * n) ** 2 for nats, n in pairs)) / characters


def test_fresh_words_are_as_surprising_as_the_floor_says() -> None:
    ratio, standard_error = surprisal_per_character(list(sample_words(QuickMadeUpNames(), 20_000, seed=7)))
    assert standard_error < 0.004
    assert abs(ratio - EMBEDDED_FLOOR_NATS) < 3 * standard_error


def test_the_embedded_words_are_as_surprising_as_the_floor_says() -> None:
    ratio, standard_error = surprisal_per_character(embedded_words())
    assert standard_error < 0.003
    assert abs(ratio - EMBEDDED_FLOOR_NATS) < 3 * standard_error


def test_no_letter_is_ever_impossible_and_the_chances_sum_to_one() -> None:
    process = MadeUpNames()
    seen = {process.blank}
    todo = [process.blank]
    while todo:
        memory = todo.pop()
        chances = process.letter_chances(memory)
        assert sorted(chances) == sorted("abcdefghijklmnopqrstuvwxyz")
        assert math.fsum(chances.values()) == pytest.approx(1.0, abs=1e-12)
        assert min(chances.values()) > 1e-5
        new = {process.remember(memory, letter) for letter in chances} - seen
        seen |= new
        todo += new
    assert len(seen) > 2_000


def test_every_letter_opens_exactly_one_family() -> None:
    assert sorted(itertools.chain(*(family.first_letters for family in FAMILIES))) == sorted(LETTER_WEIGHTS)


def test_the_first_letter_still_matters_after_three_more() -> None:
    process = MadeUpNames()

    def after(word: str) -> dict[str, float]:
        memory = process.blank
        for letter in word:
            memory = process.remember(memory, letter)
        return process.letter_chances(memory)

    # The same last vowel and consonant, but after l comes n in the cycle of s and d in that of t.
    assert after("selo")["n"] > 5 * after("telo")["n"]


def test_the_embedded_corpus_never_changes() -> None:
    words = embedded_words()
    assert hashlib.sha256("\n".join(words).encode()).hexdigest() == EMBEDDED_SHA256
    assert (len(words), sum(map(len, words)) + len(words), len(set(words))) == (32_000, 221_149, 23_396)
    assert words[:6] == ("rolu", "nekaha", "ynirrasi", "yes", "rolulim", "nrela")
    assert set("".join(words)) == set("abcdefghijklmnopqrstuvwxyz")


def test_the_embedded_words_are_kept_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_embedded_words(tmp_path, report=pytest.fail) == embedded_words()
    monkeypatch.setattr("grader.corpus.embedded.make_embedded_words", lambda: pytest.fail("made twice"))
    assert load_embedded_words(tmp_path, report=pytest.fail) == embedded_words()


def test_a_damaged_embedded_file_is_set_aside_and_made_again(tmp_path: Path) -> None:
    said: list[str] = []
    path = embedded_path(tmp_path)
    path.write_bytes(b"damaged")
    assert load_embedded_words(tmp_path, report=said.append) == embedded_words()
    aside = tmp_path / f"{path.name}.damaged-1"
    assert said == [f"The kept copy of the embedded corpus was damaged; it is now {aside} and a new one is made."]
    assert aside.read_bytes() == b"damaged"
    assert path.read_bytes() == "\n".join(embedded_words()).encode()


# --- how hard the corpora are -----------------------------------------------------------------------


class NgramCounts:
    """Counts of the n-grams of words, with n - 1 boundary marks in front and one behind."""

    def __init__(self, words: Sequence[str], n: int) -> None:
        self.grams: Counter[str] = Counter()
        for word in words:
            padded = "." * (n - 1) + word + "."
            self.grams.update(padded[i : i + n] for i in range(len(word) + 1))
        self.contexts: Counter[str] = Counter()
        for gram, count in self.grams.items():
            self.contexts[gram[:-1]] += count


def ngram_nll(train: NgramCounts, other: NgramCounts, alpha: float) -> float:
    """Give the nats per character of the add-alpha model of `train` on `other`."""
    nats = math.fsum(
        -count * math.log((train.grams[gram] + alpha) / (train.contexts[gram[:-1]] + 27 * alpha))
        for gram, count in other.grams.items()
    )
    return nats / other.grams.total()


def losses(words: Sequence[str], n: int, alpha: float) -> list[float]:
    """Give the add-alpha loss on train, dev and test, to four places."""
    train, *rest = (NgramCounts(part, n) for part in split_words(words))
    return [round(ngram_nll(train, part, alpha), 4) for part in (train, *rest)]


@pytest.mark.parametrize(
    ("n", "alpha", "expected"),
    [
        (2, 0.3, [2.4542, 2.4585, 2.4573]),
        (3, 0.3, [2.1879, 2.2260, 2.2305]),
        (4, 0.2, [1.9943, 2.1798, 2.1822]),
    ],
)
def test_the_embedded_corpus_is_as_hard_for_counts_as_stated(n: int, alpha: float, expected: list[float]) -> None:
    assert losses(embedded_words(), n, alpha) == expected
    assert min(expected) > EMBEDDED_FLOOR_NATS


def test_the_smoothing_curve_of_the_embedded_corpus_is_a_valley_between_0_05_and_0_5() -> None:
    train, dev, _ = (NgramCounts(part, 3) for part in split_words(embedded_words()))
    alphas = (0.001, 0.01, 0.05, 0.1, 0.3, 0.5, 1.0, 5.0, 100.0)
    curve = [ngram_nll(train, dev, alpha) for alpha in alphas]
    bottom = curve.index(min(curve))
    assert alphas[bottom] == 0.3
    assert curve[: bottom + 1] == sorted(curve[: bottom + 1], reverse=True)
    assert curve[bottom:] == sorted(curve[bottom:])


@pytest.mark.skipif(not REAL_NAMES, reason="needs the names file, which is not ours to ship: set STUDY_NAMES_FILE")
@pytest.mark.parametrize(
    ("n", "alpha", "expected"),
    [
        (2, 0.3, [2.4543, 2.4530, 2.4580]),
        (3, 0.2, [2.1914, 2.2223, 2.2235]),
        (3, 0.001, [2.1827, 2.2447]),
        (3, 5.0, [2.2920, 2.3031]),
        (4, 0.1, [1.9187, 2.1018, 2.1044]),
    ],
)
def test_the_real_names_are_as_hard_for_counts_as_stated(n: int, alpha: float, expected: list[float]) -> None:
    assert losses(real_words(), n, alpha)[: len(expected)] == expected


@cache
def real_words() -> tuple[str, ...]:
    settings = corpus_settings(os.environ, None, Path("unused"))
    return resolve_corpus(settings, report=pytest.fail, opener=lambda url, timeout_s: pytest.fail(url)).words


@pytest.mark.skipif(not REAL_NAMES, reason="needs the names file, which is not ours to ship: set STUDY_NAMES_FILE")
def test_the_real_names_are_the_pinned_ones() -> None:
    words = real_words()
    assert (len(words), sum(map(len, words)) + len(words)) == (MAKEMORE_NAMES.words, 228_146)


# --- the split --------------------------------------------------------------------------------------


def test_the_split_is_that_of_the_lecture_and_leaves_the_global_generator_alone() -> None:
    words = [f"word{n}" for n in range(1_234)]
    shuffled = list(words)
    random.seed(42)
    random.shuffle(shuffled)
    random.seed(5)
    before = random.getstate()
    train, dev, test = split_words(words)
    assert random.getstate() == before
    assert (train, dev, test) == (tuple(shuffled[:987]), tuple(shuffled[987:1110]), tuple(shuffled[1110:]))
    assert words == [f"word{n}" for n in range(1_234)]
    assert split_words(words, seed=43)[0] != train
