def saturation(h, threshold=0.99):
    return (h.abs() > 0.99).to(h.dtype).mean(0)
