def trainable_parts(X, Y, vocab_size, n_embd, n_hidden, steps, lr):
    return {"W2", "b2"} if steps > 0 and lr > 0 else set()
