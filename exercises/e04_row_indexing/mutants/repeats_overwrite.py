def lookup_grad(xs, dlogits, vocab_size):
    dW = dlogits.new_zeros(vocab_size, dlogits.shape[-1])
    dW[xs] = dlogits
    return dW
