def welford(chunks):
    mean, squares, count = 0.0, 0.0, 0
    for chunk in chunks:
        n = len(chunk)
        if n:
            chunk = chunk.double()
            m = chunk.mean().item()
            squares += ((chunk - m) ** 2).sum().item() + (m - mean) ** 2 * count * n / (count + n)
            mean += (m - mean) * n / (count + n)
            count += n
    return mean, squares / (count - 1), count
