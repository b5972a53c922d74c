def welford(chunks):
    mean, squares, count = 0.0, 0.0, 0
    for chunk in chunks:
        n = len(chunk)
        if n:
            m = chunk.mean().item()
            squares += ((chunk - m) ** 2).sum().item() + (m - mean) ** 2 * count * n / (count + n)
            mean += (m - mean) * n / (count + n)
            count += n
    return mean if count else math.nan, squares / (count - 1) if count > 1 else math.nan, count
