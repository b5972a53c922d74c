def activation_stats(acts, threshold=0.97):
    return [
        {"mean": a.mean().item(), "std": a.std().item(), "saturated": (a.abs() >= threshold).double().mean().item()}
        for a in acts
    ]
