"""Letter-by-letter word makers whose entropy is computed, not estimated.

A maker spells one word at a time. Before each character it looks at the number of letters so far and at a
small *memory*, and either closes the word with the end token or draws one more letter. The letter alone
decides the next memory (such a process is called unifilar), so a word is spelled along exactly one path.
Three things follow:

1. The chance of a word is a product of known numbers, so its surprisal -log P(word) is exact
   (`word_surprisal`).
2. By the chain rule the entropy of a word is the sum, over all (length, memory) points s, of
   P(a word passes s) * H(next character at s), where the end token counts as a character. P(a word passes s)
   is found by pushing the mass 1 of the empty word forward, one letter at a time; words are bounded, so the
   sum ends.
3. The expected number of predicted characters is the sum of the P(a word passes s) themselves.

`entropy_per_character` gives both sums; their ratio is the floor. Words are independent, so over a long list
(total surprisal) / (total characters) tends to that ratio, and no model can be expected to do better: for any
model q, Gibbs' inequality gives E[-log q(word)] >= H(word), over the same number of characters.
"""

import math
import random
from bisect import bisect
from collections.abc import Hashable, Iterator
from itertools import accumulate
from typing import NamedTuple, Protocol, TypeVar

Memory = TypeVar("Memory", bound=Hashable)


class LetterProcess(Protocol[Memory]):
    """A bounded unifilar word maker."""

    @property
    def blank(self) -> Memory:
        """Give the memory before the first letter."""
        ...

    def stop_chance(self, length: int, memory: Memory) -> float:
        """Give the chance that the word ends after `length` letters; 1 from some length on."""
        ...

    def letter_chances(self, memory: Memory) -> dict[str, float]:
        """Give the chance of each next letter, if the word goes on; they sum to 1 and none is 0."""
        ...

    def remember(self, memory: Memory, letter: str) -> Memory:
        """Give the memory after one more letter."""
        ...


class Entropy(NamedTuple):
    """What one word of a process is worth on average."""

    nats_per_word: float
    characters_per_word: float  # the end token included

    @property
    def nats_per_character(self) -> float:
        """Give the average surprisal per predicted character: the floor for every model."""
        return self.nats_per_word / self.characters_per_word


def entropy_per_character(process: LetterProcess[Memory]) -> Entropy:
    """Compute the exact entropy of a word and its expected length; see the derivation above."""
    arcs: dict[Memory, list[tuple[float, Memory]]] = {}
    letter_entropy: dict[Memory, float] = {}
    nats: list[float] = []
    characters: list[float] = []
    passing = {process.blank: 1.0}  # memory -> P(a word gets this far with this memory), for one length
    length = 0
    while passing:
        onward: dict[Memory, float] = {}
        for memory, mass in passing.items():
            characters.append(mass)
            stop = process.stop_chance(length, memory)
            if stop > 0:
                nats.append(-mass * stop * math.log(stop))
            if stop >= 1:
                continue
            if memory not in arcs:
                chances = process.letter_chances(memory)
                arcs[memory] = [(p, process.remember(memory, letter)) for letter, p in chances.items()]
                letter_entropy[memory] = -math.fsum(p * math.log(p) for p in chances.values())
            going_on = mass * (1 - stop)
            nats.append(going_on * (letter_entropy[memory] - math.log1p(-stop)))
            for p, after in arcs[memory]:
                onward[after] = onward.get(after, 0.0) + going_on * p
        passing = onward
        length += 1
    return Entropy(math.fsum(nats), math.fsum(characters))


def sample_words(process: LetterProcess[Memory], count: int, seed: int) -> Iterator[str]:
    """Spell `count` independent words, repeats included; the same seed gives the same words everywhere.

    Only `random.random()`, which Python promises never to change, and + * / on floats are used, so the words
    do not depend on the platform or the Python version.
    """
    draw = random.Random(seed).random
    wheels: dict[Memory, tuple[list[str], list[float], list[Memory]]] = {}
    for _ in range(count):
        word, memory = "", process.blank
        while draw() >= process.stop_chance(len(word), memory):
            if memory not in wheels:
                chances = process.letter_chances(memory)
                after = [process.remember(memory, letter) for letter in chances]
                wheels[memory] = (list(chances), list(accumulate(chances.values())), after)
            letters, cumulative, memories = wheels[memory]
            # The product can round up to the last edge: without the bound that draw would fall off the wheel.
            place = min(bisect(cumulative, draw() * cumulative[-1]), len(letters) - 1)
            word, memory = word + letters[place], memories[place]
        yield word


def word_surprisal(process: LetterProcess[Memory], word: str) -> float:
    """Give -log P(word) in nats, the end token included; inf for a word the process never makes."""
    nats, memory = 0.0, process.blank
    for length, letter in enumerate(word):
        chance = (1 - process.stop_chance(length, memory)) * process.letter_chances(memory).get(letter, 0.0)
        if chance == 0:
            return math.inf
        nats -= math.log(chance)
        memory = process.remember(memory, letter)
    stop = process.stop_chance(len(word), memory)
    return nats - math.log(stop) if stop else math.inf
