from collections import Counter


def count_pairs(words, word_counts):
    return Counter(pair for symbols in words.values() for pair in find_pairs(symbols))
