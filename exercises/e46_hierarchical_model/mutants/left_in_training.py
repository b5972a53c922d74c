_measure = receptive_field


def receptive_field(model, block_size):
    found = _measure(model, block_size)
    model.train()
    return found
