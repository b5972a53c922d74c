LINE = "x" * 99_999


def double(x):
    for i in range(1000):
        print(LINE)
    return 2 * x
