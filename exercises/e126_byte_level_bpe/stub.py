"""The tokenizer of GPT-2: split into pieces, then byte-pair encoding on their bytes.

Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", section 2.2; Zero to Hero, lecture 8:
training from 34:58, decoding from 42:47, encoding from 48:21, splitting from 57:36, OpenAI's encoder.py from 1:14:59.
"""


def bytes_to_unicode() -> dict[int, str]:
    """Give each of the 256 bytes a character of its own that can be seen, so that tokens can be printed and stored as text.

    A byte b whose chr(b) is printable (str.isprintable) and is not the space keeps that character. The other 68 bytes, in
    increasing order, get chr(256), chr(257), and so on; the space, byte 32, becomes 'Ġ' that way.

    Returns:
        From byte to character: 256 keys, 256 different values.

    Source:
        openai/gpt-2, src/encoder.py, whose table this is.
    """
    raise NotImplementedError


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
    raise NotImplementedError


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
        raise NotImplementedError

    def encode(self, text: str) -> list[int]:
        """Turn a text into ids, piece by piece.

        In each piece, of the neighbouring pairs that training merged, the one merged earliest is merged first, wherever
        it stands in the piece, from left to right; then again, until no known pair is left.

        Args:
            text: Any text that has a UTF-8 encoding, the empty one too.

        Returns:
            The ids of its pieces, one piece after the other.
        """
        raise NotImplementedError

    def decode(self, ids: list[int]) -> str:
        """Turn ids into text again.

        Args:
            ids: Any of the ids that this tokenizer has, in any order, perhaps none. Not modified.

        Returns:
            The text whose UTF-8 bytes they spell. Where the bytes are not valid UTF-8, Python's replacement
            character U+FFFD stands, as in bytes.decode with errors="replace".
        """
        raise NotImplementedError
