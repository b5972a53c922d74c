def healthy_lr(params, target=-3.0):
    ratios = update_data_ratio(params, 1.0)
    if not ratios:
        raise ValueError("no matrix")
    return 10 ** (target - torch.tensor(ratios).median().item())
