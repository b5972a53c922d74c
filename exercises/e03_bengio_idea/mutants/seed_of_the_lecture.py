train_seeded = train_variant


def train_variant(words_train, seed, direct, weight, steps=STEPS):
    return train_seeded(words_train, 2147483647, direct, weight, steps)
