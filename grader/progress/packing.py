"""Keep texts that resemble one another small: each is compressed with an earlier one as its dictionary.

A text stands either alone (a whole text) or upon one whole text, its base; never upon one that has a base itself. So a
text that is damaged costs itself and at most the `MOST_UPON` texts upon it, and reading one takes two steps at most.
"""

import zlib
from typing import NamedTuple

#: So many texts may stand upon one: whole texts are then a few percent of all, and little is lost with one of them.
MOST_UPON = 24
#: A text that is still larger than this share of itself upon its base has changed so much that it is better a base.
_WORTH_SHARE = 0.2
#: However short the text.
_SMALL_BYTES = 64
#: What zlib can look back on; of a longer base the end is used.
_WINDOW_BYTES = 32_768
_LEVEL = 6  # zlib's own choice; 9 is there twice as slow and saves a hundredth
#: A text of the log is at most a submission of 1 MiB; a packed one that grows beyond this was not made by us.
_MOST_BYTES = 64 * 2**20


class Base(NamedTuple):
    """A whole text that others may stand upon: its row's number, the text, and how many stand upon it."""

    number: int
    text: bytes
    upon: int


class Packed(NamedTuple):
    """A packed text; `base` is the number of its base and `upon` its place among those on it, both None of a whole."""

    data: bytes
    base: int | None
    upon: int | None


def pack(text: bytes, base: Base | None = None) -> Packed:
    """Compress a text, upon `base` where that is worth it."""
    if base is not None and base.upon < MOST_UPON:
        packer = zlib.compressobj(_LEVEL, zdict=base.text[-_WINDOW_BYTES:])
        upon = packer.compress(text) + packer.flush()
        if len(upon) <= max(_SMALL_BYTES, _WORTH_SHARE * len(text)):
            return Packed(upon, base.number, base.upon + 1)
    return Packed(zlib.compress(text, _LEVEL), None, None)


def unpack(data: bytes, base: bytes | None = None) -> bytes:
    """Return the text that was packed, upon the text `base` if it has one.

    Raises:
        zlib.error: If it is damaged: zlib keeps a checksum of the text and of its dictionary.
    """
    unpacker = zlib.decompressobj() if base is None else zlib.decompressobj(zdict=base[-_WINDOW_BYTES:])
    text = unpacker.decompress(data, _MOST_BYTES)
    if not unpacker.eof:
        raise zlib.error("the packed text is cut off")
    return text
