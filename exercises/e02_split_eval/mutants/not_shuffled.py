def split_words(words, fractions=(0.8, 0.1, 0.1), seed=42):
    n1 = int(fractions[0] * len(words))
    n2 = int((fractions[0] + fractions[1]) * len(words))
    return words[:n1], words[n1:n2], words[n2:]
