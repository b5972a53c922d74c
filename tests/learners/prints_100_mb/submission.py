LINE = "x" * 99_999


def double(x):
    for i in range(350):
        print(LINE)
    return 2 * x
