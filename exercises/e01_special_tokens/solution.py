"""Special tokens around a byte-pair tokenizer (lecture 8).

Source: "Let's build the GPT Tokenizer", from 1:18:26.
"""

# solution: begin
import re

# solution: end
from itertools import pairwise

# --- given: a trained byte-pair tokenizer, which knows no special tokens; leave it as it is ------------

#: Two neighbouring ids and the id that replaces them. 0 .. 255 are the single bytes; merges count on from 256.
Merges = dict[tuple[int, int], int]


def encode_ordinary(text: str, merges: Merges) -> list[int]:
    """Encode a text as ids: its UTF-8 bytes, merged pair by pair, the earliest merge first."""
    ids = list(text.encode("utf-8"))
    while True:
        pair = min(pairwise(ids), key=lambda p: merges.get(p, len(merges) + 256), default=None)
        if pair not in merges:
            return ids
        old, ids = ids, []
        for i in old:
            if ids and (ids[-1], i) == pair:
                ids[-1] = merges[pair]
            else:
                ids.append(i)


def list_bytes(merges: Merges) -> dict[int, bytes]:
    """List the bytes that each ordinary id stands for."""
    found = {i: bytes([i]) for i in range(256)}
    for (left, right), i in sorted(merges.items(), key=lambda item: item[1]):
        found[i] = found[left] + found[right]
    return found


# --- yours -------------------------------------------------------------------------------------------


def register_special(names: list[str], merges: Merges) -> dict[str, int]:
    """Give each special token an id of its own behind all ordinary ones.

    Args:
        names: The texts of the special tokens, such as "<|endoftext|>".
        merges: Those of the tokenizer, at any number, none included.

    Returns:
        The id of each name: the first id that no byte and no merge has, and so on upwards in the order of the names.

    Raises:
        ValueError: If a name is empty or stands there twice; the message shows it (as repr does).
    """
    # solution: begin
    special: dict[str, int] = {}
    for name in names:
        if not name or name in special:
            raise ValueError(f"a special token needs a name of its own, not {name!r}")
        special[name] = 256 + len(merges) + len(special)
    return special
    # solution: end


def split_special(text: str, names: list[str]) -> list[str]:
    """Cut a text in front of and behind each special token in it.

    The text is read from left to right. Where several names begin at the same character, the longest is taken; the search
    goes on behind it.

    Args:
        text: Any text; special tokens may stand in it anywhere, inside words and next to each other too.
        names: The texts to look for, of any characters, none empty, in any order; there may be none at all.

    Returns:
        The pieces in their order, special tokens among them; none is empty, and joined they are the text.
    """
    # solution: begin
    if not names:
        return [text] if text else []
    longest_first = sorted(names, key=len, reverse=True)
    # A group in the pattern makes split keep what it splits at.
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)
    return [piece for piece in pieces if piece]
    # solution: end


def encode_with_special(
    text: str, merges: Merges, special: dict[str, int], allowed: str | set[str] = "none_raise"
) -> list[int]:
    """Encode a text in which special tokens count as one id each, as far as they are allowed.

    Args:
        text: Any text.
        merges: Those of the tokenizer; `encode_ordinary` applies them.
        special: The id of each special token, any ids that are not ordinary ones.
        allowed: Which special tokens are looked for; all else, other special tokens included, is ordinary text.
            "all" of them; "none" of them; a set of names: these; "none_raise": none, and they must not occur.

    Returns:
        The ids. No merge joins what stands on different sides of a special token that was found.

    Raises:
        ValueError: If `allowed` is "none_raise" and the text of a special token occurs, if it is any other
            string, or a set with a name that is not special; the message shows the name or string.
    """
    # solution: begin
    if isinstance(allowed, str):
        if allowed not in ("all", "none", "none_raise"):
            raise ValueError(f"allowed should be all, none, none_raise or a set, not {allowed!r}")
        present = [name for name in special if name in text]
        if allowed == "none_raise" and present:
            raise ValueError(f"the text holds special tokens, which are not allowed: {present}")
        allowed = set(special) if allowed == "all" else set()
    if unknown := allowed - set(special):
        raise ValueError(f"these are not special tokens: {unknown}")
    ids = []
    for piece in split_special(text, list(allowed)):
        ids += [special[piece]] if piece in allowed else encode_ordinary(piece, merges)
    return ids
    # solution: end


def decode_with_special(ids: list[int], merges: Merges, special: dict[str, int]) -> str:
    """Decode ids, special ones included.

    Args:
        ids: Ordinary and special ids in any order.
        merges: Those of the tokenizer; `list_bytes` tells what their ids stand for.
        special: The id of each special token, as for `encode_with_special`.

    Returns:
        The text, in which each special token stands as its name. Bytes that are no valid UTF-8 become the
        replacement character U+FFFD; a character may be spread over several ids.

    Raises:
        ValueError: If an id is neither ordinary nor special; the message shows it.
    """
    # solution: begin
    vocab = list_bytes(merges) | {i: name.encode("utf-8") for name, i in special.items()}
    if unknown := [i for i in ids if i not in vocab]:
        raise ValueError(f"there are no tokens with these ids: {unknown}")
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace")
    # solution: end
