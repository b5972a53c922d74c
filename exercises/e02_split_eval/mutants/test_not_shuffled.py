import random


def split_words(words, fractions=(0.8, 0.1, 0.1), seed=42):
    n1 = int(fractions[0] * len(words))
    n2 = int((fractions[0] + fractions[1]) * len(words))
    rest = words[:n2]
    random.Random(seed).shuffle(rest)
    return rest[:n1], rest[n1:], words[n2:]
