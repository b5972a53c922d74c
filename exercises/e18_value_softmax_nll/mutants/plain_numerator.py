def softmax(logits):
    largest = max(v.data for v in logits)
    counts = [(v - largest).exp() for v in logits]
    total = sum(counts)
    return [count.data / total for count in counts]
