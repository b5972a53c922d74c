def welford(chunks):
    count, total = 0, 0.0
    for chunk in chunks:
        count += len(chunk)
        total += chunk.double().sum().item()
    mean = total / count if count else math.nan
    squares = 0.0
    for chunk in chunks:
        squares += ((chunk.double() - mean) ** 2).sum().item()
    return mean, squares / (count - 1) if count > 1 else math.nan, count
