train_on = train_variant


def train_variant(words_train, seed, direct, weight, steps=STEPS):
    return train_on(words_train[:100], seed, direct, weight, steps)
