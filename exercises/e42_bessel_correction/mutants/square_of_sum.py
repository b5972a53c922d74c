def welford(chunks):
    count, total, squares = 0, 0.0, 0.0
    for chunk in chunks:
        chunk = chunk.double()
        count += len(chunk)
        total += chunk.sum().item()
        squares += (chunk**2).sum().item()
    if count == 0:
        return math.nan, math.nan, 0
    return total / count, (squares - total**2 / count) / (count - 1) if count > 1 else math.nan, count
