"""The tokenizer of GPT-2: split into pieces, then byte-pair encoding on their bytes."""

import re
from collections import Counter
from itertools import pairwise

PIECE = re.compile(r"'(?:[stmd]|re|ve|ll)| ?(?:[A-Za-z]+|[0-9]+|[^\sA-Za-z0-9]+)|\s+(?!\S)|\s")


def bytes_to_unicode() -> dict[int, str]:
    """Give each of the 256 bytes a character of its own that can be seen."""
    chars = {b: chr(b) for b in range(256) if chr(b).isprintable() and chr(b) != " "}
    unseen = [b for b in range(256) if b not in chars]
    return chars | {b: chr(256 + n) for n, b in enumerate(unseen)}


def stand_in(ch: str) -> str:
    """Return an ASCII character of the same kind."""
    if ch.isascii():
        return ch
    return "\n" if ch.isspace() else "a" if ch.isalpha() else "0" if ch.isnumeric() else "."


def pretokenize(text: str) -> list[str]:
    """Cut a text into pieces, across which nothing will ever be merged."""
    ascii_text = "".join(stand_in(ch) for ch in text)  # as long as the text
    return [text[piece.start() : piece.end()] for piece in PIECE.finditer(ascii_text)]


def find_pairs(ids: list[int]) -> list[tuple[int, int]]:
    """List the pairs of neighbours, one for each place at which a merge fits: 7 7 7 has room for one (7, 7)."""
    pairs: list[tuple[int, int]] = []
    taken = None
    for pair in pairwise(ids):
        if pair == taken:  # it overlaps the one before, which takes its left id
            taken = None
        else:
            pairs.append(pair)
            taken = pair
    return pairs


def count_pairs(pieces: dict[str, list[int]], times: Counter[str]) -> Counter[tuple[int, int]]:
    """Count every pair in all pieces, each place as often as its piece occurs."""
    counts: Counter[tuple[int, int]] = Counter()
    for piece, ids in pieces.items():
        for pair in find_pairs(ids):
            counts[pair] += times[piece]
    return counts


def merge_pair(ids: list[int], pair: tuple[int, int], new: int) -> list[int]:
    """Put a new id wherever the pair stands, from left to right."""
    merged: list[int] = []
    for i in ids:
        if merged and (merged[-1], i) == pair:
            merged[-1] = new
        else:
            merged.append(i)
    return merged


class ByteBPE:
    """A tokenizer that can be trained, over bytes."""

    def __init__(self) -> None:
        self.merges: dict[tuple[int, int], int] = {}  # from pair to new id, in the order of merging
        self.vocab = [bytes([b]) for b in range(256)]  # what each id spells

    def train(self, text: str, vocab_size: int) -> None:
        """Learn the merges from a text; what an earlier training learned is forgotten."""
        self.__init__()
        times = Counter(pretokenize(text))
        pieces = {piece: list(piece.encode()) for piece in times}
        while len(self.vocab) < vocab_size and (counts := count_pairs(pieces, times)):
            left, right = best = min(counts, key=lambda pair: (-counts[pair], pair))
            new = self.merges[best] = len(self.vocab)
            self.vocab.append(self.vocab[left] + self.vocab[right])
            pieces = {piece: merge_pair(ids, best, new) for piece, ids in pieces.items()}

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids, piece by piece."""
        encoded: list[int] = []
        for piece in pretokenize(text):
            ids = list(piece.encode())
            while known := set(pairwise(ids)) & set(self.merges):
                pair = min(known, key=self.merges.__getitem__)
                ids = merge_pair(ids, pair, self.merges[pair])
            encoded += ids
        return encoded

    def decode(self, ids: list[int]) -> str:
        """Turn ids into text again."""
        return b"".join(self.vocab[i] for i in ids).decode(errors="replace")
