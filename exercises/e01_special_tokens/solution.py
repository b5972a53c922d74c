"""Special tokens around a byte-pair tokenizer."""

import re
from itertools import pairwise

# --- given ---

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


# --- the exercise ---


def register_special(names: list[str], merges: Merges) -> dict[str, int]:
    """Give each special token an id of its own behind all ordinary ones."""
    special: dict[str, int] = {}
    for name in names:
        if not name or name in special:
            raise ValueError(f"a special token needs a name of its own, not {name!r}")
        special[name] = 256 + len(merges) + len(special)
    return special


def split_special(text: str, names: list[str]) -> list[str]:
    """Cut a text in front of and behind each special token in it."""
    if not names:
        return [text] if text else []
    longest_first = sorted(names, key=len, reverse=True)
    # A group in the pattern makes split keep what it splits at.
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)
    return [piece for piece in pieces if piece]


def encode_with_special(
    text: str, merges: Merges, special: dict[str, int], allowed: str | set[str] = "none_raise"
) -> list[int]:
    """Encode a text in which special tokens count as one id each, as far as they are allowed."""
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


def decode_with_special(ids: list[int], merges: Merges, special: dict[str, int]) -> str:
    """Decode ids, special ones included."""
    vocab = list_bytes(merges) | {i: name.encode("utf-8") for name, i in special.items()}
    if unknown := [i for i in ids if i not in vocab]:
        raise ValueError(f"there are no tokens with these ids: {unknown}")
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace")
