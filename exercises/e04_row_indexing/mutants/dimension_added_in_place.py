def lookup_grad(xs, dlogits, vocab_size):
    C = dlogits.shape[-1]
    dW = dlogits.new_zeros(vocab_size, C)
    index = xs.unsqueeze_(-1)
    return dW.scatter_add_(0, index.reshape(-1, 1).expand(-1, C), dlogits.reshape(-1, C))
