compare_after = compare


def compare(words_train, words_dev, seed, steps=100):
    return compare_after(words_train, words_dev, seed, steps)
