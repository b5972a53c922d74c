"""Call the method of the same name.

expect: failed
checks: softmax=failed
"""


def softmax(x):
    return x.softmax(-1)
