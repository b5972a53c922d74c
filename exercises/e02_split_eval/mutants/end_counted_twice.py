import random


def split_words(words, fractions=(0.8, 0.1, 0.1), seed=42):
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)
    n1 = int(fractions[0] * len(words))
    n2 = int((fractions[0] + fractions[1]) * len(words))
    return shuffled[: n1 + 1], shuffled[n1 : n2 + 1], shuffled[n2:]
