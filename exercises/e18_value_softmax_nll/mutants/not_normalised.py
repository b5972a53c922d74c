def softmax(logits):
    largest = max(v.data for v in logits)
    counts = [(v - largest).exp() for v in logits]
    return [count / max(counts, key=lambda v: v.data) for count in counts]
