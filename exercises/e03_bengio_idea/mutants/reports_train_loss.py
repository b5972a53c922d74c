compare_on = compare


def compare(words_train, words_dev, seed, steps=STEPS):
    return compare_on(words_train, words_train, seed, steps)
