import random


def split_words(words, fractions=(0.8, 0.1, 0.1), seed=42):
    shuffled = list(words)
    random.Random(seed).shuffle(shuffled)
    a, b, c = (int(fraction * len(words)) for fraction in fractions)
    return shuffled[:a], shuffled[a : a + b], shuffled[a + b : a + b + c]
