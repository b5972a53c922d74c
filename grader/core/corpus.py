"""The words that some exercises train on."""

from typing import Literal

from msgspec import Struct

CorpusName = Literal["names", "embedded"]


class Corpus(Struct, frozen=True, kw_only=True):
    """The words a check works on; the thresholds of an exercise belong to `name`."""

    name: CorpusName
    words: tuple[str, ...]
    source: str  # one phrase for the learner: which file, or how made
    floor_nats: float | None  # exact entropy per predicted character, end token included; None where unknown
