def receptive_field(model, block_size):
    embedding, *others = model.layers
    training = model.training
    model.train()
    emb = embedding(torch.randint(0, len(embedding.weight), (32, block_size))).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(Sequential(others)(emb).square().sum(), emb)
    model.train(training)
    return int(gradient.count_nonzero(dim=(0, 2)).count_nonzero())
