def softmax(logits):
    counts = [v.exp() for v in logits]
    total = sum(counts)
    return [count / total for count in counts]
