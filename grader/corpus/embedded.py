"""The embedded corpus: made-up names from a small process of our own, with a known floor.

The names file is not ours to ship, and a learner may be offline. These words stand in for it: about as hard
as real names for a bigram or a trigram model, with rules that reach further back for models with a longer
context, and with an exact entropy, so that one can see how far above the floor a model still is. No count of
real names went into the tables.

The rules. The first letter is drawn by `LETTER_WEIGHTS` and puts the word in one of six families for good.
After that:

- *Consonant or vowel* depends on the run at the end of the word: one consonant or more, one vowel or more.
- *A vowel after a consonant* follows the vowel cycle of the family: if the last vowel is in the cycle,
  the next one along is the likeliest; the others of the cycle come after it, strangers are rare. So a vowel
  looks back over the consonants.
- *A consonant after a vowel* follows the consonant cycle of the family in the same way.
- *Two in a row*: consonants pair up by `CLUSTERS`, vowels double only as ee and oo; the family's own lead.
- *A slip*: one letter in 64 is drawn by `LETTER_WEIGHTS` whatever the rules say, so no letter is impossible.
- *The end* is likely near the usual length of the family: more so after one of its closing letters, less so
  after two consonants, two vowels or an awkward letter.

What must be remembered is (family, last vowel, last consonant, run) and the number of letters, all of it
known from the letters so far; `process.py` derives why that makes the entropy exact.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .files import keep_atomically, read_capped, reason, set_aside
from .process import sample_words

EMBEDDED_COUNT = 32_000
# Any seed would do; with this one the train, dev and test parts are about equally hard.
EMBEDDED_SEED = 16
EMBEDDED_SHA256 = "135f9d29a81a092681e3743cdaa390b835d3fb5137911cecb912772165fd95d3"
# Exact entropy in nats per predicted character: what `entropy_per_character(MadeUpNames())` computes. Kept as
# a number so that no command spends the third of a second; a test computes it again.
EMBEDDED_FLOOR_NATS = 1.8965100030470305

LONGEST = 13
VOWELS = "aeiouy"
# A letter's share is its weight over the sum of the weights it competes with.
LETTER_WEIGHTS = dict(
    zip(
        "aeiouynlrstmdkhbvcgfpjwzxq",
        (30, 24, 20, 16, 9, 9, 30, 24, 24, 20, 17, 17, 14, 12, 10, 9, 9, 8, 8, 7, 7, 6, 6, 5, 3, 2),
        strict=True,
    )
)
SUCCESSOR, FAVOURITE = 160, 30  # against 1 for a letter outside the cycle
CLUSTER_FACTOR, FAMILY_FACTOR = 10, 4  # for two in a row
SLIP = 1 / 64
# For each consonant, the ones that like to stand right after it.
CLUSTERS = {
    pair[0]: pair[1:]
    for pair in (
        *("brl", "chlr", "drn", "frlf", "grln", "hmn", "jrm", "krlh", "lldtm", "mmbp"),
        *("nndtg", "prlh", "qw", "rrndt", "stshk", "tthr", "vrl", "wrn", "xtp", "zzm"),
    )
}
# Chance in percent that a consonant comes next, by the run at the end; few words open with two consonants.
CONSONANT_PERCENT = {"c": 16, "cc": 3, "v": 87, "vv": 97}
OPENING_PAIR_PERCENT = 5
# Chance in percent to stop, by the letters so far minus the usual length (beyond either end: as at that end).
STOP_PERCENT = {-3: 2, -2: 4, -1: 10, 0: 45, 1: 50, 2: 55, 3: 60, 4: 70, 5: 80}
CLOSING_FACTOR, AWKWARD_FACTOR = 8, 3  # on the odds of stopping, and of going on
AWKWARD = "bijquvw"


class Family(NamedTuple):
    """One way of making names: who starts it, what it likes, how it ends."""

    first_letters: str
    vowels: str  # a cycle: the last is followed by the first
    consonants: str  # a cycle too
    closing: str
    usual_length: int


FAMILIES = (
    Family("amsy", "aie", "mlnrsv", "an", 6),
    Family("kdgu", "oau", "krndtg", "nrk", 5),
    Family("efhwi", "eiy", "lfsthn", "elyh", 6),
    Family("cxzqp", "aeo", "csxtzp", "osxz", 8),
    Family("bojr", "oui", "bjmrlw", "omr", 6),
    Family("tlnv", "eau", "tvldkh", "dta", 7),
)
_FAMILY_OF = {letter: place for place, family in enumerate(FAMILIES) for letter in family.first_letters}


class LetterContext(NamedTuple):
    """What the next letter depends on besides the length: all of it follows from the letters so far."""

    family: int  # place in FAMILIES
    vowel: str  # the last one; "" before the first
    consonant: str  # the last one; "" before the first
    run: str  # the end of the word: c, cc (two or more), v or vv; "" before the first letter


class MadeUpNames:
    """The process that spells the embedded corpus, a `LetterProcess[LetterContext]`."""

    @property
    def blank(self) -> LetterContext:
        """Give the memory before the first letter."""
        return LetterContext(0, "", "", "")

    def stop_chance(self, length: int, memory: LetterContext) -> float:
        """Give the chance that the word ends here; a word has 2 to `LONGEST` letters."""
        if not 2 <= length < LONGEST:
            return float(length == LONGEST)
        family = FAMILIES[memory.family]
        last = memory.vowel if memory.run[0] == "v" else memory.consonant
        percent = STOP_PERCENT[max(-3, min(5, length - family.usual_length))]
        ending = percent * (CLOSING_FACTOR if last in family.closing else 1)
        going_on = (100 - percent) * (AWKWARD_FACTOR if len(memory.run) == 2 or last in AWKWARD else 1)
        return ending / (ending + going_on)

    def letter_chances(self, memory: LetterContext) -> dict[str, float]:
        """Give the chance of each of the 26 letters to come next, in the order of `LETTER_WEIGHTS`."""
        everything = sum(LETTER_WEIGHTS.values())
        if not memory.run:
            return {letter: weight / everything for letter, weight in LETTER_WEIGHTS.items()}
        weights = {letter: _weigh(letter, memory) for letter in LETTER_WEIGHTS}
        vowels = sum(weights[letter] for letter in VOWELS)
        consonants = sum(weights.values()) - vowels
        percent = CONSONANT_PERCENT[memory.run] if memory.vowel else OPENING_PAIR_PERCENT
        chances = {}
        for letter, weight in weights.items():
            by_rule = (100 - percent) * weight / vowels if letter in VOWELS else percent * weight / consonants
            chances[letter] = (1 - SLIP) * by_rule / 100 + SLIP * LETTER_WEIGHTS[letter] / everything
        return chances

    def remember(self, memory: LetterContext, letter: str) -> LetterContext:
        """Give the memory after one more letter."""
        family = memory.family if memory.run else _FAMILY_OF[letter]
        if letter in VOWELS:
            return LetterContext(family, letter, memory.consonant, "vv" if memory.run[:1] == "v" else "v")
        return LetterContext(family, memory.vowel, letter, "cc" if memory.run[:1] == "c" else "c")


def _weigh(letter: str, memory: LetterContext) -> int:
    """Weigh a letter against the others of its kind (integers, so that no rounding enters the sums)."""
    family = FAMILIES[memory.family]
    base = LETTER_WEIGHTS[letter]
    after_vowel = memory.run[0] == "v"
    if letter in VOWELS:
        if not after_vowel:
            return base * _cycle_factor(family.vowels, memory.vowel, letter)
        if letter == memory.vowel and letter not in "eo":
            return 0
        return base * (FAMILY_FACTOR if letter in family.vowels else 1)
    if after_vowel:
        return base * _cycle_factor(family.consonants, memory.consonant, letter)
    pair = CLUSTER_FACTOR if letter in CLUSTERS[memory.consonant] else 1
    return base * pair * (FAMILY_FACTOR if letter in family.consonants else 1)


def _cycle_factor(cycle: str, last: str, letter: str) -> int:
    """Weigh a letter by its place in the cycle: the successor of the last one, another member, a stranger."""
    if letter not in cycle:
        return 1
    if last and last in cycle and (cycle.index(letter) - cycle.index(last)) % len(cycle) == 1:
        return SUCCESSOR
    return FAVOURITE


def embedded_path(cache_dir: Path) -> Path:
    """Name the file that keeps the words; another version of the process has another name."""
    return cache_dir / f"embedded-{EMBEDDED_SHA256[:8]}.txt"


def make_embedded_words() -> tuple[str, ...]:
    """Spell the embedded corpus: `EMBEDDED_COUNT` words, always the same ones (under a second)."""
    return tuple(sample_words(MadeUpNames(), EMBEDDED_COUNT, EMBEDDED_SEED))


def load_embedded_words(cache_dir: Path, *, report: Callable[[str], None]) -> tuple[str, ...]:
    """Read the words kept in the cache, or spell them and keep them.

    A kept file that is not what it should be is set aside and reported. A cache that cannot be written is
    reported too, and costs only time.
    """
    path = embedded_path(cache_dir)
    try:
        data = read_capped(path)
        if hashlib.sha256(data).hexdigest() == EMBEDDED_SHA256:
            return tuple(data.decode("ascii").split("\n"))
        aside = set_aside(path)
        report(f"The kept copy of the embedded corpus was damaged; it is now {aside} and a new one is made.")
    except FileNotFoundError:
        pass  # The first time; also when another command has just set the damaged copy aside.
    except OSError as error:
        report(f"The kept copy of the embedded corpus, {path}, cannot be read: {reason(error)}.")
    words = make_embedded_words()
    try:
        keep_atomically(path, "\n".join(words).encode("ascii"))
    except OSError as error:
        report(f"The embedded corpus could not be kept in {path}: {reason(error)}. It is made again next time.")
    return words
