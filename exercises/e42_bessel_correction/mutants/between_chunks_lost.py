def welford(chunks):
    mean, squares, count = 0.0, 0.0, 0
    for chunk in chunks:
        if len(chunk):
            chunk = chunk.double()
            m = chunk.mean().item()
            squares += ((chunk - m) ** 2).sum().item()
            mean += (m - mean) * len(chunk) / (count + len(chunk))
            count += len(chunk)
    return mean if count else math.nan, squares / (count - 1) if count > 1 else math.nan, count
