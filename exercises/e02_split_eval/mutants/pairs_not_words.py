import random


def split_words(words, fractions=(0.8, 0.1, 0.1), seed=42):
    pairs = [f".{w}."[i : i + 2] for w in words for i in range(len(w) + 1)]
    random.Random(seed).shuffle(pairs)
    n1 = int(fractions[0] * len(pairs))
    n2 = int((fractions[0] + fractions[1]) * len(pairs))
    return pairs[:n1], pairs[n1:n2], pairs[n2:]
