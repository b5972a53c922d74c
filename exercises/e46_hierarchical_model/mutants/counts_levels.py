def receptive_field(model, block_size):
    return block_size
