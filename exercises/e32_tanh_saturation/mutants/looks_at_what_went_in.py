def saturation(h, threshold=0.99):
    return (torch.atanh(h).abs() > threshold).to(h.dtype).mean(0)
