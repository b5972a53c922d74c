def lookup_grad(xs, dlogits, vocab_size):
    dW = dlogits.new_zeros(vocab_size, dlogits.shape[-1])
    return dW.index_put_((xs,), dlogits / max(1, xs.numel()), accumulate=True)
