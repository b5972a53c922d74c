def receptive_field(model, block_size):
    training = model.training
    model.train(False)
    embedding, *others = model.layers
    emb = embedding(torch.randint(0, len(embedding.weight), (32, block_size))).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(Sequential(others)(emb).square().sum(), emb)
    model.train(training)
    there = gradient.count_nonzero(dim=(0, 2)).nonzero()
    return block_size - int(there.min()) if len(there) else 0
