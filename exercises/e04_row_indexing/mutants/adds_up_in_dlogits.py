def lookup_grad(xs, dlogits, vocab_size):
    C = dlogits.shape[-1]
    dW = dlogits.new_zeros(vocab_size, C)
    rows, at = dlogits.view(-1, C), {}
    for n, i in enumerate(xs.flatten().tolist()):
        if i in at:
            rows[at[i]] += rows[n]
        else:
            at[i] = n
    for i, n in at.items():
        dW[i] = rows[n]
    return dW
