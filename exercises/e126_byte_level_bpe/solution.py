"""The tokenizer of GPT-2: split into pieces, then byte-pair encoding on their bytes.

Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.2; Zero to Hero, lecture 8:
training from 34:58, decoding from 42:47, encoding from 48:21, splitting from 57:36, OpenAI's encoder.py from 1:14:59.
"""

# solution: begin
import re
from collections import Counter
from itertools import pairwise
# solution: end


# solution: begin
PIECE = re.compile(r"'(?:[stmd]|re|ve|ll)| ?(?:[A-Za-z]+|[0-9]+|[^\sA-Za-z0-9]+)|\s+(?!\S)|\s")
# solution: end


def bytes_to_unicode() -> dict[int, str]:
    """Give each of the 256 bytes a character of its own that can be seen, so that tokens can be printed and stored as text.

    A byte b whose chr(b) is printable (str.isprintable) and is not the space keeps that character. The other 68 bytes, in
    increasing order, get chr(256), chr(257), and so on; the space, byte 32, becomes 'Ġ' that way.

    Returns:
        From byte to character: 256 keys, 256 different values.

    Source:
        openai/gpt-2, src/encoder.py, whose table this is.
    """
    # solution: begin
    chars = {b: chr(b) for b in range(256) if chr(b).isprintable() and chr(b) != " "}
    unseen = [b for b in range(256) if b not in chars]
    return chars | {b: chr(256 + n) for n, b in enumerate(unseen)}
    # solution: end


# solution: begin
def stand_in(ch: str) -> str:
    """Return an ASCII character of the same kind."""
    if ch.isascii():
        return ch
    return "\n" if ch.isspace() else "a" if ch.isalpha() else "0" if ch.isnumeric() else "."


# solution: end


def pretokenize(text: str) -> list[str]:
    """Cut a text into pieces, across which nothing will ever be merged.

    A character is, by the first that holds: white space (str.isspace), a letter (str.isalpha), a number (str.isnumeric), or
    else something other: punctuation, symbols, '_', accents that are characters of their own. A piece is, from where the
    last one ended, by the first that fits:

    1. a contraction: one of 's 't 're 've 'm 'll 'd, with the ASCII apostrophe and in lower case, whatever follows;
    2. letters, as many as there are, together with the one space ' ' before them if we stand on one;
    3. numbers, in the same way, with at most one space ' ' before them;
    4. others, in the same way, with at most one space ' ' before them; apostrophes among them belong to the run;
    5. white space, as much as there is; but if it is more than one character and the text goes on behind it, all but its
       last one. So of several spaces before a word the last one goes with the word, and the others are a piece.

    "I'll  go\\n" gives I, 'll, one space, " go" and the line break; of white space only ' ' is ever joined to what follows.

    Args:
        text: Any text, the empty one too.

    Returns:
        The pieces in order, none of them empty. Joined they are the text.

    Source:
        Radford et al. 2019, section 2.2, and the pattern in src/encoder.py of openai/gpt-2: there \\p{L} and \\p{N}, which
        the standard library's `re` does not know, stand for letters and numbers.
    """
    # solution: begin
    ascii_text = "".join(stand_in(ch) for ch in text)  # as long as the text
    return [text[piece.start() : piece.end()] for piece in PIECE.finditer(ascii_text)]
    # solution: end


# solution: begin
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


# solution: end


# solution: begin
def count_pairs(pieces: dict[str, list[int]], times: Counter[str]) -> Counter[tuple[int, int]]:
    """Count every pair in all pieces, each place as often as its piece occurs."""
    counts: Counter[tuple[int, int]] = Counter()
    for piece, ids in pieces.items():
        for pair in find_pairs(ids):
            counts[pair] += times[piece]
    return counts


# solution: end


# solution: begin
def merge_pair(ids: list[int], pair: tuple[int, int], new: int) -> list[int]:
    """Put a new id wherever the pair stands, from left to right."""
    merged: list[int] = []
    for i in ids:
        if merged and (merged[-1], i) == pair:
            merged[-1] = new
        else:
            merged.append(i)
    return merged


# solution: end


class ByteBPE:
    """A tokenizer that can be trained, over bytes: any text can be encoded, and nothing is unknown.

    The ids 0 to 255 are the bytes themselves; those that training makes count on from 256. ByteBPE() knows the bytes only.
    """

    def train(self, text: str, vocab_size: int) -> None:
        """Learn the merges from a text; what an earlier training learned is forgotten.

        Every piece of the text (`pretokenize`) begins as the bytes of its UTF-8 encoding. At each step one pair of
        neighbouring ids is merged inside all pieces, from left to right, into the next free id. It is the pair with the
        highest count; of equal counts the smaller pair, as Python compares tuples of ints. The count is, over all pieces
        of the text, the number of places at which merging would join two ids: 7 7 7 has one place for (7, 7).

        Args:
            text: The text to learn from, some thousand characters.
            vocab_size: How many ids there shall be in the end, the 256 bytes included; at least 256. There will be
                fewer if no piece has two ids left.
        """
        # solution: begin
        self.__init__()
        times = Counter(pretokenize(text))
        pieces = {piece: list(piece.encode()) for piece in times}
        while len(self.vocab) < vocab_size and (counts := count_pairs(pieces, times)):
            left, right = best = min(counts, key=lambda pair: (-counts[pair], pair))
            new = self.merges[best] = len(self.vocab)
            self.vocab.append(self.vocab[left] + self.vocab[right])
            pieces = {piece: merge_pair(ids, best, new) for piece, ids in pieces.items()}
        # solution: end

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids, piece by piece.

        In each piece, of the neighbouring pairs that training merged, the one merged earliest is merged first, wherever
        it stands in the piece, from left to right; then again, until no known pair is left.

        Args:
            text: Any text that has a UTF-8 encoding, the empty one too.

        Returns:
            The ids of its pieces, one piece after the other.
        """
        # solution: begin
        encoded: list[int] = []
        for piece in pretokenize(text):
            ids = list(piece.encode())
            while known := set(pairwise(ids)) & set(self.merges):
                pair = min(known, key=self.merges.__getitem__)
                ids = merge_pair(ids, pair, self.merges[pair])
            encoded += ids
        return encoded
        # solution: end

    def decode(self, ids: list[int]) -> str:
        """Turn ids into text again.

        Args:
            ids: Any of the ids that this tokenizer has, in any order, perhaps none. Not modified.

        Returns:
            The text whose UTF-8 bytes they spell. Where the bytes are not valid UTF-8, Python's replacement
            character U+FFFD stands, as in bytes.decode with errors="replace".
        """
        # solution: begin
        return b"".join(self.vocab[i] for i in ids).decode(errors="replace")
        # solution: end

    # solution: begin
    def __init__(self) -> None:
        self.merges: dict[tuple[int, int], int] = {}  # from pair to new id, in the order of merging
        self.vocab = [bytes([b]) for b in range(256)]  # what each id spells

    # solution: end
