def healthy_lr(params, target=-3.0):
    return 10 ** (statistics.median(update_data_ratio(params, 1.0)) - target)
