def welford(chunks):
    mean, squares, count = 0.0, 0.0, 0
    for chunk in chunks:
        n = len(chunk)
        chunk = chunk.double()
        m = chunk.mean().item()
        squares += ((chunk - m) ** 2).sum().item() + (m - mean) ** 2 * count * n / max(count + n, 1)
        mean += (m - mean) * n / max(count + n, 1)
        count += n
    return mean if count else math.nan, squares / (count - 1) if count > 1 else math.nan, count
