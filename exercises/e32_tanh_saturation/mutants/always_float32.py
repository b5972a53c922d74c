def saturation(h, threshold=0.99):
    return (h.abs() > threshold).float().mean(0)
