def uniform_loss(vocab_size):
    return 1 / vocab_size
