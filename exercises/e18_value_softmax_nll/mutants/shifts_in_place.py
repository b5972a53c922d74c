def softmax(logits):
    largest = max(v.data for v in logits)
    for v in logits:
        v.data -= largest
    counts = [v.exp() for v in logits]
    total = sum(counts)
    return [count / total for count in counts]
