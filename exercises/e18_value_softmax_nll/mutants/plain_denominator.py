def softmax(logits):
    largest = max(v.data for v in logits)
    counts = [(v - largest).exp() for v in logits]
    return [count / sum(c.data for c in counts) for count in counts]
