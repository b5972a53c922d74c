def double(x):
    return 2 * x


print("experiment")
print(double(3) / 0)
