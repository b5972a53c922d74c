def log_softmax(logits, dim=-1):
    shifted = logits - logits.detach().amax(dim, keepdim=True)
    return shifted - shifted.detach().exp().sum(dim, keepdim=True).log()
