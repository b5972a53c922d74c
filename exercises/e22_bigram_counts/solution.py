"""Count bigrams: the vocabulary and the table (Zero to Hero, lecture 2).

Source: "The spelled-out intro to language modeling: building makemore", from 12:45 and from 20:54.
"""

# solution: begin
import torch

# solution: end
from torch import Tensor


def build_vocab(words: list[str]) -> tuple[dict[str, int], dict[int, str]]:
    """Number the characters of the words.

    Args:
        words: Words over any alphabet, none of them with a dot in it; perhaps empty words, perhaps none at all.
            Not modified.

    Returns:
        (stoi, itos): from character to number and back. '.' is 0, and the V - 1 letters that occur in the words
        have the numbers 1 .. V-1 in sorted order.
    """
    # solution: begin
    stoi = {ch: i for i, ch in enumerate([".", *sorted(set("".join(words)))])}
    return stoi, {i: ch for ch, i in stoi.items()}
    # solution: end


def bigram_counts(words: list[str], stoi: dict[str, int]) -> Tensor:
    """Count how often each character follows each other one, the ends of the words included.

    A word stands between two dots: 'ab' gives the pairs '.a', 'ab' and 'b.', an empty word only '..'.

    Args:
        words: As in `build_vocab`; repeated words count each time. Not modified.
        stoi: A number 0 .. V-1 for each of V characters, among them '.' and every letter of the words. Letters
            that occur in no word are possible, and so is any number for the dot. Not modified.

    Returns:
        N (V, V) int64, where N[i, j] counts how often the character with number j came right after the one
        with number i. Without words it is all zeros.

    Source:
        Zero to Hero, lecture 2: counting in a 2-D tensor from 12:45.
    """
    # solution: begin
    i = torch.tensor([stoi[ch] for w in words for ch in "." + w], dtype=torch.int64)  # (n,): .emma
    j = torch.tensor([stoi[ch] for w in words for ch in w + "."], dtype=torch.int64)  # (n,): emma.
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int64)
    return N.index_put_((i, j), torch.ones_like(i), accumulate=True)  # N[i, j] += 1, repeats included
    # solution: end
