"""Byte-pair encoding on words: learn merges, apply them, undo them.

Source: Sennrich, Haddow & Birch 2016, arXiv:1508.07909, section 3.2; Zero to Hero, lecture 8, from 23:50.
"""

# solution: begin
from collections import Counter
from itertools import pairwise
# solution: end


# solution: begin
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


# solution: end


# solution: begin
def count_pairs(words: dict[str, list[str]], word_counts: dict[str, int]) -> Counter[tuple[str, str]]:
    """Count every pair in all words, each place as often as its word occurs."""
    counts: Counter[tuple[str, str]] = Counter()
    for word, symbols in words.items():
        for pair in find_pairs(symbols):
            counts[pair] += word_counts[word]
    return counts


# solution: end


# solution: begin
def merge_pair(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    """Join the pair wherever it stands, from left to right."""
    merged: list[str] = []
    for symbol in symbols:
        if merged and (merged[-1], symbol) == pair:
            merged[-1] += symbol
        else:
            merged.append(symbol)
    return merged


# solution: end


def learn_bpe(word_counts: dict[str, int], num_merges: int, end: str = "</w>") -> list[tuple[str, str]]:
    """Merge the most frequent pair of neighbouring symbols, again and again.

    A word is at first the list of its characters and then the end marker, which is one symbol: 'low' is l, o, w, </w>.
    At each step one pair is chosen, and every word has it merged wherever its two symbols stand next to each other, from
    left to right: with the pair (a, a) the symbols a, a, a become aa, a.

    The count of a pair is the number of places at which merging it would join two symbols: a, a, a has one place for
    (a, a), not two, and a, a, a, a has two. Each place counts as often as its word occurs. The highest count wins;
    between equal counts the smaller pair does, in the order in which Python compares tuples of strings.

    Args:
        word_counts: How often each word occurs, 1 or more. A word may be any text, the empty one too. Not modified.
        num_merges: The most merges to learn, 0 or more.
        end: The end marker: a text of at least one character, all of whose characters occur in no word.

    Returns:
        The pairs (left symbol, right symbol) in the order in which they were merged. There are fewer than num_merges if
        at some point every word is a single symbol. A pair that occurs only once is merged like any other.

    Source:
        Sennrich et al. 2016, arXiv:1508.07909, section 3.2, algorithm 1, which leaves equal counts and overlaps open.
    """
    # solution: begin
    words = {word: [*word, end] for word in word_counts}
    merges: list[tuple[str, str]] = []
    while len(merges) < num_merges and (counts := count_pairs(words, word_counts)):
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(best)
        words = {word: merge_pair(symbols, best) for word, symbols in words.items()}
    return merges
    # solution: end


def apply_bpe(word: str, merges: list[tuple[str, str]], end: str = "</w>") -> list[str]:
    """Cut a word into symbols by merging it in the order of priority that was learned.

    The word begins as its characters and the end marker. At each step, of all pairs of neighbours that stand in
    `merges`, the one that stands there first is merged wherever it occurs in the word, from left to right. When no
    pair of neighbours stands in `merges`, the word is done.

    Args:
        word: Any text, the empty one too; it may hold characters that were never seen while learning.
        merges: Pairs as `learn_bpe` returns them, or any others; where a pair stands twice, the first place counts.
            Not modified.
        end: The end marker, as in `learn_bpe`.

    Returns:
        The symbols in order. The last one is or contains the end marker. A character that no merge knows is a symbol of
        its own.
    """
    # solution: begin
    symbols = [*word, end]
    while known := set(pairwise(symbols)) & set(merges):
        symbols = merge_pair(symbols, min(known, key=merges.index))
    return symbols
    # solution: end


def detokenize(tokens: list[str], end: str = "</w>") -> str:
    """Put symbols together to words again.

    Args:
        tokens: The symbols of one or more words one after the other, as `apply_bpe` returns them; perhaps cut off
            before the last end marker, perhaps none at all. Not modified.
        end: The end marker, as in `learn_bpe`.

    Returns:
        The text: one space wherever a word ends and another symbol follows, none after the last word. So the tokens of
        one word give that word.
    """
    # solution: begin
    return "".join(tokens).removesuffix(end).replace(end, " ")
    # solution: end
