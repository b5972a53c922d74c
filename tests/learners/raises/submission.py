def helper(x):
    return x @ x.T


def double(x):
    return helper(x) + undefined_name
