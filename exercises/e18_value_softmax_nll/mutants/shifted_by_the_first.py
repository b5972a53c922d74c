def softmax(logits):
    counts = [(v - logits[0].data).exp() for v in logits]
    total = sum(counts)
    return [count / total for count in counts]
