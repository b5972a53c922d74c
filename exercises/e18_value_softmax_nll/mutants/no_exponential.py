def softmax(logits):
    total = sum(logits)
    return [v / total for v in logits]
