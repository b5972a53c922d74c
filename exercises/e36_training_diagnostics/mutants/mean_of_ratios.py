def healthy_lr(params, target=-3.0):
    return 10 ** (target - statistics.mean(update_data_ratio(params, 1.0)))
