"""Texts as they are compared: without case, accents, punctuation, and what cannot be seen."""

import hashlib
import re
import unicodedata

#: Letters that Unicode does not take apart into a base and an accent.
_BASES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
#: Words that YAML takes for something else than text, where they stand alone.
_YAML_WORDS = {"true", "false", "yes", "no", "on", "off", "null"}


def fold(text: str) -> str:
    """Return a text in small letters and without accents: `Łukasz Müller` becomes `lukasz muller`."""
    # Twice, because taking a letter apart may give a capital one: № becomes No.
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)).translate(_BASES)


def split_words(text: str) -> list[str]:
    """Return the words and numbers of a text, folded."""
    return re.findall(r"[^\W_]+", fold(text))


def tidy(text: str) -> str:
    """Return a text as one line without control characters and what cannot be seen."""
    seen = "".join(" " if c in "\t\n\r\x0b\x0c\x85\u2028\u2029" else c for c in text)
    kept = "".join(c for c in seen if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(kept.split())


def make_id(text: str, kind: str, max_characters: int = 60) -> str:
    """Make an id of a title: `Attention Is All You Need` becomes `attention-is-all-you-need`.

    A title without Latin letters gets an id of its `kind` and a checksum, so the same title always gets the same id.
    """
    words = [word for word in split_words(text) if word.isascii()]
    made = ""
    for word in words:
        longer = f"{made}-{word}" if made else word[:max_characters]
        if len(longer) > max_characters:
            break
        made = longer
    if not re.search("[a-z]", made):
        made = f"{kind}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"
    return f"{kind}-{made}"[:max_characters].rstrip("-") if made[0].isdigit() or made in _YAML_WORDS else made


def make_unique(name: str, taken: set[str]) -> str:
    """Return an id that is not taken: the name itself, else with a number behind it."""
    if name not in taken:
        return name
    return next(other for n in range(2, len(taken) + 3) if (other := f"{name}-{n}") not in taken)
