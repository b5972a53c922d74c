"""Byte-pair encoding on words: learn merges, apply them, undo them."""

from collections import Counter
from itertools import pairwise


def find_pairs(symbols: list[str]) -> list[tuple[str, str]]:
    """List the pairs of neighbours, one for each place at which a merge fits: a a a has room for one (a, a)."""
    pairs: list[tuple[str, str]] = []
    taken = None
    for pair in pairwise(symbols):
        if pair == taken:  # it overlaps the one before, which takes its left symbol
            taken = None
        else:
            pairs.append(pair)
            taken = pair
    return pairs


def count_pairs(words: dict[str, list[str]], word_counts: dict[str, int]) -> Counter[tuple[str, str]]:
    """Count every pair in all words, each place as often as its word occurs."""
    counts: Counter[tuple[str, str]] = Counter()
    for word, symbols in words.items():
        for pair in find_pairs(symbols):
            counts[pair] += word_counts[word]
    return counts


def merge_pair(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    """Join the pair wherever it stands, from left to right."""
    merged: list[str] = []
    for symbol in symbols:
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return merged


def learn_bpe(word_counts: dict[str, int], num_merges: int, end: str = "</w>") -> list[tuple[str, str]]:
    """Merge the most frequent pair of neighbouring symbols, again and again."""
    words = {word: [*word, end] for word in word_counts}
    merges: list[tuple[str, str]] = []
    while len(merges) < num_merges and (counts := count_pairs(words, word_counts)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {word: merge_pair(symbols, best) for word, symbols in words.items()}
    return merges


def apply_bpe(word: str, merges: list[tuple[str, str]], end: str = "</w>") -> list[str]:
    """Cut a word into symbols by merging it in the order of priority that was learned."""
    symbols = [*word, end]
    while known := set(pairwise(symbols)) & set(merges):
        symbols = merge_pair(symbols, min(known, key=merges.index))
    return symbols


def detokenize(tokens: list[str], end: str = "</w>") -> str:
    """Put symbols together to words again."""
    return "".join(tokens).removesuffix(end).replace(end, " ")
