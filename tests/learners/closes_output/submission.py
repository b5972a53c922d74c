import os


def double(x):
    os.close(1)
    os.close(2)
    return 2 * x
