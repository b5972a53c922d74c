def lookup_grad(xs, dlogits, vocab_size):
    dW = dlogits.new_zeros(vocab_size, dlogits.shape[-1])
    dW.index_put_((xs,), dlogits, accumulate=True)
    uses = dlogits.new_zeros(vocab_size).index_put_((xs,), dlogits.new_ones(xs.shape), accumulate=True)
    return dW / uses.clamp_min(1)[:, None]
