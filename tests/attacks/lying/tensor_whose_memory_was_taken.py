"""Return a tensor whose storage has been given back.

expect: failed
checks: scale=failed|errored|crashed
"""


def scale(x, k):
    answer = (x * k).contiguous().clone()
    answer.untyped_storage().resize_(0)
    return answer
