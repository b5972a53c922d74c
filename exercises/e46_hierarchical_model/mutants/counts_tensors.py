def count_parameters(model):
    return len(model.parameters())
